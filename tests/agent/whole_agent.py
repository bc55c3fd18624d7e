"""The real agent from the broker's packet to the publication, with a scripted model and a connection that the test holds."""

import asyncio
import contextlib
import json

from fakes import FakeBroker, ScriptedModel, until

import agent.service
from agent.app import App
from agent.config import parse_config
from agent.mqtt.packet import Incoming


class Link(FakeBroker):
    """A connection that stands from the start; what comes in is given to it by the test."""

    def __init__(self, on_message):
        super().__init__()
        self.deliver = on_message
        self.is_connected = True
        self.was_tried = asyncio.Event()
        self.was_tried.set()
        self._closed = asyncio.Event()
        self.packets = 0
        self.is_running = False

    async def run(self):
        """Until closed."""
        self.is_running = True
        await self._closed.wait()

    async def close(self):
        """End."""
        self._closed.set()

    def subscribe(self, subscriptions):
        """Every topic comes in anyway."""

    def unsubscribe(self, wires):
        """Likewise."""

    def publish_now(self, message):
        """Health."""
        return True

    async def answers_to(self, topic, payload, retain=False):
        """Deliver a message; (level, body) of all that was published of it when it is acknowledged and delivered."""
        self.packets += 1
        incoming = Incoming(topic, payload, 1, retain, packet_id=self.packets, connection=1)
        before = len(self.published)

        def told():
            found = [(one.topic.split("/")[2], json.loads(one.payload)) for one in self.published[before:]]
            return [(level, body) for level, body in found if body.get("topic") == topic]

        self.deliver(incoming)
        await until(lambda: incoming in self.acknowledged and told(), 60)
        return told()


@contextlib.asynccontextmanager
async def running_agent(tmp_path, monkeypatch, model=None):
    """(app, link) of an agent that runs within a block and is asked to stop at its end."""
    links = []

    def make_client(config, section, reporter, on_message):
        links.append(Link(on_message))
        return links[0]

    monkeypatch.setattr(agent.service, "make_client", make_client)
    config = parse_config({"state_folder": str(tmp_path), "drain_seconds": 2})
    app, stop = App(config, load=(model or ScriptedModel()).loaded()), asyncio.Event()
    task = asyncio.create_task(app.run(stop))
    await until(lambda: (links and links[0].is_running) or task.done())
    try:
        yield app, links[0]
    finally:
        stop.set()
        await task
