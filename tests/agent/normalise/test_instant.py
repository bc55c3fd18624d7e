"""Times become instants, or arrival counts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.normalise.halves import join_halves
from agent.normalise.instant import EARLIEST, LATEST_AHEAD, parse_instant

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 5, 7, 12, 0, tzinfo=UTC)


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
