"""Reads messages in the corpus format, one JSON object a line, and splits them by device family."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from agent.errors import DataError

Record = dict[str, Any]


def read_corpus(path: Path) -> Iterator[Record]:
    """The records of a file. Raises ``DataError`` with the line's number where one is not as FORMAT.md says."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
                payload = record["payload"]
                for reading in record["readings"]:
                    start = reading["start"]
                    if payload[start : start + len(reading["literal"])] != reading["literal"]:
                        raise DataError(f"{path.name}:{number}: {reading['name']} is not at its offset")
            except (json.JSONDecodeError, KeyError, TypeError) as error:
                raise DataError(f"{path.name}:{number}: not a record of the corpus ({error!r})") from error
            yield record


def held_out(record: Record, share: float) -> bool:
    """True for a fixed ``share`` of the device families; all messages of a family fall on one side."""
    digest = hashlib.sha256(f"{record.get('source')}|{record.get('family')}".encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32 < share


def split(records: Iterable[Record], share: float) -> tuple[list[Record], list[Record]]:
    """(training, held out) with no family in both."""
    training: list[Record] = []
    other: list[Record] = []
    for record in records:
        (other if held_out(record, share) else training).append(record)
    return training, other
