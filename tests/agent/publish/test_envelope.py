"""The bodies follow the contract and are JSON whatever the payload held."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.message import Message
from agent.domain.reading import Reading
from agent.publish.envelope import MAX_BODY_BYTES, health_body, instant, quarantine_body, readings_bodies, status_body

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
MESSAGE = Message("m1", "home/attic/sensor7", b'{"tempF": 71.3}', NOW)
READING = Reading("tempF", "temperature", "71.3", 10, 71.3, "[degF]", 0.98, "slm", "t_8f31", 21.8333333333, "Cel")


def bodies(*readings, message=MESSAGE, device="attic-7", source="arrival", model="scribe-0.5"):
    """What is published of a message's readings: (body, how many readings)."""
    return readings_bodies(message, device, NOW, source, readings, model)


def one_body(*readings, **rest):
    """The body where there is one, as JSON."""
    ((body, count),) = bodies(*readings, **rest)
    assert count == len(readings)
    return json.loads(body)


def test_reading_has_every_field_of_the_contract():
    """A reading can be taken out of its message and is still complete."""
    body = one_body(READING)
    assert {key: value for key, value in body.items() if key != "readings"} == {
        "schema": "sensorscribe.readings/1", "id": "m1", "device": "attic-7", "time": "2026-05-01T10:00:00Z", "time_source": "arrival",
        "received_at": "2026-05-01T10:00:00Z", "topic": "home/attic/sensor7",
    }  # fmt: skip
    assert body["readings"] == [
        {
            "device": "attic-7", "name": "tempF", "quantity": "temperature", "value": 71.3, "unit": "[degF]", "value_si": 21.8333333333,
            "unit_si": "Cel", "time": "2026-05-01T10:00:00Z", "source": {"topic": "home/attic/sensor7", "literal": "71.3", "start": 10},
            "confidence": 0.98, "via": "slm", "template": "t_8f31", "model": "scribe-0.5", "plausible": True,
        }
    ]  # fmt: skip


def test_sample_has_its_own_time_and_the_message_has_its():
    """Rows that were kept for a while are published each with the time that it states."""
    early = replace(READING, time=NOW - timedelta(hours=2))
    body = one_body(READING, early, source="payload")
    assert [body["time"], *(reading["time"] for reading in body["readings"])] == [instant(NOW)] * 2 + ["2026-05-01T08:00:00Z"]


def test_half_a_surrogate_pair_is_still_json():
    """Text that UTF-8 cannot hold is escaped."""
    odd = replace(READING, name="y\udfff", literal="größer")
    ((body, _),) = bodies(odd, device="x\ud800")
    found = json.loads(body.decode("utf-8"))
    assert (found["device"], found["readings"][0]["name"]) == ("x\ud800", "y\udfff")
    assert found["readings"][0]["source"]["literal"] == "größer"


def test_long_list_goes_out_in_parts():
    """What a broker could refuse whole is told in order, each part complete by itself but for its number."""
    readings = [replace(READING, start=number) for number in range(6500)]
    found = bodies(*readings)
    assert len(found) > 15
    assert all(MAX_BODY_BYTES * 0.9 < len(body) <= MAX_BODY_BYTES for body, _ in found[:-1])
    parts = [json.loads(body) for body, _ in found]
    assert [(part["part"], part["parts"]) for part in parts] == [(number, len(found)) for number in range(1, len(found) + 1)]
    heads = [{key: value for key, value in part.items() if key not in ("part", "parts", "readings")} for part in parts]
    whole = one_body(READING)
    del whole["readings"]
    assert heads == [whole] * len(found)
    assert [one["source"]["start"] for part in parts for one in part["readings"]] == list(range(6500))
    assert [count for _, count in found] == [len(part["readings"]) for part in parts]


@given(
    st.lists(st.tuples(st.text(max_size=30), st.integers(0, 4000)), min_size=1, max_size=120),
    st.sampled_from(["a/b", "ü" * 30_000, "x" * 60_000]),
)
def test_no_part_is_larger_than_a_broker_takes_unless_one_reading_is(shapes, topic):
    """Whatever readings and topic are like: nothing is lost or told twice, the order stays, and only one reading can be too large."""
    readings = [replace(READING, name=name, literal="°" * length, start=start) for start, (name, length) in enumerate(shapes)]
    found = bodies(*readings, message=replace(MESSAGE, topic=topic))
    parts = [json.loads(body) for body, _ in found]
    told = [(one["name"], one["source"]["start"]) for part in parts for one in part["readings"]]
    assert told == [(reading.name, reading.start) for reading in readings]
    assert all(len(body) <= MAX_BODY_BYTES or count == 1 for body, count in found)
    assert [part.get("part") for part in parts] == ([None] if len(parts) == 1 else list(range(1, len(parts) + 1)))


@pytest.mark.parametrize(("retain", "said"), [(True, True), (False, None)])
def test_retained_message_is_told_as_one(retain, said):
    """A value that the broker had kept may be months old; one that comes fresh says nothing of it."""
    assert one_body(READING, message=replace(MESSAGE, retain=retain)).get("retained") is said


def test_instants_are_utc():
    """A zone is turned into UTC."""
    assert instant(datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))) == "2026-05-01T10:00:00Z"


def test_notice_names_the_reason_and_leaves_the_payload_out():
    """What could not be read stays on the device."""
    body = json.loads(quarantine_body(MESSAGE, "binary", "no text"))
    assert (body["schema"], body["reason"], body["bytes"]) == ("sensorscribe.quarantine/1", "binary", 15)
    assert "payload" not in body


def test_will_has_no_time():
    """Nobody knows beforehand when a will is sent."""
    assert json.loads(status_body("offline", "box", "1", None, "connection lost"))["time"] is None
    assert "reason" not in json.loads(status_body("online", "box", "1", NOW))
    assert json.loads(health_body("box", "1", NOW, {"uptime_seconds": 1}))["uptime_seconds"] == 1
