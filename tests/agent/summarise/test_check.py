"""A text is broken in each way, and the check names the way."""

from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.summarise import Style, narrate
from agent.summarise.check import check
from agent.summarise.facts import Alarm, Limit, Silence, Steady, Step, Trend
from agent.summarise.wording import written

from made_facts import START, facts_of_a_window, numbered  # isort: skip

STYLE = Style(zone=UTC)
FACTS = numbered(
    [
        Alarm(device="sink", quantity="leak", state="on", since=START, duration=900, must_say=True),
        Limit(
            device="cold-2", quantity="temperature", unit="Cel", side="above", limit=8, extreme=9.4, at=START, duration=720, must_say=True
        ),
        Silence(device="freezer-3", last=START, usual=60, must_say=True),
        Step(device="attic-7", quantity="temperature", unit="Cel", before=21.3, after=24.8, at=START),
        Trend(device="attic-7", quantity="humidity", unit="%", before=48, after=41, rate=-28),
        Steady(device="lab", quantity="carbon_dioxide", unit="[ppm]", mean=612, low=598, high=640, median=611, deviation=9, count=60),
    ]
)
TEXT = narrate(FACTS, STYLE).text


def faults(text, facts=FACTS, style=STYLE, known=("attic-8",)):
    """The faults of a text about the facts."""
    return check(text, facts.facts, {fact.id: written(fact, facts, style) for fact in facts.facts}, style.words, known)


def test_text_as_it_is_has_no_fault():
    """What is broken below is whole before."""
    assert TEXT == (
        "sink: leak detected since 10:00; cold-2: temperature above 8.0 °C from 10:00 for 12 min, highest 9.4 °C; "
        "freezer-3: silent since 10:00, usually heard every 60 s. "
        "attic-7: temperature jumped from 21.3 °C to 24.8 °C at 10:00, humidity fell from 48 % to 41 %. "
        "lab: CO₂ 612 ppm on average, between 598 ppm and 640 ppm."
    )
    assert faults(TEXT) == []


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("24.8 °C", "24.9 °C", "number"), ("24.8 °C", "-24.8 °C", "number"), ("24.8 °C", "124.8 °C", "number"),
        ("24.8 °C", "24.81 °C", "number"), ("612 ppm", "612 ppm (2 sensors)", "number"), ("612 ppm", "612 ppm from two", "number"),
        ("24.8 °C", "24.8 °F", "unit"), ("24.8 °C", "24.8", "unit"), ("9.4 °C", "9.4 %", "unit"), ("48 %", "48 °C", "unit"),
        ("on average", "in % on average", "unit"), ("at 10:00", "at 10:07", "time"),
        ("attic-7:", "attic-8:", "name"), ("on average", "like attic-8", "name"), ("on average", "in room_4", "name"),
        ("on average", "as in B12", "name"), ("attic-7:", "lab:", "number"), ("lab:", "attic-7:", "number"),
        ("jumped from 21.3 °C to 24.8 °C", "jumped from 24.8 °C to 21.3 °C", "order"),
        ("jumped", "dropped", "direction"), ("fell", "rose", "direction"), ("above", "below", "direction"),
        ("highest", "lowest", "direction"), ("on average", "and rising", "direction"),
        ("sink: leak detected since 10:00; ", "", "missing"), ("freezer-3: silent since 10:00, usually heard every 60 s", "", "missing"),
        (", highest 9.4 °C", "", "missing"), ("detected", "clear", "missing"),
        ("humidity fell", "temperature jumped from 21.3 °C to 24.8 °C at 10:00, humidity fell", "twice"),
        ("attic-7:", "sink: leak detected since 10:00; attic-7:", "twice"),
        ("lab: CO₂ 612 ppm on average", "lab: CO₂ 612 ppm on average, CO₂ 612 ppm", "twice"),
    ],
)  # fmt: skip
def test_broken_text_is_named_with_what_is_wrong(old, new, kind):
    """Numbers, units, times, names, directions, order, what is missing, what is there twice."""
    assert old in TEXT
    found = faults(TEXT.replace(old, new))
    assert kind in {fault.kind for fault in found}, found


def test_values_of_two_devices_that_are_exchanged_are_found():
    """Each value belongs to the device that is named before it."""
    facts = numbered([Steady(device=name, quantity="humidity", unit="%", mean=value, low=value, high=value, median=value, deviation=0,
                             count=9) for name, value in (("one", 40.0), ("other", 60.0))])  # fmt: skip
    text = narrate(facts, STYLE).text
    assert text == "one: humidity steady at 40 %; other: humidity steady at 60 %."
    assert faults(text, facts) == []
    swapped = text.replace("40 %", "x").replace("60 %", "40 %").replace("x", "60 %")
    assert {fault.kind for fault in faults(swapped, facts)} == {"number"}


def test_empty_text_is_a_fault():
    """It says nothing."""
    assert [fault.kind for fault in faults("  ")] == ["empty"]


@given(facts_of_a_window, st.sampled_from(["en", "de", "vi"]), st.data())
@settings(max_examples=150, deadline=None)
def test_changed_digit_is_found_in_any_text(facts, language, data):
    """A digit of a true text that is replaced gives a fault, unless the text says the same of another field of the fact."""
    style = Style(language=language, zone=UTC)
    text = narrate(facts, style).text
    shown = {fact.id: written(fact, facts, style) for fact in facts.facts}
    digits = [place for place, letter in enumerate(text) if letter.isdigit()]
    if not digits:
        return
    place = data.draw(st.sampled_from(digits))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != text[place]]))
    changed = text[:place] + other + text[place + 1 :]
    said = sorted(form for fields in shown.values() for form in fields.values())
    is_other_field = any(form in changed[max(0, place - len(form)) : place + len(form)] for form in said if other in form)
    if not is_other_field:
        assert check(changed, facts.facts, shown, style.words) != []


NAMED_BEFORE = (
    "At 10:00, the temperature of attic-7 jumped from 21.3 °C to 24.8 °C; the humidity of attic-7 fell from 48 % to 41 %, and the CO₂ "
    "at lab lay between 598 ppm and 640 ppm, 612 ppm on average."
)


@pytest.mark.parametrize(
    ("old", "new", "is_faithful"),
    [
        ("At 10:00", "At 10:00", True),
        ("the humidity of attic-7", "the humidity of lab", False),
        ("the temperature of attic-7", "the humidity of attic-7", False),
        ("the CO₂ at lab", "the CO₂, at lab,", False),
        ("the temperature of attic-7", "the temperature of cold-2", False),
    ],
)
def test_quantity_may_stand_right_before_its_device(old, new, is_faithful):
    """Both are named so, and values belong to them, and to no other device or quantity."""
    other = Step(device="cold-2", quantity="temperature", unit="Cel", before=1, after=4, at=START)
    facts = numbered([*FACTS.facts[3:], other])
    assert old in NAMED_BEFORE
    assert (faults(NAMED_BEFORE.replace(old, new), facts) == []) == is_faithful
