"""What kind of thing a literal is."""

import pytest
from shown import literals, read

from agent.decode.kinds import classify

TABLE = {
    "number": "0 -1 +3.5 .5 26. 1e3 -2.5E-3 1,5 1,013 1,013.25 007 −4.2 1.234,56 1.234.567,8 1'234.5 1’234",
    "bool": "true False ON off Yes NO",
    "null": "null NaN nan unknown Unknown n/a N/A NA #N/A - -- --- --.- --:-- //// *** ??? Infinity undefined",
    "time": "2024-05-01 2024-05-01T10:00:00Z 10:20 10:20:30.123 01.02.2024"
    " 01.02.2024,10:20 20240501T102030Z 5/1/2024 3d4h 2024-05-01T10:00:00+02:00",
    "opaque": "1-0:1.8.0 00:11:22:aa:bb:cc 192.168.1.10 1.234.567 192.168.100.200 0x1F"
    " deadbeef01 1.2.3 v2.10 http://a.b/c a@b.cd 4f1c2d3e-1111-2222-3333-444455556666",
    "word": "open light_rain Solo OL tempC A1 2G 1T25:04:03 1-0:1.8 na Na NAN1 -a- ok. + > /dev",
}


@pytest.mark.parametrize(("kind", "literal"), [(kind, literal) for kind, row in TABLE.items() for literal in row.split()])
def test_a_literal_has_one_kind(kind: str, literal: str) -> None:
    """Numbers, states, times and identifiers are told apart by their spelling."""
    assert classify(literal) == kind


@pytest.mark.parametrize(
    "literal",
    [
        "2024-05-01 10:00:00",
        "1 May 2024 10:00",
        "Jul  2 11:39:07",
        "12/05/14,07:39:57",
        "11 day 22 hour 5 minute",
        "2024年5月1日",
        "68 days, 0:11:29",
        "2021-10-13+23%3A15%3A45",
        "Mon, 03 Jun 2024 10:00:00 GMT",
        "20171223-22:15:29:645",
        "@0.151160s",
        "1T05:04:03",
        "154 days,  4:05",
        "1 day, 2:03:04.567",
        "06/May/2026:10:00:00 +0000",
        "Wed May  6 10:00:00 CEST 2026",
        "2026-05-06 10:00:00 +0200 CEST",
        "2026-05-06 10:00:00 MESZ",
        "05-06-2026 10:00:00",
        "2026.05.06 10:00:00",
        "06.05.2026, 10:00:00",
        "5/6/2026, 10:00:00\u202fAM",
        "2026-05-06 10:00 PM",
        "10:00 PM",
        "Sun Jan 15 2023 13:52:00 GMT+0100 (CET)",
        "Sun Jan 15 2023 13:52:00 GMT+0100 (Central European Standard Time)",
    ],
)
def test_dates_with_spaces_are_times(literal: str) -> None:
    """A date-time is one time, however it is joined."""
    assert classify(literal) == "time"


@pytest.mark.parametrize("literal", ["10:00 BAT", "10:00 OUT", "10:00:00 TEST", "2026-05-06 10:00 SET"])
def test_words_behind_a_time_are_no_zones(literal: str) -> None:
    """A zone's name is one of a list."""
    assert classify(literal) == "word"


@pytest.mark.parametrize(
    ("payload", "literal"), [("state: 5b", "5b"), ('{"flags": "3f"}', "3f"), ("v: 5V", "5"), ("v: 5 b", "5"), ("v: 7d", "7")]
)
def test_one_digit_of_hexadecimal_is_no_number(payload, literal):
    """``5b`` is one code, as ``8add`` is; a unit's letter stays a unit."""
    assert literals(payload) == [literal]


@pytest.mark.parametrize("payload", ["78 78 1F 12 0B 08 1D 11 2E 10 CF 02 7A C7 EB 0C 46 58 49 00 14 8F", "0a1b2c3d" * 9])
def test_a_long_frame_of_bytes_is_one_identifier(payload):
    """However many bytes it has, none of them is a reading."""
    assert [(one.literal, one.kind) for one in read(payload).candidates] == [(payload, "opaque")]


def test_many_numbers_of_two_digits_are_no_bytes():
    """Without a letter they are values."""
    assert len(read(" ".join(["21", "40"] * 11)).candidates) == 22
