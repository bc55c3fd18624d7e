"""A message comes in, is read, is committed, is acknowledged: in this order, many at a time, under one bound.

Each message is a task of its own, so one that waits for the model does not hold up the others. At most ``max_inflight`` are
inside, fewer where they already hold ``MAX_INSIDE_BYTES``. Beyond, QoS 0 is shed and counted; QoS 1 waits here and the connection
is not read on, so that the broker keeps the rest.
A commit that fails is tried again until it works: the message stays the broker's until then.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar

from agent.domain.message import Message
from agent.errors import RetryableError
from agent.ingest.gate import Gate
from agent.ingest.identity import delivery_digest, message_id
from agent.ingest.ledger import Ledger
from agent.mqtt.backoff import full_jitter
from agent.mqtt.packet import Incoming
from agent.telemetry.events import CommitFailed, MessageIgnored, MessageRedelivered, MessagesDropped, Reporter

Outcome = TypeVar("Outcome")
COMMIT_CAP_SECONDS = 10.0
MAX_INSIDE_BYTES = 64 * 1024 * 1024
"""A payload may have 256 MB by the standard; a few of them must not fill the memory of a small device."""


class Link(Protocol):
    """The connection as ingest needs it."""

    def acknowledge(self, incoming: Incoming) -> None:
        """Let the broker forget a message."""

    def pause(self) -> None:
        """Stop reading from the broker."""

    def resume(self) -> None:
        """Read again."""


@dataclass(slots=True, eq=False)
class Job:
    """A message inside; ``incoming`` is replaced when the broker delivers it again meanwhile."""

    message: Message
    incoming: Incoming
    digest: bytes | None


class Subscriber(Generic[Outcome]):
    """Takes messages in. ``receive`` decides at once; reading and committing happen in tasks made by ``spawn``."""

    def __init__(
        self,
        *,
        read: Callable[[Message, str | None], Awaitable[Outcome]],
        settle: Callable[[Outcome, bytes | None], Awaitable[None]],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        gate: Gate,
        ledger: Ledger,
        max_inflight: int,
        reporter: Reporter,
        link: Link | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause_between: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._read, self._settle, self._spawn = read, settle, spawn
        self.gate, self._ledger, self._limit, self._reporter = gate, ledger, max_inflight, reporter
        self.link = link
        self._now, self._sleep = now, pause_between
        self._waiting: deque[Job] = deque()
        self._unsettled: dict[bytes, Job] = {}
        self._is_closed = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.inflight = 0
        self.inside_bytes = 0
        self.progressed: Callable[[], None] = lambda: None
        """Called for every message settled and every attempt at it."""

    def receive(self, incoming: Incoming) -> None:
        """Take a message in, or say why not."""
        if refusal := self.gate.refusal(incoming.topic):
            self._reporter.emit(MessageIgnored(refusal, incoming.topic))
            self._acknowledge(incoming)
            return
        if self._is_closed:
            if incoming.qos == 0:
                self._reporter.emit(MessagesDropped("stopping"))
            return
        digest = delivery_digest(incoming.topic, incoming.payload, incoming.packet_id) if incoming.qos else None
        if digest is not None and incoming.is_duplicate and self._is_known(incoming, digest):
            return
        self._reporter.metrics.inc("messages_received_total")
        if incoming.qos == 0 and self._is_full:
            self._reporter.emit(MessagesDropped("qos0_overload"))
            return
        received_at = self._now()
        message = Message(message_id(received_at), incoming.topic, incoming.payload, received_at, incoming.qos, incoming.retain)
        job = Job(message, incoming, digest)
        if digest is not None:
            self._unsettled[digest] = job
        if not self._is_full:
            self._start(job)
            return
        self._waiting.append(job)
        if self.link is not None:
            self.link.pause()

    def _is_known(self, incoming: Incoming, digest: bytes) -> bool:
        if job := self._unsettled.get(digest):
            job.incoming = incoming
            self._reporter.emit(MessageRedelivered("in_flight", incoming.topic))
            return True
        if digest in self._ledger:
            self._reporter.emit(MessageRedelivered("committed", incoming.topic))
            self._acknowledge(incoming)
            return True
        return False

    @property
    def _is_full(self) -> bool:
        return self.inflight >= self._limit or self.inside_bytes >= MAX_INSIDE_BYTES

    def _start(self, job: Job) -> None:
        self.inflight += 1
        self.inside_bytes += len(job.message.payload)
        self._idle.clear()
        self._spawn(self._process(job))

    async def _process(self, job: Job) -> None:
        try:
            outcome = await self._read(job.message, job.incoming.content_type)
            await self._commit(outcome, job.digest)
            if job.digest is not None:
                self._ledger.add(job.digest)
            self._acknowledge(job.incoming)
        finally:
            if job.digest is not None and self._unsettled.get(job.digest) is job:
                del self._unsettled[job.digest]
            self._finish(job)

    async def _commit(self, outcome: Outcome, digest: bytes | None) -> None:
        attempt = 0
        while True:
            try:
                await self._settle(outcome, digest)
            except RetryableError as error:
                self._reporter.emit(CommitFailed(str(error)))
                self.progressed()
                await self._sleep(full_jitter(attempt, cap_seconds=COMMIT_CAP_SECONDS))
                attempt += 1
            else:
                return

    def _finish(self, job: Job) -> None:
        self.inflight -= 1
        self.inside_bytes -= len(job.message.payload)
        self.progressed()
        while self._waiting and not self._is_closed and not self._is_full:
            self._start(self._waiting.popleft())
            if not self._waiting and self.link is not None:
                self.link.resume()
        if not self.inflight:
            self._idle.set()

    def _acknowledge(self, incoming: Incoming) -> None:
        if self.link is not None:
            self.link.acknowledge(incoming)

    def close(self) -> None:
        """Take in nothing new. What the broker still sends stays unacknowledged; it sends it again to the next start."""
        self._is_closed = True
        for job in self._waiting:
            if job.digest is not None:
                self._unsettled.pop(job.digest, None)
        if self._waiting and self.link is not None:
            self.link.resume()  # acknowledgements of our own publications come the same way
        self._waiting.clear()

    async def drain(self) -> None:
        """Wait until nothing is inside."""
        await self._idle.wait()
