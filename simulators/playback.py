"""The demo's course: broker, agent, subscriber and devices on one event loop, from the first connection to the last answer."""

import asyncio
import json
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path

from agent.app import App
from agent.config import Config, ModelConfig, parse_config
from agent.loader import LoadedModel
from agent.summarise.observe import AHEAD
from simulators.embedded import HOST, embedded_broker
from simulators.mix import mixed
from simulators.moment import START
from simulators.score import Scoreboard
from simulators.screen import Screen, View
from simulators.sinks import BrokerSink
from simulators.world import World

Load = Callable[[ModelConfig, Path], Awaitable[LoadedModel]]
AGENT = "demo"
SPEED = 20.0
"""Simulated seconds in one second: thirty devices make some twenty messages a second of it."""
SETTLE_SECONDS = 8.0
"""How long the last messages may take at the end."""
INTERRUPTED_SECONDS = 3.0
"""The same where somebody asked to stop, and waits."""
RATE_SECONDS = 5.0
TURN_SECONDS = 0.02
DAY_SECONDS = 86400


def agent_config(port: int, folder: Path) -> Config:
    """The agent's configuration: its defaults, but for a broker that speaks 3.1.1, a hundred new shapes within seconds, short windows."""
    return parse_config(
        {
            "agent": AGENT,
            "state_folder": str(folder / "state"),
            "drain_seconds": 3,
            "mqtt": {"host": HOST, "port": port, "protocol": "3.1.1"},
            "model": {"queue_limit": 1000, "deadline_seconds": 120},
            "summaries": {"window_seconds": 20, "lateness_seconds": 2},
            "telemetry": {"log_level": "warning", "log_format": "text"},
        },
        "the demo's configuration",
    )


def next_start(now: float) -> float:
    """The next time of day at which simulated time begins, in seconds since 1970 UTC.

    Simulated time runs faster than the agent's clock, so windows have to go by arrival. They do where stated times lie ahead of it by
    more than the agent believes. At the same time of day the sun and people's hours are the same in every demo.
    """
    ahead = now + 2 * AHEAD.total_seconds() - START
    return START + math.ceil(ahead / DAY_SECONDS) * DAY_SECONDS


async def first_of(agent: asyncio.Task[None], stop: asyncio.Event, seconds: float) -> None:
    """Return when the agent has ended, ``stop`` is set or the time is over."""
    asked = asyncio.ensure_future(stop.wait())
    await asyncio.wait((agent, asked), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()


def size(topic: str, payload: bytes) -> int:
    """Bytes of a message's topic and payload."""
    return len(topic.encode()) + len(payload)


class Playback:
    """One demo. ``board``, ``metrics`` and ``view`` hold what came of it, whenever it ends."""

    def __init__(
        self,
        *,
        seconds: float,
        seed: int,
        devices: int,
        start: float | None,
        folder: Path,
        load: Load,
        screen: Screen,
        speed: float = SPEED,
    ) -> None:
        self._seconds, self._seed, self._devices, self._start = seconds, seed, devices, start
        self._folder, self._load, self._screen = folder, load, screen
        self._speed = speed
        self.board = Scoreboard()
        self.view = View(devices=devices)
        self.metrics: dict[str, float | None] = {}
        self._sent_at: deque[float] = deque()

    async def run(self, stop: asyncio.Event) -> None:
        """Play until the time is up or ``stop`` is set. Raises ``FatalError`` where the agent cannot run."""
        async with embedded_broker() as port:
            app, agent_stop = App(agent_config(port, self._folder), load=self._load), asyncio.Event()
            agent = asyncio.create_task(app.run(agent_stop), name="demo.agent")
            drawing = asyncio.create_task(self._draw(app), name="demo.screen")
            try:
                await self._wait_for_agent(app, agent, stop)
                if not stop.is_set():
                    await self._play(port, agent, stop)
                self.view.state = "stopping"
                self.metrics = app.metrics.snapshot() if app.metrics.count("subscriptions_total") else {}
            finally:
                agent_stop.set()
                drawing.cancel()
                await asyncio.wait((agent, drawing))
            await agent
            if not drawing.cancelled():
                await drawing

    async def _wait_for_agent(self, app: App, agent: asyncio.Task[None], stop: asyncio.Event) -> None:
        self.view.state = "loading the model"
        while not (app.metrics.count("subscriptions_total") or agent.done() or stop.is_set()):
            await first_of(agent, stop, TURN_SECONDS)
        if agent.done():
            await agent

    async def _play(self, port: int, agent: asyncio.Task[None], stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        sink = await asyncio.to_thread(BrokerSink, HOST, port, "sensorscribe-simulators")
        try:
            root = f"sensorscribe/{AGENT}"

            def receive(topic: str, payload: bytes) -> None:
                loop.call_soon_threadsafe(self._heard, topic, payload)

            await asyncio.to_thread(sink.listen, [f"{root}/readings/#", f"{root}/summaries/#", f"{root}/quarantine"], receive)
            self.view.state = "playing"
            start = next_start(time.time()) if self._start is None else self._start
            await self._send(sink, World(mixed(), self._seed, self._devices, start), agent, stop)
            self.view.state = "finishing"
            deadline = loop.time() + (INTERRUPTED_SECONDS if stop.is_set() else SETTLE_SECONDS)
            while self.board.unanswered and loop.time() < deadline and not agent.done():
                await asyncio.wait((agent,), timeout=TURN_SECONDS)
            self.board.close()
        finally:
            await asyncio.to_thread(sink.close)

    async def _send(self, sink: BrokerSink, world: World, agent: asyncio.Task[None], stop: asyncio.Event) -> None:
        """Send each message when its time has come."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for message in world.traffic():
            due = min((message.at - world.start) / self._speed, self._seconds)
            while not stop.is_set() and not agent.done() and (left := began + due - loop.time()) > 0:
                self.view.elapsed_seconds = loop.time() - began
                await first_of(agent, stop, left)
            self.view.elapsed_seconds = loop.time() - began
            if stop.is_set() or agent.done() or self.view.elapsed_seconds >= self._seconds:
                return
            self.board.sent(message)
            self.view.sent += 1
            self.view.raw_bytes += size(message.topic, message.body)
            self._sent_at.append(loop.time())
            await asyncio.to_thread(sink.send, message)  # it may wait for the broker, which is on this loop

    def _heard(self, topic: str, payload: bytes) -> None:
        body = json.loads(payload)
        if topic.endswith("/quarantine"):
            self.board.quarantined(body)
        elif "/readings/" in topic:  # the broker was seen to deliver the agent's birth here, which nobody subscribed
            self.board.published(body)
            self.view.latest.extend(body["readings"])
        elif "/summaries/" in topic:
            self.view.told[body["by"]] += 1
            self.view.summary_bytes += size(topic, payload)
            self.view.summed_up += body["counts"]["messages"]
            self._screen.tell(body)

    async def _draw(self, app: App) -> None:
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            while self._sent_at and self._sent_at[0] < now - RATE_SECONDS:
                self._sent_at.popleft()
            view, metrics = self.view, app.metrics
            view.rate = len(self._sent_at) / min(RATE_SECONDS, max(1.0, view.elapsed_seconds))
            view.by_model = metrics.count("messages_read_total", via="slm")
            view.by_template = metrics.count("messages_read_total", via="template")
            view.quarantined = metrics.count("messages_quarantined_total")
            view.on_their_way = self.board.unanswered
            view.model_calls = int(metrics.snapshot().get("model_calls_total") or 0)
            self._screen.show(view)
            await asyncio.sleep(self._screen.interval_seconds)
