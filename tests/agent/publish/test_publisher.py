"""Published in order, within a window, removed on PUBACK alone; refused ones come again or are kept."""

import asyncio

import pytest
from fakes import FakeBroker, ManualClock, running, until

from agent.errors import DataError, RetryableError
from agent.publish import Publisher
from agent.store import OutboxRow
from agent.telemetry.events import Reporter
from agent.telemetry.metrics import Metrics


class Outbox:
    """Rows in a list."""

    def __init__(self, count=0):
        self.appended = asyncio.Event()
        self.rows = [OutboxRow(f"id{n}", "readings/x", b"{}", 2, n) for n in range(1, count + 1)]
        self.failures = []
        self.removed = []
        self.asked = set()

    def add(self, count):
        """More rows."""
        first = max((row.seq for row in self.rows), default=0) + 1
        self.rows += [OutboxRow(f"id{n}", "readings/x", b"{}", 2, n) for n in range(first, first + count)]
        self.appended.set()

    async def lease(self, after_seq, limit, max_bytes):
        """The next rows."""
        self.asked.add((limit, max_bytes))
        return [row for row in self.rows if row.seq > after_seq][:limit]

    async def done(self, seqs):
        """Remove rows, or fail."""
        if self.failures:
            raise self.failures.pop(0)
        self.removed += seqs
        self.rows = [row for row in self.rows if row.seq not in seqs]


class Bench:
    """A publisher with its surroundings."""

    def __init__(self, count=0, window=10):
        self.metrics, self.broker, self.clock, self.outbox = Metrics(), FakeBroker(), ManualClock(), Outbox(count)
        self.kept = []
        self.publisher = Publisher(
            self.outbox, self.broker, "root/agent", window, Reporter(self.metrics), refused=self.refuse, pause_between=self.clock.sleep
        )

    async def refuse(self, row, detail):
        """Note it."""
        self.kept.append((row.id, detail))


async def test_rows_are_published_below_the_root_and_removed():
    """Each row goes out once; the count of readings follows the PUBACK."""
    bench = Bench(5)
    async with running(bench.publisher.run()):
        await bench.publisher.drain()
    assert [message.topic for message in bench.broker.published] == ["root/agent/readings/x"] * 5
    assert sorted(bench.outbox.removed) == [1, 2, 3, 4, 5]
    assert bench.metrics.count("readings_published_total") == 10


async def test_read_ahead_is_bounded_in_rows_and_bytes():
    """Five hundred large bodies at once would fill the memory of a small device."""
    bench = Bench(5)
    async with running(bench.publisher.run()):
        await bench.publisher.drain()
    assert bench.outbox.asked == {(500, 4 * 1024 * 1024)}


async def test_row_stays_until_the_broker_has_acknowledged():
    """Without PUBACK nothing is removed."""
    bench = Bench(3)
    bench.broker.let.clear()
    async with running(bench.publisher.run()):
        await until(lambda: len(bench.broker.published) == 3)
        assert len(bench.outbox.rows) == 3
        bench.broker.let.set()
        await bench.publisher.drain()
    assert bench.outbox.rows == []


async def test_window_bounds_what_is_on_its_way():
    """No more than the window is published before PUBACKs come."""
    bench = Bench(50, window=7)
    bench.broker.let.clear()
    async with running(bench.publisher.run()):
        await until(lambda: len(bench.broker.published) == 7)
        assert bench.publisher.on_their_way <= 8
        bench.broker.let.set()
        await bench.publisher.drain()
    assert len(bench.outbox.removed) == 50


async def test_new_rows_wake_the_publisher():
    """An empty outbox is waited at, not polled."""
    bench = Bench()
    async with running(bench.publisher.run()):
        await bench.publisher.drain()
        bench.outbox.add(2)
        await bench.publisher.drain()
    assert bench.outbox.removed == [1, 2]


async def test_refused_for_now_is_tried_again():
    """A quota or a missing right holds a row back, with growing pauses, and loses nothing."""
    bench = Bench(1)
    bench.broker.refusals = [RetryableError("quota exceeded"), RetryableError("quota exceeded")]
    async with running(bench.publisher.run()):
        await bench.publisher.drain()
    assert len(bench.broker.published) == 3
    assert bench.outbox.removed == [1]
    assert bench.metrics.count("publish_failures_total") == 2


async def test_refused_for_ever_is_kept_elsewhere():
    """What the broker can never take does not stop the others."""
    bench = Bench(2)
    bench.broker.refusals = [DataError("packet too large")]
    async with running(bench.publisher.run()):
        await until(lambda: bench.kept and bench.outbox.removed)
    assert bench.kept == [("id1", "packet too large")]
    assert bench.outbox.removed == [2]


async def test_removal_that_fails_is_tried_again():
    """A full disk delays the removal; a restart meanwhile would publish the same ids again."""
    bench = Bench(2)
    bench.outbox.failures = [RetryableError("disk full")]
    async with running(bench.publisher.run()):
        await until(lambda: len(bench.outbox.removed) == 2)
        await bench.publisher.drain()
    assert len(bench.broker.published) == 2


@pytest.mark.parametrize("turns", range(0, 12, 2))
async def test_publisher_cancelled_at_any_turn_removes_nothing_unacknowledged(turns):
    """Whenever it is stopped, what is left in the outbox is what was not acknowledged, or more."""
    bench = Bench(5)
    bench.broker.let.clear()
    async with running(bench.publisher.run()):
        for _ in range(turns):
            await asyncio.sleep(0)
    assert len(bench.outbox.rows) == 5
