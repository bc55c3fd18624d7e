"""Fakes for the edges: a broker's connection, a model, a clock. What is between them is the real thing."""

import asyncio
import contextlib
import socket

from agent.domain.reading import Label
from agent.errors import RetryableError
from agent.loader import LoadedModel


class ManualClock:
    """Time that stands until it is moved; ``sleep`` returns at once and is noted."""

    def __init__(self, now=1000.0):
        self.now = now
        self.slept = []

    def __call__(self):
        """The time."""
        return self.now

    async def sleep(self, seconds):
        """Give others a turn."""
        self.slept.append(seconds)
        await asyncio.sleep(0)


class ScriptedModel:
    """Calls every number a temperature; waits at ``gate`` where there is one, and only for topics that hold ``slow``."""

    def __init__(self, confidence=0.9):
        self.confidence = confidence
        self.calls = 0
        self.gate = None
        self.error = None

    async def read(self, document, topic):
        """The labels of a document."""
        self.calls += 1
        if self.error is not None:
            raise self.error
        if self.gate is not None and "slow" in topic:
            await self.gate.wait()
        return [
            Label("reading", "temperature", "Cel", confidence=self.confidence) if candidate.kind == "number" else Label("none")
            for candidate in document.candidates
        ]

    def loaded(self):
        """As ``App`` wants a model."""

        async def close():
            pass

        async def load(config, state):
            return LoadedModel(self, "scripted-1", "digest", lambda: 0, close)

        return load


class FakeBroker:
    """A connection that notes what is acknowledged and published; PUBACKs come when they are let."""

    def __init__(self):
        self.acknowledged = []
        self.published = []
        self.is_paused = False
        self.let = asyncio.Event()
        self.let.set()
        self.refusals = []

    def acknowledge(self, incoming):
        """Note it."""
        self.acknowledged.append(incoming)

    def pause(self):
        """Note it."""
        self.is_paused = True

    def resume(self):
        """Note it."""
        self.is_paused = False

    async def publish(self, message):
        """Note it; the PUBACK comes when it is let, or a refusal."""
        self.published.append(message)
        await self.let.wait()
        if self.refusals:
            raise self.refusals.pop(0)


BUSY = RetryableError("the reader's queue of 64 is full")


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def until(condition, seconds=20.0):
    """Wait for a condition, turn by turn of the loop; fails after so long."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.001)


@contextlib.asynccontextmanager
async def running(coroutine):
    """A coroutine as a task within a block; it is cancelled at the end."""
    task = asyncio.create_task(coroutine)
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
