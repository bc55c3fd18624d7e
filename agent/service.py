"""The stages of a running agent, joined: broker -> ingest -> pipeline -> store -> publisher -> broker; summaries and control beside."""

import asyncio
import contextlib
import time
import traceback
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import structlog

from agent.broker import ended, make_client, status_message, subscriptions
from agent.config import Config
from agent.context import Context
from agent.control import Control
from agent.domain.message import Message
from agent.errors import AgentError, DataError, RetryableError
from agent.extract import Cascade, Library
from agent.ingest import Gate, Ledger, Subscriber
from agent.loader import LoadedModel
from agent.mqtt.packet import Incoming, Outgoing
from agent.pipeline import Outcome, Pipeline
from agent.publish import Publisher
from agent.publish.envelope import health_body
from agent.publish.publisher import Row
from agent.settings import Settings
from agent.settlement import refused, settlement
from agent.store import SUBSCRIBED, Limits, Store
from agent.summaries import Summaries
from agent.summarise import Writer
from agent.telemetry.events import (
    CommitFailed,
    MessageFailed,
    MessageQuarantined,
    MessagesDropped,
    PublishFailed,
    Reporter,
    SettingDegraded,
)
from agent.telemetry.health import Notifier
from agent.telemetry.logs import set_up_logs
from agent.telemetry.progress import Progress
from agent.telemetry.version import agent_version

FAREWELL_SECONDS = 3.0
MIN_LEDGER_ROWS = 1000
READ_AGAIN_SECONDS = 5.0
MAX_COMMANDS = 50
"""Commands inside; more are dropped and counted."""


def limits_of(config: Config) -> Limits:
    """How much the store keeps. Redeliveries: twice the window, and some for MQTT 3.1.1, where the window is the broker's."""
    outbox = config.outbox
    ledger_rows = max(MIN_LEDGER_ROWS, 2 * config.mqtt.max_inflight)
    return Limits(outbox.max_rows, outbox.quarantine_rows, outbox.quarantine_days, ledger_rows, config.summaries.max_series)


