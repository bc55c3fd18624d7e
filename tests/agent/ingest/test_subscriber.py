"""Read, commit, acknowledge, in this order; bounded; redeliveries are known; nothing is acknowledged that is not on disk."""

import asyncio
from uuid import UUID

import pytest
from fakes import FakeBroker, ManualClock, until

from agent.errors import RetryableError
from agent.ingest import Gate, Ledger, Subscriber
from agent.ingest.identity import delivery_digest, message_id
from agent.mqtt.packet import Incoming
from agent.telemetry.events import Reporter
from agent.telemetry.metrics import Metrics


class Bench:
    """A subscriber with its surroundings; reading and committing wait where they are told to."""

    def __init__(self, max_inflight=3, digests=(), exclude=()):
        self.metrics, self.broker, self.clock = Metrics(), FakeBroker(), ManualClock()
        self.read_gate, self.commit_gate = asyncio.Event(), asyncio.Event()
        self.read_gate.set()
        self.commit_gate.set()
        self.failures = []
        self.committed = []
        self.tasks = []
        self.subscriber = Subscriber(
            read=self.read,
            settle=self.settle,
            spawn=lambda step: self.tasks.append(asyncio.create_task(step)),
            gate=Gate("own", ["#"], exclude),
            ledger=Ledger(digests, 4),
            max_inflight=max_inflight,
            reporter=Reporter(self.metrics),
            link=self.broker,
            pause_between=self.clock.sleep,
        )

    async def read(self, message, content_type):
        """The message itself, when it is let."""
        await self.read_gate.wait()
        return message

    async def settle(self, outcome, digest):
        """Note it, when it is let, or fail."""
        await self.commit_gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.committed.append((outcome, digest))

    def receive(self, number, **fields):
        """Deliver a message as a broker would."""
        incoming = Incoming(**{"topic": f"a/{number}", "payload": b"1", "qos": 1, "packet_id": number, "connection": 1, **fields})
        self.subscriber.receive(incoming)
        return incoming


async def test_acknowledgement_comes_after_the_commit():
    """Until the commit is done the broker keeps the message."""
    bench = Bench()
    bench.commit_gate.clear()
    incoming = bench.receive(1)
    await until(lambda: bench.subscriber.inflight == 1)
    assert bench.broker.acknowledged == []
    bench.commit_gate.set()
    await bench.subscriber.drain()
    assert bench.broker.acknowledged == [incoming]
    assert [outcome.topic for outcome, _ in bench.committed] == ["a/1"]


async def test_failed_commit_is_tried_again():
    """A full disk holds the message back, with growing pauses; it is acknowledged once."""
    bench = Bench()
    bench.failures = [RetryableError("disk full")] * 3
    bench.receive(1)
    await bench.subscriber.drain()
    assert len(bench.clock.slept) == 3
    assert len(bench.committed) == len(bench.broker.acknowledged) == 1
    assert bench.metrics.count("commit_failures_total") == 3


async def test_window_bounds_what_is_inside():
    """Beyond the window QoS 1 waits and the connection pauses; it resumes when the last one waiting is in."""
    bench = Bench(max_inflight=2)
    bench.read_gate.clear()
    for number in range(5):
        bench.receive(number)
    assert bench.subscriber.inflight == 2
    assert bench.broker.is_paused
    bench.read_gate.set()
    await until(lambda: len(bench.committed) == 5)
    assert not bench.broker.is_paused
    assert len(bench.broker.acknowledged) == 5


async def test_qos0_is_shed_under_load_and_counted():
    """QoS 0 beyond the window is dropped, QoS 1 never."""
    bench = Bench(max_inflight=1)
    bench.read_gate.clear()
    bench.receive(1)
    bench.receive(2, qos=0)
    bench.receive(3)
    bench.read_gate.set()
    await until(lambda: len(bench.committed) == 2)
    assert bench.metrics.count("dropped_total", reason="qos0_overload") == 1
    assert {outcome.topic for outcome, _ in bench.committed} == {"a/1", "a/3"}


async def test_payloads_inside_are_bounded_by_their_bytes_too(monkeypatch):
    """A few huge payloads close the window as many small ones do; all are read in the end."""
    monkeypatch.setattr("agent.ingest.subscriber.MAX_INSIDE_BYTES", 100)
    bench = Bench(max_inflight=50)
    bench.read_gate.clear()
    for number in range(6):
        bench.receive(number, payload=b"x" * 60)
    assert bench.subscriber.inflight == 2
    assert bench.broker.is_paused
    bench.receive(9, qos=0)
    assert bench.metrics.count("dropped_total", reason="qos0_overload") == 1
    bench.read_gate.set()
    await until(lambda: len(bench.committed) == 6)
    assert not bench.broker.is_paused
    assert bench.subscriber.inside_bytes == 0


