"""Recall on the labelled corpus: what decoding misses, no model can read."""

from pathlib import Path

import pytest
from shown import assert_grounded

from agent.decode import decode
from agent.domain.document import Document
from models.data.corpus import read_corpus
from models.recall import Tally, count

LEAST = {"json": 0.995, "kv": 0.995, "xml": 0.995, "text": 0.995, "scalar": 0.995, "csv": 0.97, "telegram": 0.97}


@pytest.mark.parametrize("name", ["open.jsonl", "open2.jsonl", "open3.jsonl", "dev.jsonl"])
def test_labelled_literals_are_candidates(corpus_folder: Path, name: str) -> None:
    """Of every format, nearly every labelled reading is offered at exactly its place."""
    tallies = {form: Tally() for form in LEAST}
    for record in read_corpus(corpus_folder / name):
        count(record, tallies[record["format"]])
    short = {
        form: (tally.found, tally.readings)
        for form, tally in tallies.items()
        if tally.readings and tally.found < LEAST[form] * tally.readings
    }
    assert not short


def test_candidates_of_the_corpus_are_grounded(corpus_folder: Path) -> None:
    """In real payloads too, every literal stands at its offset and none overlap in a structured format."""
    for record in read_corpus(corpus_folder / "open3.jsonl"):
        document = decode(record["payload"].encode())
        assert isinstance(document, Document)
        assert_grounded(document)