class Service:
    """One run of an agent, from an open store and a loaded model to the farewell."""

    def __init__(self, settings: Settings, store: Store, model: LoadedModel, writer: Writer | None, reporter: Reporter) -> None:
        self._settings, self._store, self._model, self._writer, self._reporter = settings, store, model, writer, reporter
        self._notifier = Notifier()
        self._progress = Progress(time.monotonic)
        self._spawned: set[asyncio.Task[None]] = set()
        self._commands = 0
        self._group: asyncio.TaskGroup | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop``. Raises an exception group where a stage falls over."""
        await self._build()
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                for stage in (self._link.run(), self._publisher.run(), self._health(), self._watchdog(), self._announce()):
                    self._spawn(stage)
                self._spawn(self._summaries.run())
                self._spawn(self._read_again())
                if self._upstream is not self._link:
                    self._spawn(self._upstream.run())
                await stop.wait()
                await self._stop()
        finally:
            self._pipeline.close()

    async def _build(self) -> None:
        config, store, reporter, metrics = self._settings.current, self._store, self._reporter, self._reporter.metrics
        store.limits = limits_of(config)
        library = None
        if config.extract.templates:
            library = Library(await store.templates(self._model.digest), self._model.digest, config.extract.templates_limit)
            if library.unreadable:
                reporter.emit(
                    SettingDegraded("templates_unreadable", f"{library.unreadable} stored templates were left out; they are learned again")
                )
        cascade = Cascade(self._model.port, library, config.extract.learn_threshold)
        self._pipeline = Pipeline(cascade, config.extract, reporter)
        self._subscriber: Subscriber[Outcome] = Subscriber(
            read=self._pipeline.process,
            settle=self._settle,
            spawn=self._spawn,
            gate=Gate(config.prefix, config.mqtt.topics, config.mqtt.exclude),
            ledger=Ledger(await store.committed_digests(), store.limits.ledger_rows),
            max_inflight=config.mqtt.max_inflight,
            reporter=reporter,
        )
        self._link = make_client(config, "mqtt", reporter, self._route)
        self._upstream = make_client(config, "uplink", reporter) if config.uplink.enabled else self._link
        self._subscriber.link = self._link
        self._publisher = Publisher(store, self._upstream, config.root, config.outbox.publish_window, reporter, refused=self._refuse)
        self._summaries = Summaries(store, lambda: self._settings.current, reporter, lambda: self._link.is_connected, writer=self._writer)
        self.context = Context(
            self._settings, store, metrics, library, self._model.name,
            lambda: {"mqtt": self._link.is_connected, "uplink": self._upstream.is_connected}, self._put_in_force, self._summaries,
        )  # fmt: skip
        self._control = Control(self.context, config.root, reporter)
        await self._subscribe(config)
        metrics.gauge("model_calls_total", lambda: cascade.model_calls)
        metrics.gauge("model_waiting", self._model.waiting)
        metrics.gauge("templates", lambda: len(library) if library is not None else 0)
        metrics.gauge("outbox_rows", lambda: store.outbox_rows)
        metrics.gauge("quarantine_rows", lambda: store.quarantine_rows)
        metrics.gauge("inflight", lambda: self._subscriber.inflight)
        self._subscriber.progressed = self._progress.watch("ingest", lambda: self._subscriber.inflight > 0).tick
        self._publisher.progressed = self._progress.watch(
            "publish", lambda: self._publisher.on_their_way > 0 and self._upstream.is_connected
        ).tick

    async def _subscribe(self, config: Config) -> None:
        """Subscribe what is wanted and end what the broker may still hold of an earlier configuration."""
        before = await self._store.setting(SUBSCRIBED) or []
        wanted = subscriptions(config, self._control.subscription)
        await self._store.put_setting(SUBSCRIBED, [one.wire for one in wanted])
        if config.mqtt.qos == 2:
            detail = "mqtt.qos = 2 is subscribed as 1: a redelivered message is known and not read twice"
            self._reporter.emit(SettingDegraded("qos2_as_qos1", detail))
        self._link.unsubscribe(ended(before, wanted))
        self._link.subscribe(wanted)

    async def _put_in_force(self, config: Config) -> None:
        """Follow a changed configuration as far as a running agent can."""
        self._store.limits = limits_of(config)
        self._pipeline.settings = config.extract
        self._subscriber.gate = Gate(self._settings.started.prefix, config.mqtt.topics, config.mqtt.exclude)
        set_up_logs(config.telemetry.log_level, config.telemetry.log_format)
        await self._subscribe(config)

    def _spawn(self, stage: Coroutine[Any, Any, None]) -> None:
        assert self._group is not None
        task = self._group.create_task(stage, name=f"agent.{getattr(stage, '__qualname__', 'task')}")
        self._spawned.add(task)
        task.add_done_callback(self._spawned.discard)

    def _route(self, incoming: Incoming) -> None:
        if not self._control.is_request(incoming.topic):
            self._subscriber.receive(incoming)
            return
        self._link.acknowledge(incoming)  # before it is carried out: a command is not to come again by itself
        if self._commands >= MAX_COMMANDS:
            self._reporter.emit(MessagesDropped("commands_overload"))
            return
        self._commands += 1
        self._spawn(self._command(incoming))

    async def _command(self, incoming: Incoming) -> None:
        try:
            reply = await self._control.handle(incoming)
            if reply is not None:
                await self._link.publish(reply)
        except (RetryableError, DataError) as error:  # the answer could not be published: who asked will ask again
            self._reporter.emit(PublishFailed(str(error), "reply"))
        finally:
            self._commands -= 1

    async def _read_again(self) -> None:
        """Read what the model had no time for (a burst of new shapes, at the first start for example) when it has."""
        while True:
            await asyncio.sleep(READ_AGAIN_SECONDS)
            try:
                while not self._model.waiting() and (row := await self._store.unread("model_busy")) is not None:
                    outcome = await self._pipeline.process(Message(row.id, row.topic, row.payload, row.received_at, retain=row.retained))
                    if outcome.reason == "model_busy":
                        break
                    await self._settle(outcome, None, again=row.id)
            except RetryableError as error:  # it stays in quarantine
                self._reporter.emit(CommitFailed(str(error), "read_again"))

    async def _settle(self, outcome: Outcome, digest: bytes | None, again: str | None = None) -> None:
        """Commit what became of a message; its broker may forget it then. Raises ``RetryableError`` or ``FatalError`` alone."""
        try:
            await self._commit(outcome, digest, again)
        except AgentError:
            raise
        except Exception as error:  # noqa: BLE001  (a defect met by one message must not end the agent: it would come again after each start)
            self._reporter.emit(MessageFailed(type(error).__name__, outcome.message.topic, traceback.format_exc()))
            detail = f"its outcome could not be kept: {type(error).__name__}"
            outcome = Outcome(outcome.message, reason="internal_error", detail=detail)
            await self._commit(outcome, digest, again)
        metrics = self._reporter.metrics
        if outcome.via is not None:
            metrics.inc("messages_read_total", via=outcome.via)
        if outcome.reason is not None:
            self._reporter.emit(MessageQuarantined(outcome.reason, outcome.message.topic, outcome.detail))
        if again is None:
            metrics.observe("message_seconds", (datetime.now(UTC) - outcome.message.received_at).total_seconds())

    async def _commit(self, outcome: Outcome, digest: bytes | None, again: str | None) -> None:
        wanted = settlement(outcome, self._model.name, self._summaries.grouping)
        await self._store.settle(wanted.rows, wanted.kept, digest, wanted.observed, again)

    async def _refuse(self, row: Row, detail: str) -> None:
        root = self._settings.started.root
        await self._store.refuse(row.seq, refused(row.id, f"{root}/{row.topic}", row.body, detail, datetime.now(UTC)))
        self._reporter.emit(MessageQuarantined("publish_refused", row.topic, detail))

    async def _announce(self) -> None:
        """Tell the service manager when the first attempt to connect has ended: a broker that is down must not stop the start."""
        await self._link.was_tried.wait()
        state = "connected" if self._link.is_connected else "waiting for the broker"
        self._notifier.send("READY=1", f"STATUS={state}")
        structlog.get_logger("agent").info("agent ready", version=agent_version(), model=self._model.name, state=state)

    async def _health(self) -> None:
        while True:
            config = self._settings.current
            body = health_body(config.agent, agent_version(), datetime.now(UTC), self.context.facts())
            self._upstream.publish_now(Outgoing(f"{self._settings.started.root}/health", body, qos=0, retain=True))
            await asyncio.sleep(config.telemetry.health_seconds)

    async def _watchdog(self) -> None:
        """Feed the watchdog while no stage stands still with work before it for half of its time."""
        limit = self._notifier.watchdog_seconds
        if limit is None:
            return
        while True:
            stalled = self._progress.stalled(limit / 2)
            if stalled:
                structlog.get_logger("agent").error("stages stand still; the watchdog is not fed", stages=stalled)
            else:
                self._notifier.send("WATCHDOG=1")
            await asyncio.sleep(limit / 8)

    async def _stop(self) -> None:
        self._notifier.send("STOPPING=1", "STATUS=finishing what is inside")
        self._subscriber.close()  # 1. take in nothing new
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.current.drain_seconds):
                await self._subscriber.drain()  # 2. finish what is inside
                if self._upstream.is_connected:
                    await self._publisher.drain()  # 3. deliver what can be delivered; the rest stays in the outbox
        for link in {self._link, self._upstream}:
            await self._say_goodbye(link)  # 4. tell, so that the will is not sent
        for task in list(self._spawned):
            task.cancel()  # 5. the broker sends again what was not acknowledged

    async def _say_goodbye(self, link: Any) -> None:
        if link.is_connected:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await link.publish(status_message(self._settings.started, "offline", datetime.now(UTC), "stopped"))
        await link.close()
