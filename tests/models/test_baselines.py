"""The baselines of the model card: rules on made messages, the prompted model with an answer at its edge. No corpus, no llama.cpp."""

import json
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decode import decode
from agent.domain.quantity import quantities
from agent.domain.unit import codes
from agent.errors import FatalError
from models.prompted import CUT, PAYLOAD_CHARS, Prompted, alternatives, grammar, llama_completion, units, whole_readings
from models.rules import Rules, name_of


def labelled(payload, *readings, topic="home/attic", time=None):
    """A message of the corpus format; a reading is (literal, quantity, unit), found at its first place."""
    return {
        "id": payload, "topic": topic, "payload": payload, "device": None, "time": time,
        "readings": [
            {"name": literal, "quantity": quantity, "literal": literal, "start": payload.index(literal), "unit": unit}
            for literal, quantity, unit in readings
        ],
    }  # fmt: skip


KNOWN = (
    labelled('{"temp":21.5,"battery_mv":2970,"seq":7}', ("21.5", "temperature", "Cel"), ("2970", "battery_voltage", "mV")),
    labelled('{"temp":20.5,"seq":8}', ("20.5", "temperature", "Cel")),
    labelled('{"temp":70.1,"hum":40}', ("70.1", "temperature", "[degF]"), ("40", "humidity", "%")),
    labelled('{"boiler":{"set":55}}', ("55", "setpoint", "Cel")),
    labelled('{"pump":{"set":1}}', ("1", "power_state", None)),
    labelled('{"fan":{"set":1}}', ("1", "power_state", None)),
    labelled('{"value":"231 W","at":"2026-01-02T03:04:05Z"}', ("231", "power", "W"), time="2026-01-02T03:04:05Z"),
    labelled("19.5", ("19.5", "temperature", "Cel"), topic="home/attic/temperature"),
)


@pytest.fixture(scope="module")
def rules():
    """What can be known from a few messages."""
    return Rules(KNOWN)


def read(predict, payload, topic="x/y"):
    """(literal, quantity, unit) of the readings."""
    document = decode(payload.encode(), topic)
    labels = predict(document, topic)
    assert len(labels) == len(document.candidates)
    found = zip(document.candidates, labels, strict=True)
    return [(one.literal, label.quantity, label.unit) for one, label in found if label.role == "reading"]


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ('{"TEMP":3.5,"seq":9}', [("3.5", "temperature", "Cel")]),
        ('{"temp":"68 °F"}', [("68", "temperature", "[degF]")]),
        ('{"value":"20 °C"}', [("20", "temperature", "Cel")]),
        ('{"tempF":68,"tempC":20}', [("68", "temperature", "[degF]"), ("20", "temperature", "Cel")]),
        ('{"hum_pct":44}', [("44", "humidity", "%")]),
        ('{"temp_a":1.5}', [("1.5", "temperature", "Cel")]),
        ('{"attic-temp2":5}', [("5", "temperature", "Cel")]),
        ('{"boiler":{"set":50},"pump":{"set":0}}', [("50", "setpoint", "Cel"), ("0", "power_state", None)]),
        ('{"valve":{"set":0}}', [("0", "power_state", None)]),
        ('{"foo":5}', []),
        ('{"temp":"broken"}', []),
        ("3,4,5\n3,4,6\n", []),
    ],
    ids=[
        "casing", "unit written", "unit corrects the quantity", "unit in the key", "unit word", "unit of another quantity",
        "longest word", "parent", "unknown parent", "unknown", "word for a number", "columns without a header",
    ],
)  # fmt: skip
def test_rules_read_what_a_dictionary_can(rules, payload, found):
    """Parent and key, then the key, then a part of it; what is written beside the value wins."""
    assert read(rules.read, payload) == found


def test_rules_name_a_scalar_by_its_topic(rules):
    """A bare value has no key."""
    assert read(rules.read, "7.5", "shed/temperature/state") == [("7.5", "temperature", "Cel")]


def test_rules_know_the_time(rules):
    """Roles are learned as quantities are."""
    document = decode(b'{"at":"2026-02-02T03:04:05Z"}', "")
    assert [label.role for label in rules.read(document, "x/y")] == ["time"]


@pytest.mark.parametrize(
    ("path", "words", "parent"),
    [
        ("air.outTempF", ("out", "Temp", "F"), "air"),
        ("Inverter.AC_Power[2]", ("AC", "Power"), "inverter"),
        ("energy_kWh", ("energy", "k", "Wh"), "attic"),
        ("PM2_5", ("PM", "2", "5"), "attic"),
        ("Außentemperatur", ("Außentemperatur",), "attic"),
        ("column 3", (), ""),
    ],
)
def test_a_name_is_the_words_of_the_last_key(path, words, parent):
    """What stands above it is the parent's key, or the topic."""
    found = name_of(path, "home/attic")
    assert (found.words, found.parent) == (words, parent)


