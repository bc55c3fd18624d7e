"""CSV and other delimited lines."""

import pytest
from shown import leaves, literals, read


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("soil,gas\n378,188", [("soil", "378"), ("gas", "188")]),
        ("1.5;2.5;on", [("column 1", "1.5"), ("column 2", "2.5"), ("column 3", "on")]),
        ("734\t24.81", [("column 1", "734"), ("column 2", "24.81")]),
        ("a,b\n2026-06-04 23:25:30,26.1C", [("a", "2026-06-04 23:25:30"), ("b", "26.1")]),
        ("t;h\n1;2\n3;4", [("t", "1"), ("h", "2"), ("t", "3"), ("h", "4")]),
    ],
)
def test_cells_have_their_columns_name(payload: str, expected: list[tuple[str, str]]) -> None:
    """With a header its names are the paths, without one the columns are numbered from one."""
    assert leaves(payload) == expected
    assert read(payload).format == "csv"


def test_a_unit_in_the_header_is_the_columns_unit() -> None:
    """Brackets in a header hold the unit."""
    document = read("Temp (°C),CO2 [ppm]\n21.5,600")
    assert [(item.path, item.unit_text) for item in document.candidates] == [("Temp (°C)", "°C"), ("CO2 [ppm]", "ppm")]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("IMEI1,12/05/14,07:39:57,1724.8564N,0.00,A", ["12/05/14,07:39:57", "1724.8564", "0.00"]),
        ("ATL,L,868345038171963,N,201218,093016,A,025.067144,N", ["201218,093016", "025.067144"]),
        (">C8,T000.0,H254.3,G06*17", ["000.0", "254.3", "06"]),
        ("2014-08-01T00:00:00.462Z 22.05,  5.21,  36.70", ["2014-08-01T00:00:00.462Z", "22.05", "5.21", "36.70"]),
        ("#84:F3:EB:4C:1A:77\n#T1#23.41\n#T2#-6.12\n##", ["84:F3:EB:4C:1A:77", "23.41", "-6.12"]),
        ("MT;6;8660;R0;10+190109091803+22.63827+114.02922", ["22.63827", "114.02922"]),
        ("20;47;Byron;ID=a66a;CMD=ON;", ["a66a", "ON"]),
    ],
)
def test_lines_of_trackers_and_loggers(payload: str, expected: list[str]) -> None:
    """Times stay whole over a delimiter, letters glued to a number are cut off, a plus between digits is no sign."""
    assert set(expected) <= set(literals(payload))
