"""Literals become values, units convert."""

import pytest

from agent.domain.quantity import quantities
from agent.domain.unit import codes
from agent.normalise.plausible import RANGES
from agent.normalise.unit import linear, to_usual
from agent.normalise.value import decimal_mark, parse_binary, parse_number


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
