"""Literals become values, units convert, names and devices are found, doubts are told."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decode import decode
from agent.domain.quantity import quantities
from agent.domain.reading import Label
from agent.domain.unit import codes
from agent.normalise import assemble
from agent.normalise.halves import join_halves
from agent.normalise.instant import EARLIEST, LATEST_AHEAD, parse_instant
from agent.normalise.naming import device_from_topic, scalar_name
from agent.normalise.plausible import RANGES
from agent.normalise.unit import linear, to_usual
from agent.normalise.value import decimal_mark, parse_binary, parse_number

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 5, 7, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("literal", "number"),
    [
        ("23.4", 23.4), ("23,4", 23.4), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("1 013", 1013), ("-5", -5), ("+7", 7), ("1e3", 1000.0),
        ("−3", -3), ("00012", 12), (".5", 0.5), ("12.", 12.0), ("abc", None), ("NaN", None), ("Infinity", None), ("", None),
        ("1,234,567", 1234567), ("٣", 3), ("1e999", None), ("9" * 309, None), ("9" * 5000, None), ("1" + "0" * 20, 10**20),
        ("1’234.5", 1234.5), ("1'234", 1234), ("1 013,2", 1013.2), ("1.234.567,8", 1234567.8),
    ],
)  # fmt: skip
def test_numbers(literal, number):
    """Decimal comma, grouped digits, signs and exponents are understood; what is no number is None."""
    assert parse_number(literal) == number


@pytest.mark.parametrize(
    ("literals", "mark"),
    [
        (["1.872", "62,4"], ","), (["1,872", "62.4"], "."), (["0,412", "1.234"], ","), (["1.234,5"], ","), (["1,234.5", "7"], "."),
        (["−2,3"], ","), (["48,13743", "1.013"], ","), (["1.872", "14"], None), (["1,872", "2,500"], None), (["21,5", "21.5"], None),
        (["1673788301.123", "12.345"], None), ([], None),
    ],
)  # fmt: skip
def test_decimal_mark(literals, mark):
    """Three digits behind a mark tell nothing, any other count of them does; numbers that contradict each other tell nothing."""
    assert decimal_mark(literals) == mark


@pytest.mark.parametrize(
    ("literal", "mark", "number"),
    [
        ("1.872", ",", 1872),
        ("-14.233", ",", -14233), ("1,872", ".", 1872), ("0.412", ",", 0.412), ("1.87", ",", 1.87), ("1,872", ",", 1.872),
        ("1.872", ".", 1.872), ("1673.125", ",", 1673.125), ("0,412", ".", 0.412),
    ],
)  # fmt: skip
def test_groups_beside_a_known_decimal_mark(literal, mark, number):
    """The other mark groups thousands, where its digits can be a group."""
    assert parse_number(literal, mark) == number


@pytest.mark.parametrize(
    ("literal", "inverted", "state"),
    [
        ("ON", False, True), ("off", False, False), ("1", False, True), ("0", False, False), ("true", True, False), ("false", True, True),
        ("offen", False, True), ("geschlossen", False, False), ("maybe", False, None), ("đóng", False, False), ("aberta", False, True),
        ("nee", False, False), ("gekippt", False, True), ("éteinte", False, False), ("DoorState.Closed", False, False),
        ("BSH.Common.EnumType.PowerState.On", False, True), ("doorOpen", False, True),
        ("door_closed", True, True), ("no motion", False, False),
        ("Not Detected", False, False), ("nicht offen", False, False), ("Tür offen", False, True), ("STATE_OFF", False, False),
        ("not_home", False, False), ("away from home", False, False), ("Voltage high", False, None), ("signal_low", False, None),
        ("Zone 1", False, None), ("on hold", False, None), ("half a door", False, None),
    ],
)  # fmt: skip
def test_binaries(literal, inverted, state):
    """Words of many languages, alone or as the last of several; an inverted literal is turned round; an unknown word is None."""
    assert parse_binary(literal, inverted) is state


@pytest.mark.parametrize(
    ("value", "quantity", "unit", "usual"),
    [
        (71.3, "temperature", "[degF]", (21.8333333333, "Cel")), (215, "temperature", "dCel", (21.5, "Cel")),
        (2315, "temperature", "cCel", (23.15, "Cel")),
        (300.15, "temperature", "K", (27.0, "Cel")), (29.92, "atmospheric_pressure", "[in_i'Hg]", (1013.20759, "hPa")),
        (10, "wind_speed", "[kn_i]", (5.14444444444, "m/s")),
        (1500, "energy", "W.h", (1.5, "kW.h")), (3300, "battery_voltage", "mV", (3.3, "V")),
        (12, "power", None, None), (12, "power", "Cel", None), (1e308, "voltage", "kV", None),
        (1, "volume_flow_rate", "L/min", (0.06, "m3/h")),
        (5, "reactive_power", "kvar", (5000.0, "var")), (101, "pressure", "kPa", (1.01, "bar")),
    ],
)  # fmt: skip
def test_conversion_to_the_usual_unit(value, quantity, unit, usual):
    """The library's arithmetic, offsets and scaled units included; None where there is no way."""
    found = to_usual(value, quantity, unit)
    if usual is None:
        assert found is None
    else:
        assert found[0] == pytest.approx(usual[0], rel=1e-4)
        assert found[1] == usual[1]


