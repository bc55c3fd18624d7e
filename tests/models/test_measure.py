"""The messages by language are sound, decoding offers what they label, and training never opens them."""

import re
from collections import Counter
from pathlib import Path

import pytest

from agent.domain.quantity import quantities
from agent.domain.unit import codes
from models.data.corpus import read_corpus
from models.recall import Tally, count

MODELS = Path(__file__).resolve().parents[2] / "models"
MESSAGES = MODELS / "measure" / "languages.jsonl"
RECORDS = list(read_corpus(MESSAGES))
LANGUAGES = ("de", "fr", "es", "nl", "it", "pl", "pt", "sv", "cs", "ru", "zh", "ja", "vi", "tr", "da")
FORMATS = {"json", "kv", "xml", "text"}
LEARNING = sorted(
    [
        *(MODELS / "data").rglob("*.py"),
        *(MODELS / "configs").glob("*.toml"),
        *(
            MODELS / f"{name}.py"
            for name in ("finetune", "training", "batches", "soften", "prune", "restore", "calibrate", "label", "site")
        ),
    ]
)
FOLDER = re.compile(r"models[./]measure|[\"'/]measure[\"'/]|\blanguages\.jsonl|import measure\b")
"""The folder as a path or a module; ``measure`` as a verb in prose is none."""


def test_every_language_has_ten_messages():
    """None is missing, and ids and families are there once."""
    assert Counter(record["language"] for record in RECORDS) == Counter(dict.fromkeys(LANGUAGES, 10))
    assert [record["id"] for record in RECORDS] == [f"lang/{language}/{n}" for language in LANGUAGES for n in range(1, 11)]
    assert len({record["family"] for record in RECORDS}) == len(RECORDS)
    assert {record["source"] for record in RECORDS} == {"languages"}
    assert {record["format"] for record in RECORDS} == FORMATS


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_labels_are_sound(record):
    """Every literal stands at its place, none twice; quantities and units are known; time and device are of the message."""
    labels = record["readings"] + record["optional"]
    assert 3 <= len(record["readings"]) <= 8
    assert len({label["start"] for label in labels}) == len(labels)
    assert [label["start"] for label in record["readings"]] == sorted(label["start"] for label in record["readings"])
    for label in labels:
        start = label["start"]
        assert record["payload"][start : start + len(label["literal"])] == label["literal"]
        assert {label["quantity"], *label.get("quantity_also", ())} <= set(quantities())
        assert {label["unit"], *label.get("unit_also", ())} <= {None, *codes()}
        assert label["unit"] not in label.get("unit_also", ())
        assert label["quantity"] not in label.get("quantity_also", ())
    assert record["time"] is None or record["time"] in record["payload"]
    assert record["device"] is None or record["device"] in record["payload"] or record["device"] in record["topic"]


def test_decoding_offers_the_labelled_literals():
    """At least 97 % of them; what is not offered, no model can read."""
    tally = Tally()
    missed = [line for record in RECORDS for line in count(record, tally)]
    assert tally.found >= 0.97 * tally.readings, missed


@pytest.mark.parametrize("path", LEARNING, ids=lambda path: path.relative_to(MODELS).as_posix())
def test_training_does_not_know_the_folder(path):
    """Neither as a path nor as a module."""
    assert not FOLDER.search(path.read_text(encoding="utf-8"))