async def test_slow_message_does_not_hold_up_others():
    """Each message is acknowledged when its own commit is done."""
    bench = Bench()
    gates = {"a/1": asyncio.Event(), "a/2": asyncio.Event()}
    gates["a/2"].set()

    async def read(message, content_type):
        await gates[message.topic].wait()
        return message

    bench.subscriber._read = read
    bench.receive(1)
    second = bench.receive(2)
    await until(lambda: bench.broker.acknowledged == [second])
    gates["a/1"].set()
    await bench.subscriber.drain()


async def test_committed_message_is_not_read_twice():
    """A redelivery of what is on disk is acknowledged without a second row."""
    bench = Bench()
    bench.receive(1)
    await bench.subscriber.drain()
    again = bench.receive(1, is_duplicate=True, connection=2)
    assert bench.broker.acknowledged[-1] is again
    assert len(bench.committed) == 1


async def test_redelivery_is_known_after_a_restart():
    """The digests of the last commits come from the database."""
    bench = Bench(digests=[delivery_digest("a/1", b"1", 1)])
    bench.receive(1, is_duplicate=True)
    assert bench.committed == []
    assert bench.metrics.count("redeliveries_total", reason="committed") == 1


async def test_same_payload_without_duplicate_flag_is_a_new_message():
    """A sensor that repeats itself is not taken for a redelivery, even with the same packet identifier."""
    bench = Bench()
    bench.receive(1)
    await bench.subscriber.drain()
    bench.receive(1)
    await bench.subscriber.drain()
    assert len(bench.committed) == 2
    assert bench.committed[0][0].id != bench.committed[1][0].id


async def test_redelivery_of_what_is_still_inside_is_acknowledged_once_on_the_new_connection():
    """A message that waits for the model when the connection breaks is read once; the acknowledgement goes to the redelivery."""
    bench = Bench()
    bench.read_gate.clear()
    bench.receive(1)
    again = bench.receive(1, is_duplicate=True, connection=2)
    bench.read_gate.set()
    await bench.subscriber.drain()
    assert bench.broker.acknowledged == [again]
    assert len(bench.committed) == 1


@pytest.mark.parametrize("topic", ["own/agent/readings/x", "own", "own/other/status", "$SYS/x", "no/way"])
async def test_topics_that_are_not_read_are_acknowledged(topic):
    """The agents' own topics, the excluded and the unsubscribed ones never reach the pipeline, and do not come again."""
    bench = Bench(exclude=["no/#"])
    incoming = bench.receive(1, topic=topic)
    assert bench.broker.acknowledged == [incoming]
    assert bench.subscriber.inflight == 0
    assert bench.metrics.count("messages_ignored_total") == 1


async def test_closed_subscriber_leaves_messages_to_the_broker():
    """After close nothing new is taken in or acknowledged; what is inside is finished."""
    bench = Bench(max_inflight=1)
    bench.read_gate.clear()
    inside = bench.receive(1)
    bench.receive(2)
    bench.subscriber.close()
    bench.receive(3)
    bench.receive(4, qos=0)
    assert not bench.broker.is_paused
    bench.read_gate.set()
    await bench.subscriber.drain()
    assert bench.broker.acknowledged == [inside]
    assert bench.metrics.count("dropped_total", reason="stopping") == 1


@pytest.mark.parametrize("gate", ["read_gate", "commit_gate"])
async def test_cancelled_message_is_not_acknowledged(gate):
    """A task that is cancelled while it reads or commits leaves the message to the broker and its place free."""
    bench = Bench()
    getattr(bench, gate).clear()
    bench.receive(1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    bench.tasks[0].cancel()
    await asyncio.wait(bench.tasks)
    assert bench.broker.acknowledged == []
    assert bench.subscriber.inflight == 0
    getattr(bench, gate).set()
    bench.receive(1, is_duplicate=True)
    await bench.subscriber.drain()
    assert len(bench.committed) == 1


async def test_ids_sort_by_arrival(monkeypatch):
    """An id is a UUID of version 7 whose time is the arrival."""
    bench = Bench()
    received_at = bench.subscriber._now()
    made = UUID(message_id(received_at))
    assert made.version == 7
    assert made.int >> 80 == int(received_at.timestamp() * 1000)


def test_ledger_forgets_the_oldest():
    """The ledger is bounded."""
    ledger = Ledger([b"a", b"b"], 2)
    ledger.add(b"c")
    assert b"a" not in ledger
    assert b"b" in ledger
    assert len(ledger) == 2