def test_every_usual_unit_converts_to_itself():
    """A reading in its quantity's usual unit has its own value as normalised value."""
    for quantity in quantities().values():
        if quantity.unit is not None:
            assert linear(quantity.unit, quantity.unit) == (1.0, 0.0)


def test_no_code_breaks_the_conversion():
    """Every unit of the list converts or is None; none raises."""
    for code in codes():
        linear(code, "Cel")
        linear(code, "m")


def test_ranges_name_quantities_of_the_ontology():
    """A range for a quantity that does not exist would never be looked at."""
    assert set(RANGES) <= set(quantities())


@pytest.mark.parametrize(
    ("literal", "instant", "source"),
    [
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC), "payload"),
        ("2026-05-01T12:00:00+02:00", datetime(2026, 5, 1, 10, tzinfo=UTC), "payload"),
        ("2026-05-01T10:00:00.123456789Z", datetime(2026, 5, 1, 10, 0, 0, 123456, tzinfo=UTC), "payload"),
        ("2026-05-01 10:00:00", datetime(2026, 5, 1, 10, tzinfo=UTC), "payload_assumed_utc"),
        ("01.05.2026 10:00", datetime(2026, 5, 1, 10, tzinfo=UTC), "payload_assumed_utc"),
        (str(int(NOW.timestamp())), NOW, "payload"),
        (str(int(NOW.timestamp() * 1000)), NOW, "payload"),
        ("10:00:00", NOW, "arrival"), ("1970-01-01T00:00:10Z", NOW, "arrival"), ("2036-01-01T00:00:00Z", NOW, "arrival"),
        ("soon", NOW, "arrival"), ("260501140000S", NOW, "payload"), ("260501130000W", NOW, "payload"), ("269901110000W", NOW, "arrival"),
        ("Fri, 01 May 2026 12:00:00 GMT", NOW, "payload"), ("Fri, 41 May 2026 10:00:00 GMT", NOW, "arrival"),
        ("2026-05-01-12:00:00.000Z", NOW, "payload"), ("2026/05/01, 12:00:00", NOW, "payload_assumed_utc"),
        ("2026-05-01+12%3A00%3A00", NOW, "payload_assumed_utc"), ("2026-05-01+02:00", NOW, "arrival"),
        ("2026-99-01T10:00:00Z", NOW, "arrival"), ("99999999999999999999", NOW, "arrival"),
    ],
)  # fmt: skip
def test_message_time(literal, instant, source):
    """Payload time where it can be believed, arrival time else, and which of them it was."""
    assert parse_instant(literal, NOW) == (instant, source)


