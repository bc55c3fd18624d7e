"""JSON in strings of JSON, and behind other words, is read where it stands."""

import json

import pytest
from shown import assert_grounded, leaves, read

from agent.domain.unit import parse_unit


@pytest.mark.parametrize("times", [1, 2, 3])
def test_json_in_a_string_is_read_where_it_stands(times: int) -> None:
    """However often it was encoded anew, with the same leaves under the string's path."""
    inner: object = {"status": "no_leak", "list": [{"v": 21.5, "u": "°C"}], "text": 'say "on"'}
    plain = leaves(json.dumps(inner))
    for _ in range(times):
        inner = {"data": json.dumps(inner)}
    document = read(json.dumps(inner))
    assert_grounded(document)
    found = [(item.path, item.literal) for item in document.candidates]
    assert [path for path, _ in found] == ["data." * times + path for path, _ in plain]
    assert found[0][1] == "no_leak"
    assert found[1][1] == "21.5"


def test_whole_payload_may_be_a_string_of_json() -> None:
    """A client that encodes twice; what only looks so is left as a text."""
    assert leaves(json.dumps(json.dumps([{"temp": 21.5}, {"temp": 22}]))) == [("[0].temp", "21.5"), ("[1].temp", "22")]
    assert leaves(r'{"d":"{not \"json\"}"}') == [("d", r"{not \"json\"}")]
    assert leaves(r'{"d":"{\"a\":1"}') == [("d", r"{\"a\":1")]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ('{"ST":30001,"VR":"[412]"}', [("ST", "30001"), ("VR[0]", "412")]),
        ('{"data":"[21.5, -3, 1e3]"}', [("data[0]", "21.5"), ("data[1]", "-3"), ("data[2]", "1e3")]),
        ('{"date":"[2024-01-31]","a":"[1,]","b":"[.,]","c":"[]"}', [("date", "[2024-01-31]"), ("a", "[1,]"), ("b", "[.,]"), ("c", "[]")]),
        ('{"v":"412","name":"[Line 2]","at":"[10:22]"}', [("v", "412"), ("name", "[Line 2]"), ("at", "[10:22]")]),
    ],
)
def test_list_of_numbers_in_a_string_is_read(payload: str, expected: list[tuple[str, str]]) -> None:
    """Routers send registers so; what is no whole list of numbers stays the text that it is."""
    assert leaves(payload) == expected


def test_strings_encoded_very_often_do_not_recurse_far() -> None:
    """Each time doubles the escapes, so that a payload of the greatest length holds few; it has an answer."""
    inner: object = {"v": 1}
    for _ in range(15):
        inner = {"d": json.dumps(inner)}
    payload = json.dumps(inner)
    assert leaves(payload) == [("d." * 15 + "v", "1")]


@pytest.mark.parametrize(
    ("payload", "before"),
    [
        ('2026-01-01 10:00:00 INFO {"temp":21.5}', ["2026-01-01 10:00:00", "INFO"]),
        ('home/attic {"temp":21.5}\r\n', ["home/attic"]),
        ('callback({"temp":21.5});', ["callback"]),
        ('data: {"temp":21.5}\n\n', ["data"]),
    ],
)
def test_json_behind_a_few_words_is_json(payload: str, before: list[str]) -> None:
    """The words before it are candidates without a name: a time or a device may be among them."""
    document = read(payload)
    assert (document.format, document.dialect) == ("json", "")
    assert leaves(payload) == [*[("", word) for word in before], ("temp", "21.5")]
    assert_grounded(document)


def test_readings_before_json_keep_their_names_and_units() -> None:
    """They are read as prose, and the unit of the JSON is not theirs."""
    found = [(item.path, item.literal, item.unit_text) for item in read('INFO Temp: 21.5 C {"value":12,"unit":"%"}').candidates]
    assert found == [("", "INFO Temp", None), ("INFO Temp", "21.5", "C"), ("value", "12", "%"), ("unit", "%", None)]


def test_strings_of_json_in_a_row_are_all_read() -> None:
    """A client that encodes every line twice."""
    assert leaves('"{\\"temp\\":21.5}"\n"{\\"hum\\":2}"') == [("temp", "21.5"), ("[1].hum", "2")]
    assert read('"[ALERT] \\"pump\\" stopped"').format == "text"


def test_unit_in_encoded_json_is_its_values() -> None:
    """Escapes are undone once for each time that it was encoded."""
    once, twice = (json.dumps(inner) for inner in ({"value": 21, "unit": "°C"}, {"d": json.dumps({"value": 21, "unit": "°C"})}))
    assert parse_unit(read(once).candidates[0].unit_text or "") == parse_unit(read(twice).candidates[0].unit_text or "") == "Cel"


def test_json_among_words_is_prose() -> None:
    """Text goes on behind it, or it breaks off."""
    assert read('RSSI -70 {"a":1} ok').format == "text"
    assert read('Got {"temp":21').format == "text"
