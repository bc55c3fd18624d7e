"""Which kinds of devices look like messages that are used to judge: what must not be trained on.

    python -m models.data.overlap ../shared/corpus/dev.jsonl

Prints a line for each pair of a family of judged messages and a kind: how much of the message the kind holds, by which of two
measures, and what they share. ``names``: of the readings' names that few kinds have, the share that the kind's fields have too.
``line``: of the runs of six characters of a message's first 1,500 (JSON aside, whose names tell more) or of a kind's line, digits and
places left out, the share that both have. What is found is to be looked at: a standard's sentence is everybody's, a product's own
names are not.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.data.corpus import Record, read_corpus
from models.data.generate import load_kinds
from models.data.kinds import Kind

RARE = 6
"""A name says whose it is where at most so many kinds have it."""
LEAST_NAMES = 3
NAMES_SHARE = 0.4
RUN = 6
LINE_CHARS = 1500
LEAST_RUNS = 8
LINE_SHARE = 0.45

_INDEX = re.compile(r"\[\d+\]")
_PLACE = re.compile(r"\{[^}]*\}|\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True, order=True)
class Overlap:
    """A judged family and a kind that may know it; ``share`` 0..1."""

    share: float
    family: str
    kind: str
    measure: str
    common: str


def _name(path: str) -> str:
    """A path's last key in letters and digits alone, lower case."""
    last = re.split(r"[./]", _INDEX.sub("", path))[-1]
    return "".join(char for char in last.lower() if char.isalnum())


def _runs(text: str) -> set[str]:
    """The runs of characters of a text, digits and places masked."""
    masked = _PLACE.sub("#", text[:LINE_CHARS])
    return {masked[start : start + RUN] for start in range(len(masked) - RUN + 1)}


def _by_names(records: list[Record], kinds: Sequence[Kind]) -> Iterator[Overlap]:
    fields = {kind.name: {_name(field.path.replace("__", " ")) for field in kind.fields} for kind in kinds}
    known = Counter(name for names in fields.values() for name in names)
    for record in records:
        names = {_name(reading["name"]) for reading in record["readings"]} - {""}
        rare = {name for name in names if known[name] <= RARE}
        for kind, held in fields.items():
            common = rare & held
            if len(common) >= LEAST_NAMES and len(common) >= NAMES_SHARE * len(rare):
                yield Overlap(round(len(common) / len(rare), 2), record["family"], kind, "names", ", ".join(sorted(common)[:6]))


def _by_lines(records: list[Record], kinds: Sequence[Kind]) -> Iterator[Overlap]:
    lines = [(kind.name, line, _runs(line)) for kind in kinds for line in kind.lines]
    for record in records:
        wanted = _runs(record["payload"]) if record["format"] != "json" else set()
        for kind, line, held in lines:
            least = min(len(wanted), len(held))
            share = len(wanted & held) / least if least >= LEAST_RUNS else 0.0
            if share >= LINE_SHARE:
                yield Overlap(round(share, 2), record["family"], kind, "line", " ".join(line.split())[:60])


def overlaps(records: Iterable[Record], kinds: Sequence[Kind]) -> list[Overlap]:
    """Pairs of a judged family and a kind that share much, the closest first; each pair once for each measure."""
    judged = list(records)
    closest: dict[tuple[str, str, str], Overlap] = {}
    for found in [*_by_names(judged, kinds), *_by_lines(judged, kinds)]:
        key = (found.family, found.kind, found.measure)
        closest[key] = max(found, closest.get(key, found))
    return sorted(closest.values(), reverse=True)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("judged", type=Path, nargs="+", help="files of labelled messages that judge a model")
    args = parser.parse_args()
    kinds = load_kinds()
    found = overlaps((record for path in args.judged for record in read_corpus(path)), kinds)
    for one in found:
        print(f"{one.share:.2f}  {one.measure:5s}  {one.family:32s}  {one.kind:40s}  {one.common}")
    print(f"{len(found)} pairs, {len({one.family for one in found})} families, {len(kinds)} kinds looked at")
    return 0


if __name__ == "__main__":
    sys.exit(main())