@pytest.mark.parametrize(
    ("literal", "hour"),
    [
        ("2026-05-06 10:00:00 UTC", 10), ("2026-05-06 10:00:00 GMT", 10), ("2026-05-06 10:00:00 CEST", 8), ("2026-05-06 10:00:00 CET", 9),
        ("2026-05-06 10:00:00 EST", 15), ("2026-05-06T10:00:00+02:00[Europe/Berlin]", 8), ("2026-05-06 10:00:00 +0200 CEST", 8),
        ("Wed May  6 10:00:00 MESZ 2026", 8), ("06/May/2026:10:00:00 +0000", 10), ("Wednesday, 06-May-2026 10:00:00 GMT", 10),
        ("20260506T100000Z", 10), ("2026-05-06 10:00:00 -0500", 15), ("2026-05-06T10Z", 10),
        ("Wed May 06 2026 10:00:00 GMT+0200 (CEST)", 8), ("Wed May 06 2026 10:00:00 GMT+0200 (Central European Summer Time)", 8),
        ("2026-05-06 10:00:00 UTC-05:00", 15), ("2026-05-06 10:00:00 +02:00", 8),
    ],
)  # fmt: skip
def test_zones_by_offset_and_by_name(literal, hour):
    """A name counts where it is the name of one zone alone."""
    assert parse_instant(literal, LATER) == (datetime(2026, 5, 6, hour, tzinfo=UTC), "payload")


@pytest.mark.parametrize(
    ("literal", "hour"),
    [
        ("05-06-2026 10:00:00", 10), ("2026.05.06 10:00:00", 10), ("06.05.2026, 10:00:00", 10), ("Wed May  6 10:00:00 2026", 10),
        ("5/6/2026 10:00:00 AM", 10), ("5/6/2026, 10:00:00\u202fPM", 22), ("2026-05-06 10:00 PM", 22), ("5/6/2026 12:00 a.m.", 0),
        ("5/6/26 12:00 pm", 12), ("May 6, 2026 10:00:00 AM", 10), ("6 May 2026 10:00", 10), ("20260506100000", 10), ("06.05.26 10:00", 10),
        ("06/05/2026 10:00:00", 10), ("26/05/06,10:00:00", 10), ("2026年5月6日 10:00", 10), ("20260506-10:00:00:000", 10),
    ],
)  # fmt: skip
def test_dates_without_a_zone(literal, hour):
    """Figures in any usual order, months by name, twelve hours twice a day."""
    assert parse_instant(literal, LATER) == (datetime(2026, 5, 6, hour, tzinfo=UTC), "payload_assumed_utc")


@pytest.mark.parametrize(
    "literal",
    [
        "2026-05-06 10:00:00 IST", "2026-05-06 10:00:00 CST", "10:00 PM", "5/6/2026", "May  6 10:00:00", "5/6/2026 13:00 PM", "1.2.3",
        "2026-05-06 10:00:00 +99:00", "9999-12-31 23:59:59-05:00", "0001-01-01T00:00:00+02:00", "31/31/2026 10:00", "1T05:04:03",
        "30.02.2026 10:00", "2026-05-06 10:00:61", "12345678901", "06.13.2026 10:00",
    ],
)  # fmt: skip
def test_what_tells_no_instant(literal):
    """Half a time, a zone of several offsets, a day that is none: arrival counts."""
    assert parse_instant(literal, LATER) == (LATER, "arrival")


@pytest.mark.parametrize(
    ("literal", "received_at", "date"),
    [
        ("11/06/2026 10:00", datetime(2026, 11, 6, 11, tzinfo=UTC), (2026, 11, 6)),
        ("11/06/2026 10:00", datetime(2026, 6, 11, 11, tzinfo=UTC), (2026, 6, 11)),
        ("11-06-2026 10:00", datetime(2026, 11, 6, 11, tzinfo=UTC), (2026, 11, 6)),
        ("11.06.2026 10:00", datetime(2026, 11, 6, 11, tzinfo=UTC), (2026, 6, 11)),
        ("11/07/2026 10:00", datetime(2026, 11, 6, 11, tzinfo=UTC), (2026, 11, 7)),
        ("25/10/2025 10:00", datetime(2026, 11, 6, 11, tzinfo=UTC), (2025, 10, 25)),
    ],
)
def test_of_several_dates_the_nearest_to_arrival_counts(literal, received_at, date):
    """Month and day change places across countries; behind points they do not."""
    assert parse_instant(literal, received_at)[0] == datetime(*date, 10, tzinfo=UTC)


@given(st.text(alphabet="0123456789-/.: ,TZ+UCAPMayWed[]年月日", max_size=40))
def test_any_text_tells_an_instant_or_arrival(literal):
    """Nothing raises, and no instant lies outside what is believed."""
    time, source = parse_instant(literal, LATER)
    assert source == "arrival" or EARLIEST <= time <= LATER + LATEST_AHEAD


