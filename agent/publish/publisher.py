"""Outbox -> broker: lease in order, publish with QoS 1, remove when the broker has acknowledged.

At most ``window`` publications are on their way. One that is refused for now is tried again with back-off and keeps its place in
the window, so that a broker that refuses everything is not flooded; one that can never be taken goes to quarantine. After a crash
what was not removed is published again with the same id.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from agent.errors import DataError, RetryableError
from agent.mqtt.backoff import full_jitter
from agent.mqtt.packet import Outgoing
from agent.telemetry.events import CommitFailed, PublishFailed, Reporter

READ_AHEAD = 500
"""Rows leased at once."""
READ_AHEAD_BYTES = 4 * 1024 * 1024
"""Of their bodies together: an outbox full of large ones must not fill the memory of a small device."""


class Row(Protocol):
    """A message in the outbox."""

    @property
    def id(self) -> str:
        """The id of the message that it came of."""

    @property
    def seq(self) -> int:
        """Its place."""

    @property
    def topic(self) -> str:
        """Its topic below the agent's root."""

    @property
    def body(self) -> bytes:
        """Its payload."""

    @property
    def readings(self) -> int:
        """How many readings it holds."""


class Outbox(Protocol):
    """The outbox as the publisher needs it."""

    @property
    def appended(self) -> asyncio.Event:
        """Set when there may be more."""

    async def lease(self, after_seq: int, limit: int, max_bytes: float) -> Sequence[Row]:
        """The next rows behind a place, bounded in number and bytes; at least one where there is one."""

    async def done(self, seqs: Sequence[int]) -> None:
        """Remove rows."""


class Link(Protocol):
    """The connection as the publisher needs it."""

    async def publish(self, message: Outgoing) -> None:
        """Return when the broker has it."""


class Publisher:
    """Runs until cancelled; what it has not removed by then is published again after the next start."""

    def __init__(
        self,
        outbox: Outbox,
        link: Link,
        root: str,
        window: int,
        reporter: Reporter,
        *,
        refused: Callable[[Row, str], Awaitable[None]],
        pause_between: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._outbox, self._link, self._root, self._reporter = outbox, link, root, reporter
        self._refused, self._sleep = refused, pause_between
        self._window = asyncio.Semaphore(window)
        self._acknowledged: list[int] = []
        self._has_acknowledged = asyncio.Event()
        self._cursor = 0
        self._moved = asyncio.Event()
        self._is_at_end = False
        self._is_removing = False
        self.on_their_way = 0
        self.progressed: Callable[[], None] = lambda: None
        """Called for every publication acknowledged."""

    async def run(self) -> None:
        """Publish what is in the outbox and what comes."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._remove(), name="agent.publish.remove")
            while True:
                self._outbox.appended.clear()
                rows = await self._lease()
                for row in rows:
                    await self._window.acquire()
                    self.on_their_way += 1
                    group.create_task(self._deliver(row), name="agent.publish.deliver")
                if not rows:
                    self._is_at_end = True
                    self._moved.set()
                    await self._outbox.appended.wait()
                    self._is_at_end = False

    async def drain(self) -> None:
        """Wait until everything in the outbox is delivered and removed."""
        while self._has_work():
            self._moved.clear()
            await self._moved.wait()

    def _has_work(self) -> bool:
        is_waiting = self._is_at_end and not self._outbox.appended.is_set()
        return not is_waiting or self.on_their_way > 0 or self._is_removing or bool(self._acknowledged)

    async def _lease(self) -> Sequence[Row]:
        rows = await self._outbox.lease(self._cursor, READ_AHEAD, READ_AHEAD_BYTES)
        if rows:
            self._cursor = rows[-1].seq
        return rows

    async def _deliver(self, row: Row) -> None:
        refusal: str | None = None
        attempt = 0
        try:
            while True:
                try:
                    if refusal is None:
                        refusal = await self._publish(row)
                    if refusal is not None:
                        await self._refused(row, refusal)
                    return
                except RetryableError as error:
                    self._reporter.emit(PublishFailed(str(error)))
                    self.progressed()
                    await self._sleep(full_jitter(attempt))
                    attempt += 1
        finally:
            self.on_their_way -= 1
            self._window.release()
            self._moved.set()
            self.progressed()

    async def _publish(self, row: Row) -> str | None:
        """Why the broker can never take a row; None where it has it now."""
        try:
            await self._link.publish(Outgoing(f"{self._root}/{row.topic}", row.body))
        except DataError as error:
            return str(error)
        self._reporter.metrics.inc("publications_total")
        self._reporter.metrics.inc("readings_published_total", row.readings)
        self._acknowledged.append(row.seq)
        self._has_acknowledged.set()
        return None

    async def _remove(self) -> None:
        """Remove acknowledged rows, as many at a time as came together while the last commit ran."""
        attempt = 0
        while True:
            await self._has_acknowledged.wait()
            self._has_acknowledged.clear()
            seqs, self._acknowledged = self._acknowledged, []
            self._is_removing = True
            try:
                await self._outbox.done(seqs)
                attempt = 0
            except RetryableError as error:
                self._reporter.emit(CommitFailed(str(error)))
                self._acknowledged = seqs + self._acknowledged
                self._has_acknowledged.set()
                await self._sleep(full_jitter(attempt))
                attempt += 1
            self._is_removing = False
            self._moved.set()
