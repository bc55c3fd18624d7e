"""Texts with slots, names by JSON path, checksums."""

import pytest

from simulators.checksums import crc16, nmea, p1
from simulators.compose import Place, fill, json_paths, literal


def test_filled_text_knows_its_places():
    """Each slot's literal stands where its place says, behind letters of more than one byte too."""
    text, places = fill('{"Wärme":«t»,"u":"«t» °C«x»"}', {"t": "21.5", "x": ""}.__getitem__)
    assert text == '{"Wärme":21.5,"u":"21.5 °C"}'
    assert places == [Place("t", "21.5", 9), Place("t", "21.5", 19), Place("x", "", 26)]
    assert all(text.startswith(place.literal, place.start) for place in places)


def test_slot_without_a_field_is_an_error():
    """A misspelt slot is found when the text is filled."""
    with pytest.raises(KeyError, match="tmep"):
        fill("«tmep»", {"temp": "1"}.__getitem__)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [(21.46, ".1f", "21.5"), (-0.04, ".1f", "0.0"), (3.9, "d", "3"), ("ON", "", "ON"), (-0.3, "d", "0"), (-1.5, ".2f", "-1.50")],
)
def test_literal_is_written_as_a_device_would(value, form, text):
    """Decimals are fixed, whole numbers cut, and a rounded zero has no sign."""
    assert literal(value, form) == text


def test_json_paths_name_slots():
    """A slot is named by its path, in quotes or bare, alone or beside text."""
    paths = json_paths('{"a":{"b":[«x»,{"c":"«y» °C"}]},"d":"«z»"}')
    assert paths == {"x": "a.b[0]", "y": "a.b[1].c", "z": "d"}
    with pytest.raises(ValueError):
        json_paths('{"a":«x»')


def test_checksums_are_those_of_the_standards():
    """Known values: a sentence of the NMEA standard, the check word of CRC-16/ARC."""
    sentence = "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"
    assert nmea(sentence) == "*47"
    assert crc16(b"123456789") == 0xBB3D
    assert p1("/a!") == f"{crc16(b'/a!'):04X}\r\n"
