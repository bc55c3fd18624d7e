"""The one thread that runs the model: a bounded queue before it, a deadline on every request.

A full queue or a missed deadline is a ``RetryableError``: the message stays unacknowledged or goes to quarantine, as the
caller decides; it is never lost here. A thread cannot be killed, so a request past its deadline is dropped when its turn
comes, and a long document is given up between two passes.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from agent.domain.document import Document
from agent.domain.reading import Label
from agent.errors import RetryableError


class SynchronousReader(Protocol):
    """A model that is called from one thread."""

    def read(self, document: Document, topic: str, should_stop: Callable[[], bool]) -> list[Label]:
        """The label of every candidate."""


class Runner:
    """Gives the event loop a model that runs elsewhere."""

    def __init__(self, reader: SynchronousReader, queue_limit: int = 64, deadline_seconds: float = 20.0) -> None:
        self._reader = reader
        self._queue_limit = queue_limit
        self._deadline_seconds = deadline_seconds
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="agent.slm")
        self._closing = False
        self.waiting = 0
        self.busy_seconds = 0.0

    async def read(self, document: Document, topic: str) -> list[Label]:
        """The label of every candidate of a document.

        Raises ``RetryableError`` when the queue is full, the deadline has passed or the runner is closing.
        """
        if self._closing:
            raise RetryableError("the reader is closing")
        if self.waiting >= self._queue_limit:
            raise RetryableError(f"the reader's queue of {self._queue_limit} is full")
        deadline = time.monotonic() + self._deadline_seconds
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, self._run, document, topic, deadline)
        finally:
            self.waiting -= 1

    def _run(self, document: Document, topic: str, deadline: float) -> list[Label]:
        def should_stop() -> bool:
            return self._closing or time.monotonic() > deadline

        if should_stop():
            raise RetryableError("the reader's deadline passed while the message waited")
        begin = time.perf_counter()
        try:
            return self._reader.read(document, topic, should_stop)
        finally:
            self.busy_seconds += time.perf_counter() - begin

    async def close(self) -> None:
        """Take nothing new, give up what runs at its next pass, and end the thread."""
        self._closing = True
        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)
