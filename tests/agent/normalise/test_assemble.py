"""Labels and literals become readings, doubts are told."""

import json
from datetime import UTC, datetime

import pytest

from agent.decode import decode
from agent.domain.reading import Label
from agent.normalise import assemble

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def understood(payload, labels, topic="a/dev1", threshold=0.5):
    """What is assembled from scripted labels."""
    document = decode(payload.encode(), topic)
    return assemble(document, labels, topic, NOW, threshold, "slm")


def test_unsure_reading_is_left_out_and_told():
    """Below the threshold there is no reading but a doubt with its reason."""
    found = understood(
        '{"t": 21, "h": 40}', [Label("reading", "temperature", "Cel", confidence=0.9), Label("reading", "humidity", "%", confidence=0.2)]
    )
    assert [reading.quantity for reading in found.readings] == ["temperature"]
    assert (found.doubt, found.abstained) == ("low_confidence", 1)


@pytest.mark.parametrize(
    ("literal", "published"),
    [
        ("35T06:59:51", False), ("3d 4h", False), ("68 days, 0:11:29", False),
        ("2026-05-01T10:00:00", True), ("10:20", True), ("20260501T102030Z", True), ("01.05.2026", True), ("6 May 2026", True),
    ],
)  # fmt: skip
def test_a_length_of_time_is_no_instant(literal, published):
    """A device's uptime that the model takes for the time of something is left out; dates and times of day are not."""
    found = understood(json.dumps({"up": literal}), [Label("reading", "timestamp", None, confidence=0.9)])
    assert [reading.literal for reading in found.readings] == [literal] * published


def test_message_without_readings_says_so():
    """Settings and identities alone are no readings, and that is told."""
    assert understood('{"interval": 60}', [Label("none")]).doubt == "no_readings"


@pytest.mark.parametrize(
    ("payload", "names"),
    [
        ('{"metrics":[{"name":"Oil Temperature","value":48.7},{"name":"Pressure","value":162}]}', ["Oil Temperature", "Pressure"]),
        ('{"values":[{"id":"Line1.Temp","v":21.5,"t":1},{"id":"Line1.Speed","v":3,"t":1}]}', ["Line1.Temp", "Line1.Speed"]),
        ('[{"DisplayName":"K\\u00fchler","NodeId":"ns=2;s=Cooler","Value":{"Value":82}}]', ["Kühler"]),
        ('[{"name":"t","value":1},{"name":"temp","value":2}]', ["[0].value", "temp"]),
        ('[{"name":"temp","value":1},{"name":"temp","value":2}]', ["[0].value", "[1].value"]),
        ('[{"id":"24a1-60e3-99ff","value":1},{"id":7,"value":2}]', ["[0].value", "[1].value"]),
        ('[{"name":"tank","min":1,"max":2}]', ["[0].min", "[0].max"]),
        ('[{"name":"tank","value":1,"val":2}]', ["[0].value", "[0].val"]),
        ('[{"name":"tank","level":1}]', ["[0].level"]),
        ('{"name":"tank","value":1}', ["value"]),
    ],
)
def test_values_in_lists_of_records_are_called_what_their_record_says(payload, names):
    """Their place in the list changes from message to message; where the record says nothing of its own it stays the name."""
    readings = ("value", "v", "val", "min", "max", "level")
    document = decode(payload.encode())
    last = [candidate.path.rpartition(".")[2].lower() for candidate in document.candidates]
    found = understood(payload, [Label("reading", "other") if key in readings else Label("none") for key in last])
    assert [reading.name for reading in found.readings] == names


