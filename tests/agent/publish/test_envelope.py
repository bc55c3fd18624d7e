"""The bodies follow the contract and are JSON whatever the payload held."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from agent.domain.message import Message
from agent.domain.reading import Reading
from agent.publish.envelope import health_body, instant, quarantine_body, readings_body, status_body

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
MESSAGE = Message("m1", "home/attic/sensor7", b'{"tempF": 71.3}', NOW)
READING = Reading("tempF", "temperature", "71.3", 10, 71.3, "[degF]", 0.98, "slm", "t_8f31", 21.8333333333, "Cel")


def test_reading_has_every_field_of_the_contract():
    """A reading can be taken out of its message and is still complete."""
    body = json.loads(readings_body(MESSAGE, "attic-7", NOW, "arrival", (READING,), "scribe-0.5"))
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
    body = json.loads(readings_body(MESSAGE, "attic-7", NOW, "payload", (READING, early), "m"))
    assert [body["time"], *(reading["time"] for reading in body["readings"])] == [instant(NOW)] * 2 + ["2026-05-01T08:00:00Z"]


def test_half_a_surrogate_pair_is_still_json():
    """Text that UTF-8 cannot hold is escaped."""
    body = readings_body(MESSAGE, "x\ud800", NOW, "arrival", (), "m")
    assert json.loads(body.decode("utf-8"))["device"] == "x\ud800"


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
