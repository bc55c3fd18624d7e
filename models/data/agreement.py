"""How far generated messages are labelled as the corpus labels them, name by name.

    python -m models.data.agreement --corpus ../shared/corpus --generated 5000

Training mixes both; where they label one name in two ways, it fights itself. Candidates of the same name and kind are laid side
by side. A name's weight is the square root of its occurrences, summed over the sources, so that no source decides alone; its
agreement is the overlap of the two distributions of labels. Reads ``open*.jsonl`` alone; prose and columns without a header have
no names and are left out.
"""

import argparse
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

from agent.decode import decode
from agent.domain.document import Candidate, Undecodable
from agent.domain.quantity import quantities
from agent.domain.unit import codes
from models.data.corpus import Record, read_corpus
from models.data.examples import FIRST_UNIT, ROLE_IGNORED, ROLE_READING, UNIT_WRITTEN, LabelSet, Target, targets
from models.data.generate import messages

Depth = Literal["reading", "quantity", "unit", "role"]
ROLES = ("reading", "device", "time", "none")
GENERIC = frozenset("value values val v state status current currentvalue level reading data result raw x y z text n s".split())
"""Last keys that say little; their parent is part of the name."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a candidate is taken for: role, and of a reading the right quantities, units (``null``, ``as written``) and polarity."""

    role: str
    quantities: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    inverted: bool = False

    def agrees(self, other: "Meaning", depth: Depth) -> bool:
        """True where one answer is right by both, as far as ``depth``.

        ``reading``: is it one; ``quantity``: and of which; ``unit``: and in which unit and polarity; ``role``: and what is it where
        it is no reading.
        """
        if "reading" not in (self.role, other.role):
            return depth != "role" or self.role == other.role
        if self.role != other.role or depth == "reading":
            return self.role == other.role
        if not self.quantities & other.quantities:
            return False
        return depth == "quantity" or (self.inverted == other.inverted and bool(self.units & other.units))

    def __str__(self) -> str:
        if self.role != "reading":
            return self.role
        return ("^" if self.inverted else "") + "|".join(sorted(self.quantities)) + " " + "||".join(sorted(self.units))


@dataclass(slots=True)
class Cell:
    """All that is known of one name and kind of literal: counts by meaning, and occurrences by source."""

    meanings: Counter[Meaning] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)

    @property
    def weight(self) -> float:
        """Square root of the occurrences, summed over the sources."""
        return sum(math.sqrt(count) for count in self.sources.values())

    def overlap(self, other: "Cell", depth: Depth = "unit") -> float:
        """Share of the labels, 0..1, that the other cell gives as often."""
        mine, theirs = self.meanings.total(), other.meanings.total()
        shared = 0.0
        for meaning, count in self.meanings.items():
            agreeing = sum(seen for made, seen in other.meanings.items() if made.agrees(meaning, depth))
            alike = sum(seen for made, seen in self.meanings.items() if made.agrees(meaning, depth))
            shared += count / alike * min(alike / mine, agreeing / theirs)
        return shared


Cells = dict[tuple[str, str], Cell]


def name_of(candidate: Candidate, topic: str) -> str:
    """The last key without case, separators and indices, behind its parent where it says little by itself."""
    path = candidate.path or "/".join(topic.split("/")[-2:])
    steps = [key for step in re.split(r"[./\[\]@]", path) if (key := re.sub(r"[\W_]+", "", step).casefold()) and not key.isdigit()]
    if not steps or re.fullmatch(r"column\d+", steps[-1]):
        return ""
    return ".".join(steps[-2:]) if steps[-1] in GENERIC else steps[-1]


def _meaning(target: Target) -> Meaning:
    if target.role != ROLE_READING:
        return Meaning(ROLES[target.role])
    names, units = tuple(quantities()), codes()
    written = {units[index - FIRST_UNIT] if index >= FIRST_UNIT else "null" for index in target.units if index != UNIT_WRITTEN}
    return Meaning("reading", frozenset(names[index] for index in target.quantities), frozenset(written), bool(target.inverted))


def gather(records: Iterable[Record]) -> Cells:
    """The cells of many labelled messages; prose, and labels that a reader may take or leave, are left out."""
    labels, cells = LabelSet(), defaultdict[tuple[str, str], Cell](Cell)
    for record in records:
        document = decode(record["payload"].encode(), record["topic"])
        if isinstance(document, Undecodable) or document.format == "text":
            continue
        for candidate, target in zip(document.candidates, targets(record, document, labels), strict=True):
            if target.role != ROLE_IGNORED and (name := name_of(candidate, record["topic"])):
                cell = cells[name, candidate.kind]
                cell.meanings[_meaning(target)] += 1
                cell.sources[record["source"]] += 1
    return dict(cells)


def _times(cell: Cell) -> str:
    return f"{cell.meanings.total()} in {len(cell.sources)}"


def _shares(cell: Cell, shown: int = 3) -> str:
    total = cell.meanings.total()
    return "; ".join(f"{count / total:.0%} {meaning}" for meaning, count in cell.meanings.most_common(shown))


def report(corpus: Cells, generated: Cells, shown: int) -> Iterator[str]:
    """Lines to print: the shares, then the names that cost most, then those that the generator never makes."""
    everything = sum(cell.weight for cell in corpus.values())
    both = {key: (cell, generated[key]) for key, cell in corpus.items() if key in generated}
    known = sum(mine.weight for mine, _ in both.values())
    yield f"names known to the generator: {known / everything:.1%} of the weight"
    for depth in get_args(Depth):
        agreeing = sum(mine.weight * mine.overlap(theirs, depth) for mine, theirs in both.values())
        yield f"of these agree down to {depth}: {agreeing / max(known, 1e-9):.1%}"
    yield "\n# disagreement: weight lost, name, kind, occurrences, sources; corpus; generated"
    lost = sorted(both.items(), key=lambda item: -item[1][0].weight * (1 - item[1][0].overlap(item[1][1])))
    for (name, kind), (mine, theirs) in lost[:shown]:
        cost = mine.weight * (1 - mine.overlap(theirs))
        yield f"{cost:6.1f} {name} ({kind}, {_times(mine)}/{theirs.meanings.total()}): {_shares(mine)} <> {_shares(theirs)}"
    yield "\n# never generated: weight, name, kind, occurrences, sources; corpus"
    absent = sorted(((key, cell) for key, cell in corpus.items() if key not in generated), key=lambda item: -item[1].weight)
    for (name, kind), cell in absent[:shown]:
        yield f"{cell.weight:6.1f} {name} ({kind}, {_times(cell)}): {_shares(cell)}"
    yield "\n# pairs of quantity and unit that the generator never makes: occurrences"
    made = _pairs(generated)
    for pair, count in (_pairs(corpus)).most_common():
        if pair not in made:
            yield f"{count:6d} {pair[0]} {pair[1]}"


def _pairs(cells: Cells) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for cell in cells.values():
        for meaning, count in cell.meanings.items():
            for quantity in meaning.quantities:
                for unit in meaning.units:
                    found[quantity, unit] += count
    return found


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with open*.jsonl")
    parser.add_argument("--generated", type=int, default=5000, help="messages to draw")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=60, help="names in each list")
    args = parser.parse_args()
    real = (record for path in sorted(args.corpus.glob("open*.jsonl")) for record in read_corpus(path))
    for line in report(gather(real), gather(islice(messages(args.seed), args.generated)), args.show):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