@pytest.mark.parametrize(
    ("payload", "counting", "names"),
    [
        ("motor 1 current 42.1 A; motor 2 current 41.8 A", "12", ["motor 1 current", "motor 2 current"]),
        ("Ofen Zone 1 228°C Zone 2 241°C", "12", ["Ofen Zone 1", "Zone 2"]),
        ("visitors 12 Temp 21.5°C", "", ["visitors", "Temp"]),
        ("at floor 5, load 320.5 kg", "5", ["load"]),
        ("line 7\nspeed 1.25 m/s", "7", ["speed"]),
        ("board 40.5 °C fan 1 speed 5400.5 RPM", "1", ["board", "fan 1 speed"]),
    ],
)
def test_number_that_counts_things_belongs_to_the_name(payload, counting, names):
    """One that is a reading does not, nor does what is divided off."""
    document = decode(payload.encode())
    labels = [Label("none" if one.kind != "number" or one.literal in counting else "reading", "other") for one in document.candidates]
    assert document.format == "text"
    assert [reading.name for reading in understood(payload, labels).readings] == names


def test_devices_name_is_no_records():
    """Whose value it is says not which."""
    labels = [Label("device"), Label("reading", "temperature", "Cel")]
    assert [reading.name for reading in understood('[{"name":"kitchen","value":21.5}]', labels).readings] == ["[0].value"]


def test_implausible_value_is_marked_and_stays():
    """A humidity of 300 % is published with a mark."""
    (reading,) = understood('{"h": 300}', [Label("reading", "humidity", "%")]).readings
    assert (reading.value, reading.plausible) == (300, False)


@pytest.mark.parametrize(
    ("payload", "values"),
    [
        ("Füllstand: 1.872 Liter; Pegel: 62,4 %", [1872, 62.4]), ("Level: 1,872 L; share: 62.4 %", [1872, 62.4]),
        ("Zähler: 1.872 kWh; Leistung: 512 W", [1.872, 512]), ('{"a": "62,4", "b": "1.872"}', [62.4, 1872]),
        ('{"a": "62,4", "b": 1.872}', [62.4, 1.872]), ('{"a": 62.4, "b": "1,872"}', [62.4, 1.872]),
    ],
)  # fmt: skip
def test_numbers_of_one_message_share_a_decimal_mark(payload, values):
    """What one number shows counts for the others; the bare numbers of JSON neither show nor take anything."""
    found = understood(payload, [Label("reading", "other")] * 2)
    assert [reading.value for reading in found.readings] == values


def test_reading_keeps_literal_and_offset_beside_the_usual_unit():
    """The literal value stays as it is; the normalised one stands beside it."""
    (reading,) = understood('{"tempF": 71.3}', [Label("reading", "temperature", "[degF]")]).readings
    assert (reading.literal, reading.start, reading.value, reading.unit) == ("71.3", 10, 71.3, "[degF]")
    assert reading.value_si == pytest.approx(21.8333, abs=1e-3)
    assert reading.unit_si == "Cel"


def test_device_and_time_come_from_the_payload_where_it_has_them():
    """The payload's own identity and time win over topic and arrival."""
    labels = [Label("device"), Label("time"), Label("reading", "temperature", "Cel")]
    found = understood('{"id": "x9", "ts": "2026-05-01T10:00:00Z", "t": 1}', labels)
    assert (found.device, found.time.hour, found.time_source) == ("x9", 10, "payload")


@pytest.mark.parametrize("timed", [0, 1])
def test_date_and_time_in_two_columns_are_one_time(timed):
    """Whichever of both the reader takes for the time; the literal is that one."""
    labels = [Label("none"), Label("none"), Label("reading", "temperature", "Cel")]
    labels[timed] = Label("time")
    found = understood("2026-05-01;10:00:30;21.5", labels)
    assert (found.time, found.time_source) == (datetime(2026, 5, 1, 10, 0, 30, tzinfo=UTC), "payload_assumed_utc")
    assert found.time_literal == ("2026-05-01", "10:00:30")[timed]


def test_a_time_that_is_a_reading_is_no_half():
    """Sunrise beside the date is not when the message was sent."""
    found = understood('{"date": "2026-05-01", "sunrise": "05:31"}', [Label("time"), Label("reading", "timestamp")])
    assert (found.time, found.time_source) == (NOW, "arrival")