class Answering:
    """A model that says what the test says."""

    def __init__(self, answer):
        self.answer = answer if isinstance(answer, str) else json.dumps(answer, separators=(",", ":"))
        self.asked = []

    def __call__(self, chat, rules):
        """One answer."""
        self.asked.append((chat, rules))
        return self.answer


def said(literal, quantity="temperature", unit="°C"):
    """A reading as the model writes it."""
    return {"literal": literal, "quantity": quantity, "unit": unit}


def test_a_literal_goes_to_its_first_unused_place():
    """The second of two equal literals is the second place; a third has none, and is counted."""
    prompted = Prompted(Answering([said("5"), said("5", "humidity", None), said("5")]))
    assert read(prompted.read, '{"a":5,"b":6,"c":5}') == [("5", "temperature", "Cel"), ("5", "humidity", None)]
    assert prompted.losses == {"messages": 1, "payloads_cut": 0, "answers_broken_off": 0, "literals_without_a_place": 1}


def test_the_question_holds_the_ontology_and_the_message():
    """Examples stand between the task and the message."""
    model = Answering("[]")
    assert read(Prompted(model).read, '{"t":5}', "shed/3") == []
    chat, _ = model.asked[0]
    assert [turn["role"] for turn in chat] == ["system", *["user", "assistant"] * 2, "user"]
    assert all(name in chat[0]["content"] for name in quantities())
    assert chat[-1]["content"] == 'Topic: shed/3\nPayload: {"t":5}'


def test_an_answer_that_was_broken_off_keeps_its_whole_readings():
    """And is counted."""
    prompted = Prompted(Answering('[{"literal":"5","quantity":"humidity","unit":"%"},{"literal":"6","qua'))
    assert read(prompted.read, '{"a":5,"b":6}') == [("5", "humidity", "%")]
    assert prompted.losses["answers_broken_off"] == 1


def test_a_long_payload_is_cut_with_a_note():
    """What stands beyond the cut is not offered, and the cut is counted."""
    values = list(range(1000, 1000 + PAYLOAD_CHARS // 5))
    model = Answering([said("1000")])
    prompted = Prompted(model)
    assert read(prompted.read, json.dumps(values)) == [("1000", "temperature", "Cel")]
    chat, rules = model.asked[0]
    assert chat[-1]["content"].endswith(CUT)
    literal = allowed(rules)["literal"]
    assert literal.fullmatch('"1000"')
    assert not literal.fullmatch(f'"{values[-1]}"')
    assert prompted.losses["payloads_cut"] == 1


def test_nothing_is_asked_where_nothing_can_be_answered():
    """A payload of null values."""
    model = Answering("[]")
    assert read(Prompted(model).read, '{"a":null}') == []
    assert model.asked == []


def pattern(expression):
    """A GBNF expression of quoted texts, groups and bars as a regular expression."""
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"|([()|?])', expression, re.DOTALL)
    plain = {"\\\\": "\\", '\\"': '"', "\\n": "\n", "\\r": "\r"}
    return "".join(sign or re.escape(re.sub(r"\\.", lambda found: plain[found[0]], text)) for text, sign in parts)


def allowed(rules):
    """What a message's grammar allows as literal, quantity and unit."""
    parts = dict(line.split(" ::= ", 1) for line in rules.splitlines())
    return {name: re.compile(pattern(parts[name])) for name in ("literal", "quantity", "unit")}


@given(st.sets(st.text('ab"\\\n°', max_size=5), min_size=1, max_size=12), st.text('ab"\\\n°', max_size=5))
def test_alternatives_match_their_texts_and_nothing_else(texts, other):
    """Writing common beginnings once changes nothing of what is allowed."""
    expression = re.compile(pattern(alternatives(sorted(texts))))
    assert all(expression.fullmatch(text) for text in texts)
    assert bool(expression.fullmatch(other)) == (other in texts)


def test_the_grammar_allows_the_message_own_literals_only():
    """And no more readings than there are candidates; quantities and units are the closed lists'."""
    rules = grammar(decode(b'{"a":"5 W","b":"o\\"k"}', "").candidates)
    assert "{0,1}" in rules.splitlines()[0]
    literal, quantity, unit = allowed(rules).values()
    assert literal.fullmatch('"5"')
    assert not literal.fullmatch('"6"')
    assert all(quantity.fullmatch(f'"{name}"') for name in quantities())
    assert unit.fullmatch("null")
    assert unit.fullmatch('"°C"')
    assert not unit.fullmatch('"warm"')
    assert "{0," not in grammar(decode(b'{"a":5}', "").candidates)


def test_every_unit_can_be_said():
    """Spellings stand for the codes of the ontology."""
    assert set(units().values()) == set(codes())


@pytest.mark.parametrize("answer", ["", "[", "[]", "no"])
def test_no_reading_is_read_out_of_nothing(answer):
    """Nor is it an error."""
    assert list(whole_readings(answer)) == []


def test_without_llama_cpp_the_error_says_how_to_install_it(monkeypatch, tmp_path):
    """Before anything is downloaded."""
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    with pytest.raises(FatalError, match="pip install llama-cpp-python"):
        llama_completion(tmp_path)