@pytest.mark.parametrize(
    ("literal", "before", "after", "joined"),
    [
        ("19:40:29", "25-08-2021", "Internal Load", "25-08-2021 19:40:29"),
        ("12:30", "", "2026/5/1", "2026/5/1 12:30"),
        ("2026-05-01", "17", "12:30:10.5", "2026-05-01 12:30:10.5"),
        ("1.5.26", "9:05", "", "1.5.26 9:05"),
        ("8:15", "10/25/26", "", "10/25/26 8:15"),
        ("12:30:00+02:00", "2026.05.01", "", "2026.05.01 12:30:00+02:00"),
        ("12:30", "06:00", "21.5", "12:30"),
        ("2026-05-01", "2026-04-01", "21.5", "2026-05-01"),
        ("2026-05-01T10:00:00Z", "", "12:30", "2026-05-01T10:00:00Z"),
        ("25.13.99", "", "1.5", "25.13.99"),
        ("10:00 PM", "5/6/2026", "", "5/6/2026 10:00 PM"),
        ("00:00", "31/12/2000", "", "31/12/2000 00:00"),
        ("06:14:33", "20230412", "1042", "20230412 06:14:33"),
        ("06:14:33", "20231342", "20230431.5", "06:14:33"),
    ],
)
def test_date_and_time_of_day_side_by_side(literal, before, after, joined):
    """Joined where both are there and next to each other; else the literal stays."""
    assert join_halves(literal, before, after) == joined


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("home/attic/temperature", "temperature"),
        ("attic-node/sensor/room_temp/state", "room_temp"),
        ("a/b/value", "b"),
        ("state", "state"),
        ("", ""),
        ("shellies/shelly1-A1B2C3/relay/0", "relay"),
        ("nuki/2A3B4C5D/state", "state"),
        ("home/0x00158d0001", "0x00158d0001"),
        ("home/room/12/state", "room"),
        ("12/13", "13"),
    ],
)
def test_scalar_is_named_by_its_topic(topic, name):
    """The last level that tells something."""
    assert scalar_name(topic) == name


@pytest.mark.parametrize(
    ("topic", "scalar", "device"),
    [
        ("zigbee2mqtt/kitchen_sensor", False, "kitchen_sensor"), ("tele/plug-7/SENSOR", False, "plug-7"),
        ("home/attic7/temperature", True, "attic7"),
        ("v3/app1@ttn/devices/eui-70b3d5/up", False, "eui-70b3d5"), ("state", False, "unknown"),
        ("shellypro3em-garage/status/em:0", False, "shellypro3em-garage"), ("home/OMG_lilygo/SYStoMQTT", False, "OMG_lilygo"),
        ("garage-door/binary_sensor/garage_door_open/state", True, "garage-door"), ("wemos-boiler/debug", False, "wemos-boiler"),
        ("homeassistant/statestream/sensor/outdoor_humidity/state", True, "outdoor_humidity"), ("debug", False, "debug"),
        ("sonnenbatterie/status.xml", False, "sonnenbatterie"),
        ("nuki/2A3B4C5D/state", True, "2A3B4C5D"), ("kitchen/esp7/realtime", True, "esp7"), ("kitchen/light/power", True, "light"),
        ("home/a4:c1:38:d1:e2:f3", False, "a4:c1:38:d1:e2:f3"), ("shellies/shelly1-A1B2C3/relay/0", True, "shelly1-A1B2C3"),
        ("/v1.6/devices/weighbridge", False, "weighbridge"), ("/v1.6/devices/scale-2/weight", True, "scale-2"),
        ("plant/v12/data", False, "v12"), ("spBv1.0/Plant 1/NDATA/Raspberry Pi", False, "Raspberry Pi"),
        ("spBv1.0/Plant1/DDATA/Edge1/Press", False, "Press"), ("spBv1.0/STATE/host1", False, "host1"),
        ("ferme/serre/etat", False, "serre"), ("rover/gnss/csv", False, "gnss"), ("农业/大棚/数据", False, "大棚"),
        ("пасека/датчики/улей", False, "улей"), ("cantina/letture/temperatura", True, "cantina"),
    ],
)  # fmt: skip
def test_device_is_named_by_the_topic(topic, scalar, device):
    """Where the payload has no identity, a level of the topic is it."""
    assert device_from_topic(topic, scalar) == device


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
