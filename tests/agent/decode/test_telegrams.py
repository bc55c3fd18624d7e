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
        (
            "!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*24",
            "nmea:AIVDM",
            [
                ("AIVDM[1]", "1"),
                ("AIVDM[2]", "1"),
                ("AIVDM[4]", "A"),
                ("AIVDM[5]", "13u?etPv2;0n:dDPwUM1U1Cb069D"),
                ("AIVDM[6]", "0"),
            ],
        ),
        ("!AIVDM,2,2,,,1234,2*55", "nmea:AIVDM", [("AIVDM[1]", "2"), ("AIVDM[2]", "2"), ("AIVDM[5]", "1234"), ("AIVDM[6]", "2")]),
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
            "&&\r\n01083621.4\r\n0113-24.1\r\n0104 12:30:05\r\n0121\r\n!!\r\n",
            "",
            [("0108", "3621.4"), ("0113", "-24.1"), ("0104", "12:30:05")],
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


@pytest.mark.parametrize(
    ("payload", "dialect", "expected"),
    [
        ("F.F(00)\r\nC.1(345)\r\n1.8.0(9.2*kWh)", "obis", [("F.F", "00"), ("C.1", "345"), ("1.8.0", "9.2")]),
        ("C.1.0(578262)1.8.0*01(15326.55*kWh)", "obis", [("C.1.0", "578262"), ("1.8.0*01", "15326.55")]),
        ("9.4(42.8*C&29.2*C)6.31(98983*h)", "obis", [("9.4", "42.8"), ("9.4[1]", "29.2"), ("6.31", "98983")]),
        (
            "<Alarm,MPos:-32.487,363.2,-6,WPos:1,2,3>",
            "grbl",
            [
                ("state", "Alarm"),
                *[(f"MPos[{i}]", v) for i, v in enumerate(("-32.487", "363.2", "-6"))],
                *[(f"WPos[{i}]", v) for i, v in enumerate("123")],
            ],
        ),
        (
            "DB0ABC-11>APLRT1,WIDE1-1:=3390.42N/12351.29W>Bat=8.11V",
            "aprs",
            [("from", "DB0ABC-11"), ("latitude", "3390.42"), ("longitude", "12351.29"), ("Bat", "8.11")],
        ),
        (
            "HB9XYZ-11>APRS,WIDE2-1:!5300.32N/00520.23EO262/011/A=017071/Ti=21.3",
            "aprs",
            [
                ("from", "HB9XYZ-11"),
                ("latitude", "5300.32"),
                ("longitude", "00520.23"),
                ("course", "262"),
                ("speed", "011"),
                ("altitude", "017071"),
                ("Ti", "21.3"),
            ],
        ),
    ],
)
def test_short_codes_and_comments_are_read(payload: str, dialect: str, expected: list[tuple[str, str]]) -> None:
    """Codes on one line, several values of a code, states before commas, pairs in a comment."""
    document = read(payload)
    assert (document.format, document.dialect) == ("telegram", dialect)
    assert leaves(payload) == expected
    assert_grounded(document)


def test_the_unit_of_a_meter_register_is_kept() -> None:
    """The unit behind the star is the value's unit."""
    document = read("1-0:1.7.0(00.170*kW)\r\n1-0:32.7.0(242.5*V)\r\n")
    assert [item.unit_text for item in document.candidates] == ["kW", "V"]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ('{"obis":"1-0:1.8.0","value":5}', ["1-0:1.8.0", "5"]),
        ("1-0:1.8.0;5;kWh", ["1-0:1.8.0", "5", "kWh"]),
        ("Reading 1-0:1.8.0 is 5.3 kWh", ["Reading", "1-0:1.8.0", "5.3"]),
        ('{"score":"3-1","range":"10-20 m"}', ["3-1", "10", "20"]),
    ],
)
def test_a_meters_code_is_one_literal(payload: str, expected: list[str]) -> None:
    """Outside its telegrams too; what only begins like one is read as before."""
    assert literals(payload) == expected


def test_ampersands_alone_make_no_rig() -> None:
    """A record ends with two exclamation marks."""
    assert ("0108", "3621.4") not in leaves("&&\n01083621.4\n0113 24.1\n")


@pytest.mark.parametrize(
    ("payload", "dialect", "expected"),
    [
        (
            "0.0.96.1.0.255=ISK0001; 1.0.1.8.0.255=12034.512 kWh; 1.0.1.7.0.255=0.412 kW",
            "obis",
            [("0.0.96.1.0.255", "ISK0001"), ("1.0.1.8.0.255", "12034.512"), ("1.0.1.7.0.255", "0.412")],
        ),
        ("1-0:1.8.0*255=12345,6;1-0:16.7.0*255=-412", "obis", [("1-0:1.8.0*255", "12345,6"), ("1-0:16.7.0*255", "-412")]),
        ("1.8.0=12345.6 kWh, 2.8.0=310.0 kWh", "obis", [("1.8.0", "12345.6"), ("2.8.0", "310.0")]),
        (
            "\x02\nADCO 270622224349 B\r\nHCHC 014460852 $\r\nPTEC HP..  \r\nIINST 002 Y\r\n\x03",
            "tic",
            [("ADCO", "270622224349"), ("HCHC", "014460852"), ("PTEC", "HP.."), ("IINST", "002")],
        ),
        (
            "SINSTS\t00890\tW\nSMAXSN\tH240312094012\t01190\t4",
            "tic",
            [("SINSTS", "00890"), ("SMAXSN", "240312094012"), ("SMAXSN", "01190")],
        ),
    ],
)
def test_meters_registers_have_their_code(payload: str, dialect: str, expected: list[tuple[str, str]]) -> None:
    """As pairs, and in a Linky meter's lines, whose checksum belongs to no value."""
    document = read(payload)
    assert (document.format, document.dialect) == ("telegram", dialect)
    assert leaves(payload) == expected
    assert_grounded(document)


@pytest.mark.parametrize(
    "payload",
    [
        "TEMP 21.5 C\nHUM 45 %\nPRES 1013 h",
        "HCHC 014460852 A\nHCHP 012506372 B\nPAPP 00520 C",
        "1.8.0=12345.6",
        "192.168.1.5=1;192.168.1.6=0",
    ],
)
def test_what_only_looks_like_registers_is_read_otherwise(payload: str) -> None:
    """Lines whose checksum is wrong are no meter's, one register is no telegram, an address is no code."""
    assert read(payload).dialect not in ("tic", "obis")


def test_a_meters_serial_number_is_no_time() -> None:
    """Sixteen digits under the code of an identity are no microseconds since 1970; a register's digits stay a number."""
    document = read("1-0:0.0.0*255(1095100000123456)\r\n1-0:1.8.0*255(1095100000123456)\r\n0-0:96.1.1(4530303236303030)\r\n")
    assert [item.kind for item in document.candidates] == ["opaque", "number", "opaque"]
