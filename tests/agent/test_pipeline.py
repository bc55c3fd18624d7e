"""Whatever a payload holds, a message ends in readings or in quarantine with a reason."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from fakes import BUSY, ScriptedModel, until

from agent.config import ExtractConfig
from agent.domain.message import Message
from agent.errors import DataError, FatalError
from agent.extract import Cascade
from agent.pipeline import Pipeline
from agent.settlement import refused, settlement
from agent.telemetry.events import Reporter
from agent.telemetry.metrics import Metrics

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)


async def outcome_of(payload, model=None, threshold=0.35, topic="a/b"):
    """What becomes of a message."""
    pipeline = Pipeline(Cascade(model or ScriptedModel(), None), ExtractConfig(threshold=threshold), Reporter(Metrics()))
    try:
        return await pipeline.process(Message("m1", topic, payload, NOW))
    finally:
        pipeline.close()


async def test_readable_message_has_readings_and_no_reason():
    """One row for the message, with all its readings."""
    outcome = await outcome_of(b'{"t": 21.5, "u": 3}')
    assert (outcome.reason, outcome.via) == (None, "slm")
    wanted = settlement(outcome, "scribe")
    (row,) = wanted.rows
    assert (row.id, row.readings, wanted.kept) == ("m1", 2, None)
    assert row.topic.startswith("readings/")
    assert [reading["value"] for reading in json.loads(row.body)["readings"]] == [21.5, 3]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [(b"", "empty"), (bytes(range(256)), "binary"), (b"x" * 300_000, "too_large"), (b'{"a": "no number"}', "no_readings")],
)
async def test_unreadable_message_is_kept_with_its_reason(payload, reason):
    """A notice is published, the payload is kept."""
    wanted = settlement(await outcome_of(payload), "scribe")
    assert wanted.kept is not None
    assert (wanted.kept.reason, wanted.kept.size) == (reason, len(payload))
    assert len(wanted.kept.payload) == (len(payload) if reason != "too_large" else 4096)
    assert [row.topic for row in wanted.rows] == ["quarantine"]
    assert json.loads(wanted.rows[0].body)["reason"] == reason


@pytest.mark.parametrize("payload", [b'{"t": 21.5, "p": 10', json.dumps(list(range(10_001))).encode()])
async def test_message_read_in_part_is_published_and_kept(payload):
    """A value that was cut, or that came after too many others, is told; the whole ones are published."""
    outcome = await outcome_of(payload)
    assert outcome.reason == "partly_read"
    assert outcome.understood.readings
    wanted = settlement(outcome, "scribe")
    *readings, notice = wanted.rows
    assert {row.topic.split("/")[0] for row in readings} == {"readings"}
    assert notice.topic == "quarantine"
    assert sum(row.readings for row in readings) == len(outcome.understood.readings)


async def test_list_that_is_too_long_for_a_broker_has_several_rows():
    """39 kB of numbers are 2 MB of readings: rows of one message, in order, with its id, of which none is too large."""
    wanted = settlement(await outcome_of(json.dumps(list(range(10_000, 16_500))).encode()), "scribe")
    assert {row.id for row in wanted.rows} == {"m1"}
    assert len({row.topic for row in wanted.rows}) == 1
    assert max(len(row.body) for row in wanted.rows) <= 100_000
    assert [one["value"] for row in wanted.rows for one in json.loads(row.body)["readings"]] == list(range(10_000, 16_500))


def test_refused_publication_is_kept_whole():
    """The message that it came of was acknowledged long ago; of a device's payload too large to be read the beginning is enough."""
    assert len(refused("m1", "readings/a", b"x" * 2_000_000, "too large", NOW).payload) == 2_000_000


@pytest.mark.parametrize(("payload", "count"), [(b'{"t": 21.5}', 1), (b"21.5;48;3\n22.0;47;3\n", 0)])
async def test_a_value_that_only_its_place_names_has_to_be_surer(payload, count):
    """What is enough for JSON is not enough for CSV without a header."""
    outcome = await outcome_of(payload, ScriptedModel(confidence=0.45))
    assert len(outcome.understood.readings) == count


async def test_unsure_message_is_kept():
    """Readings below the threshold are not published, and the message can be read again later."""
    outcome = await outcome_of(b'{"t": 21.5}', ScriptedModel(confidence=0.2))
    assert outcome.reason == "low_confidence"


@pytest.mark.parametrize(
    ("error", "reason"), [(BUSY, "model_busy"), (DataError("odd"), "refused_data"), (ZeroDivisionError("defect"), "internal_error")]
)
async def test_model_that_fails_sends_the_message_to_quarantine(error, reason):
    """A full queue, a refused document and even a defect cost one message its readings, never the agent its life."""
    model = ScriptedModel()
    model.error = error
    outcome = await outcome_of(b'{"t": 21.5}', model)
    assert outcome.reason == reason
    assert outcome.detail


async def test_fatal_error_is_not_swallowed():
    """What nobody can go on from ends the agent."""
    model = ScriptedModel()
    model.error = FatalError("gone")
    with pytest.raises(FatalError):
        await outcome_of(b'{"t": 21.5}', model)


async def test_long_payload_does_not_hold_up_the_loop():
    """A quarter of a megabyte is decoded in a thread: the loop goes on meanwhile."""
    pipeline = Pipeline(Cascade(ScriptedModel(), None), ExtractConfig(), Reporter(Metrics()))
    payload = json.dumps({f"key{number}": number for number in range(9000)}).encode()
    task = asyncio.create_task(pipeline.process(Message("m", "a/b", payload, NOW)))
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 20
    assert len(task.result().understood.readings) == 9000
    pipeline.close()


async def test_cancelled_message_raises_cancellation():
    """A message that waits for the model when the agent stops is not called unreadable."""
    model = ScriptedModel()
    model.gate = asyncio.Event()
    task = asyncio.create_task(outcome_of(b"21.5", model, topic="slow"))
    await until(lambda: model.calls)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
