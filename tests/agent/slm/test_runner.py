"""One thread, a bounded queue, a deadline: what cannot be read now is told, not lost."""

import asyncio
import threading

import pytest

from agent.domain.document import Document
from agent.domain.reading import Label
from agent.errors import RetryableError
from agent.slm.runner import Runner

DOCUMENT = Document("", "json", ())


class SlowReader:
    """Reads when it is let; asks whether to stop."""

    def __init__(self):
        self.go = threading.Event()
        self.began = threading.Event()
        self.threads = set()

    def read(self, document, topic, should_stop):
        """Wait, then answer."""
        self.began.set()
        self.threads.add(threading.current_thread().name)
        self.go.wait(10)
        if should_stop():
            raise RetryableError("past its deadline")
        return [Label("none")]


async def test_reads_run_in_one_thread_of_their_own():
    """The event loop's thread never runs the model, and no two reads run at once."""
    reader = SlowReader()
    reader.go.set()
    runner = Runner(reader)
    await asyncio.gather(*(runner.read(DOCUMENT, "t") for _ in range(5)))
    assert len(reader.threads) == 1
    assert threading.current_thread().name not in reader.threads
    await runner.close()


async def test_full_queue_is_told_at_once():
    """Beyond its limit the queue takes nothing; what is inside goes on."""
    reader = SlowReader()
    runner = Runner(reader, queue_limit=2)
    inside = [asyncio.create_task(runner.read(DOCUMENT, "t")) for _ in range(2)]
    while runner.waiting < 2:
        await asyncio.sleep(0)
    with pytest.raises(RetryableError, match="full"):
        await runner.read(DOCUMENT, "t")
    reader.go.set()
    assert await asyncio.gather(*inside) == [[Label("none")]] * 2
    await runner.close()


async def test_deadline_counts_from_the_request():
    """A request that waited past its deadline is dropped when its turn comes."""
    reader = SlowReader()
    reader.go.set()
    runner = Runner(reader, deadline_seconds=-1.0)
    with pytest.raises(RetryableError, match="deadline"):
        await runner.read(DOCUMENT, "t")
    await runner.close()


async def test_closing_gives_up_what_runs_and_refuses_the_rest():
    """After close nothing is taken in, and a read in progress ends at its next pass."""
    reader = SlowReader()
    runner = Runner(reader)
    task = asyncio.create_task(runner.read(DOCUMENT, "t"))
    await asyncio.to_thread(reader.began.wait)
    closing = asyncio.create_task(runner.close())
    await asyncio.sleep(0)
    reader.go.set()
    await closing
    with pytest.raises(RetryableError):
        await task
    with pytest.raises(RetryableError, match="closing"):
        await runner.read(DOCUMENT, "t")
