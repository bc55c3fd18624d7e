"""Lines without blanks, cut at signs and letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shown import assert_grounded, leaves, literals, read


@pytest.mark.parametrize(
    ("payload", "dialect", "expected"),
    [
        ("0D0!\r\n0+21.3+4.5\r\n", "sdi12", [("address", "0"), ("value 1", "+21.3"), ("value 2", "+4.5")]),
        ("3D0! 3+551+4.7\r\n", "sdi12", [("address", "3"), ("value 1", "+551"), ("value 2", "+4.7")]),
        ("0+21.3+4.5", "sdi12", [("address", "0"), ("value 1", "+21.3"), ("value 2", "+4.5")]),
        ("0-3.2+100\r\n", "sdi12", [("address", "0"), ("value 1", "-3.2"), ("value 2", "+100")]),
        ("0+3.14OqZ", "sdi12", [("address", "0"), ("value 1", "+3.14")]),
        ("a+3.14-2", "sdi12", [("address", "a"), ("value 1", "+3.14"), ("value 2", "-2")]),
        (
            "0+1.5\r\n1+2.5\r\n",
            "sdi12",
            [("address", "0"), ("value 1", "+1.5"), ("address", "1"), ("value 1", "+2.5")],
        ),
        (">+720.69+720.69", "dcon", [("value 1", "+720.69"), ("value 2", "+720.69")]),
        ("!01+0207.5", "dcon", [("address", "01"), ("value 1", "+0207.5")]),
        ("aT3TEMP19.3---", "llap", [("address", "T3"), ("TEMP", "19.3")]),
        ("a--RHUM55.0-", "llap", [("address", "--"), ("RHUM", "55.0")]),
        ("aAAAWAKE----", "llap", [("address", "AA"), ("word", "AWAKE")]),
        ("02T+26.7H+5.5", "coded", [("address", "02"), ("T", "+26.7"), ("H", "+5.5")]),
        ("@15T+44.5", "coded", [("address", "15"), ("T", "+44.5")]),
        ("L057.1P09.97", "coded", [("L", "057.1"), ("P", "09.97")]),
        ("10PV331.3SP1183.1", "coded", [("address", "10"), ("PV", "331.3"), ("SP", "1183.1")]),
        ("X-103.265", "coded", [("X", "-103.265")]),
        ("@253ACK1.00E-3;FF", "mks", [("address", "253"), ("value 1", "1.00E-3")]),
        ("R0841", "maxbotix", [("R", "0841")]),
        ("+CSQ: 3,0\r\n\r\nOK\r\n", "at", [("CSQ[1]", "3"), ("CSQ[2]", "0")]),
        (
            "(359710049BR00240312A0715.9084N11439.2875E025.8235900261.4701000000L000004A4)",
            "tk103",
            [
                ("address", "359710049"),
                ("date", "240312"),
                ("latitude", "0715.9084"),
                ("longitude", "11439.2875"),
                ("speed", "025.8"),
                ("time", "235900"),
                ("course", "261.47"),
            ],
        ),
        (
            "01+101  02+2022.  05+13.68  06+-16.94",
            "campbell",
            [("01", "101"), ("02", "2022"), ("05", "13.68"), ("06", "-16.94")],
        ),
    ],
)
def test_a_run_is_cut_at_signs_and_letters(payload: str, dialect: str, expected: list[tuple[str, str]]) -> None:
    """The sign belongs to the value; what stands before the first one is the address."""
    document = read(payload)
    assert (document.format, document.dialect) == ("telegram", dialect)
    assert leaves(payload) == expected
    assert_grounded(document)


@pytest.mark.parametrize(
    ("payload", "unit"),
    [("#02P+8.997bar", "bar"), ("*BTMU0+0051.8C", "C"), ("wn0030988kg", "kg"), ("X+13.7110 in", "in"), ("0+3.14OqZ", None)],
)
def test_a_unit_ends_the_run(payload: str, unit: str | None) -> None:
    """A known unit behind the last value is that value's; check characters are none."""
    assert read(payload).candidates[-1].unit_text == unit


@pytest.mark.parametrize(
    "payload",
    ["2024-05-01", "0-3", "12-34-56", "UTC+2", "fw-1.2", "V1.0R2", "v1.6.8", "A1B2", "+12", "ESP32", "P0420", "00:11:22:aa:bb:cc", "1e+5"],
)
def test_dates_versions_and_identifiers_are_no_runs(payload: str) -> None:
    """They stay one scalar."""
    assert read(payload).format == "scalar"
    assert literals(payload) == [payload]


@given(
    st.integers(0, 9),
    st.lists(st.decimals(-999, 999, places=2, allow_nan=False, allow_infinity=False), min_size=1, max_size=9),
)
def test_every_value_of_an_sdi12_answer_is_found(address: int, values: list[object]) -> None:
    """Whatever a sensor answers, each value keeps its sign and place."""
    written = [f"{value:+.2f}" for value in values]
    assert literals(f"{address}{''.join(written)}") == [str(address), *written]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("QT,+00000401 PCS", "+00000401"),
        ("+23.055;mm;GO", "+23.055"),
        ("\x02022.8 218 +16.2 04*9C\r\x03", "+16.2"),
        ("+2.30011E+02VDC,+12.331SECS,+00042RDNG#", "+2.30011E+02"),
    ],
)
def test_a_coded_line_keeps_the_signs_of_its_values(payload: str, expected: str) -> None:
    """A plus behind a mark is a sign, one between digits divides two values."""
    assert expected in literals(payload)
