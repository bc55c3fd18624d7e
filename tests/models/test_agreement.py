"""What the corpus and the generator say of the same names is compared as it should be."""

import pytest

from models.data.agreement import Cell, Meaning, gather, report


def record(payload: str, readings: list[dict[str, object]], source: str = "a/b") -> dict[str, object]:
    """A labelled message whose readings are found by their literals."""
    placed = [{"name": "", "start": payload.index(str(reading["literal"])), **reading} for reading in readings]
    return {"source": source, "topic": "t/x", "payload": payload, "readings": placed, "optional": [], "device": None, "time": None}


TEMPERATURE = {"literal": "21.5", "quantity": "temperature", "unit": "Cel"}


def test_names_meet_without_case_and_separators():
    """``Air-Temp`` and ``air_temp`` are one name; a key that says little has its parent before it."""
    first = gather([record('{"Air-Temp": 21.5, "m": {"value": 4}}', [TEMPERATURE])])
    second = gather([record('{"data": {"air_temp": 21.5}}', [TEMPERATURE])])
    assert ("airtemp", "number") in first
    assert ("airtemp", "number") in second
    assert ("m.value", "number") in first


def test_columns_and_prose_have_no_names():
    """A column without a header says nothing, nor do the words of a sentence."""
    assert gather([record("21.5;4;7", [TEMPERATURE])]) == {}
    assert gather([record("It is 21.5 degrees in the hall today.", [TEMPERATURE])]) == {}


def test_scalar_is_named_by_its_topic():
    """A bare value's name is the topic's last level."""
    document_record = record("21.5", [TEMPERATURE])
    document_record["topic"] = "home/attic/airTemp"
    assert list(gather([document_record])) == [("airtemp", "number")]


@pytest.mark.parametrize(
    ("other", "depths"),
    [
        (Meaning("reading", frozenset({"temperature"}), frozenset({"Cel", "null"})), {"reading", "quantity", "unit", "role"}),
        (Meaning("reading", frozenset({"temperature"}), frozenset({"[degF]"})), {"reading", "quantity"}),
        (Meaning("reading", frozenset({"dew_point"}), frozenset({"Cel"})), {"reading"}),
        (Meaning("none"), set()),
    ],
)
def test_meanings_agree_as_far_as_they_do(other, depths):
    """One answer that is right by both is agreement; the depth says what is compared."""
    mine = Meaning("reading", frozenset({"temperature"}), frozenset({"Cel"}))
    assert {depth for depth in ("reading", "quantity", "unit", "role") if mine.agrees(other, depth)} == depths


def test_what_is_no_reading_differs_by_role_alone():
    """A device's name taken for nothing loses no reading."""
    assert Meaning("device").agrees(Meaning("none"), "unit")
    assert not Meaning("device").agrees(Meaning("none"), "role")


def test_a_cell_agrees_with_itself_wholly():
    """The overlap of equal distributions is one, and of disjoint ones zero."""
    cells = gather([record('{"t": 21.5, "u": 1}', [TEMPERATURE]), record('{"t": 21.5}', [])])
    cell = cells["t", "number"]
    assert cell.overlap(cell) == pytest.approx(1)
    assert cell.overlap(cells["u", "number"]) == pytest.approx(0.5)
    assert Cell().weight == 0


def test_report_tells_what_differs_and_what_is_never_made():
    """The lines name a disagreement, a name that is never generated, and a pair that is never made."""
    corpus = gather([record('{"t": 21.5, "mine": 3}', [TEMPERATURE], "x/y")])
    generated = gather([record('{"t": 21.5}', [{**TEMPERATURE, "quantity": "dew_point"}])])
    text = "\n".join(report(corpus, generated, 5))
    assert "agree down to quantity: 0.0%" in text
    assert "t (number, 1 in 1/1): 100% temperature Cel <> 100% dew_point Cel" in text
    assert "mine (number, 1 in 1): 100% none" in text
    assert "temperature Cel" in text.splitlines()[-1]
