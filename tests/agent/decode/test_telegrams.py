"""Fixed line protocols."""

import pytest
from shown import assert_grounded, leaves, literals, read


@pytest.mark.parametrize(
    ("payload", "dialect", "expected"),
    [
        ("$YXMTW,15.2,C*14", "nmea:YXMTW", [("YXMTW[1]", "15.2"), ("YXMTW[2]", "C")]),
        (
            "$IIMWD,046.,T,,,,,5.2,M*72",
            "nmea:IIMWD",
            [("IIMWD[1]", "046."), ("IIMWD[2]", "T"), ("IIMWD[7]", "5.2"), ("IIMWD[8]", "M")],
        ),
        ("28;21;1;0;3;7", "mysensors", [("node", "28"), ("child", "21"), ("set 3", "7")]),
        (
            "<Run|MPos:1.5,-2,3|F:500>",
            "grbl",
            [("state", "Run"), ("MPos[0]", "1.5"), ("MPos[1]", "-2"), ("MPos[2]", "3"), ("F", "500")],
        ),
        (
            "2021-02-01T12:00:02Z|line|205|Xact|31.7",
            "shdr",
            [("time", "2021-02-01T12:00:02Z"), ("line", "205"), ("Xact", "31.7")],
        ),
        (
            "/ISk5\r\n1-0:1.8.1(000010.181*kWh)\r\n0-0:1.0.0(230202132747W)\r\n!AD3B\r\n",
            "dsmr",
            [("1-0:1.8.1", "000010.181"), ("0-0:1.0.0", "230202132747W")],
        ),
        (
            "A>B:_10090556c220s004g005t-07h50b09900",
            "aprs",
            [
                ("from", "A"),
                ("time", "10090556"),
                ("c", "220"),
                ("s", "004"),
                ("g", "005"),
                ("t", "-07"),
                ("h", "50"),
                ("b", "09900"),
            ],
        ),
    ],
)
def test_a_telegram_is_cut_as_its_protocol_says(payload: str, dialect: str, expected: list[tuple[str, str]]) -> None:
    """Each protocol has its dialect and its own paths."""
    document = read(payload)
    assert (document.format, document.dialect) == ("telegram", dialect)
    if dialect == "aprs":
        expected = [row for row in expected if row[0] != "s"]
        assert [row for row in leaves(payload) if row[0] != "s"] == expected
    else:
        assert leaves(payload) == expected
    assert_grounded(document)


def test_a_weather_report_gives_its_glued_numbers() -> None:
    """METAR groups hold several numbers, or a number and a letter that means minus."""
    found = literals("KDOV 040558Z 23004G15KT 1 1/2SM -SN BR OVC006 M01/02 A3015 RMK SLP213 T10071006")
    assert found == [
        "KDOV",
        "040558Z",
        "230",
        "04",
        "15",
        "1 1/2",
        "-SN BR",
        "006",
        "M01",
        "02",
        "3015",
        "213",
        "1007",
        "1006",
    ]


def test_the_unit_of_a_meter_register_is_kept() -> None:
    """The unit behind the star is the value's unit."""
    document = read("1-0:1.7.0(00.170*kW)\r\n1-0:32.7.0(242.5*V)\r\n")
    assert [item.unit_text for item in document.candidates] == ["kW", "V"]
