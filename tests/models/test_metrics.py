"""The project's scores follow the corpus' own rules."""

import json
import subprocess
import sys

import pytest

from models.bench import joules
from models.metrics import faults, score_message

GOLD = {
    "id": "a", "payload": '{"t":21.5,"h":40,"x":7}', "format": "json",
    "readings": [
        {"name": "t", "quantity": "temperature", "literal": "21.5", "start": 5, "unit": "Cel", "unit_also": ["K"]},
        {"name": "h", "quantity": "humidity", "literal": "40", "start": 14, "unit": "%", "quantity_also": ["soil_moisture"]},
    ],
    "optional": [{"name": "x", "quantity": "count", "literal": "7", "start": 21, "unit": None}],
}  # fmt: skip


def reading(literal, start, quantity, unit):
    """A predicted reading."""
    return {"literal": literal, "start": start, "quantity": quantity, "unit": unit}


def test_alternatives_are_right_and_optional_readings_count_neither_way():
    """``quantity_also`` and ``unit_also`` are as right as the first answer."""
    counts = score_message(
        GOLD, [reading("21.5", 5, "temperature", "K"), reading("40", 14, "soil_moisture", "%"), reading("7", 21, "count", None)]
    )
    assert (counts.right, counts.wrong, counts.labels) == (2, 0, 2)


def test_wrong_unit_keeps_the_quantity_right():
    """F1 of the quantity alone is told apart."""
    counts = score_message(GOLD, [reading("21.5", 5, "temperature", "[degF]")])
    assert (counts.right, counts.wrong, counts.quantity_right) == (0, 1, 1)


def test_invented_literal_is_wrong_and_counted():
    """A literal that is not at its offset can not be right."""
    counts = score_message(GOLD, [reading("99", 5, "temperature", "Cel")])
    assert (counts.invented, counts.wrong) == (1, 1)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (reading("21.5", 5, "humidity", "%"), "quantity"),
        (reading("21.5", 5, "temperature", "[degF]"), "unit"),
        (reading("h", 11, "mode", None), "no reading"),
        (reading("99", 5, "temperature", "Cel"), "no reading"),
    ],
)
def test_a_fault_is_told_by_its_kind(said, wanted):
    """The other labelled readings are missed; alternatives and optional readings are no faults."""
    good = [reading("40", 14, "soil_moisture", "%"), reading("7", 21, "count", None)]
    found = [kind for kind, _ in faults(GOLD, [said, *good])]
    assert found == [wanted, *["missed"] * (wanted == "no reading")]
    assert [kind for kind, _ in faults(GOLD, [])] == ["missed", "missed"]


def test_figures_equal_those_of_the_corpus_scorer(corpus_folder, tmp_path):
    """The corpus' own scorer gives the same figures for the same predictions."""
    from models.data.corpus import read_corpus
    from models.metrics import score

    golds = list(read_corpus(corpus_folder / "open3.jsonl"))[:200]
    answers = {}
    for index, gold in enumerate(golds):
        got = [reading(r["literal"], r["start"], r["quantity"], r["unit"]) for r in gold["readings"][: 1 + index % 3]]
        if got and index % 4 == 0:
            got[0]["unit"] = "K"
        if index % 5 == 0:
            got.append(reading(gold["payload"][:1], 0, "count", None))
        answers[gold["id"]] = got
    (tmp_path / "gold").write_text("\n".join(json.dumps(gold) for gold in golds))
    (tmp_path / "got").write_text("\n".join(json.dumps({"id": key, "readings": value}) for key, value in answers.items()))
    done = subprocess.run(
        [sys.executable, str(corpus_folder / "score.py"), str(tmp_path / "gold"), str(tmp_path / "got"), "--json"],
        capture_output=True,
        check=True,
    )
    theirs = json.loads(done.stdout)
    ours = score(golds, answers)[0].figures()
    assert {key: ours[key] for key in ("f1", "precision", "recall", "quantity_f1", "found", "labels", "invented")} == {
        key: theirs[key] for key in ("f1", "precision", "recall", "quantity_f1", "found", "labels", "invented")
    }


def test_joules_are_watts_times_seconds_and_those_above_idle_apart():
    """A median call of 200 ms on a machine of 1.6 W idle and 5.0 W busy."""
    assert joules([150.0, 200.0, 900.0], 1.6, 5.0) == {"total": 1.0, "above_idle": 0.68}
