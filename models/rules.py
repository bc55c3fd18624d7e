"""The baseline without a model, as a person would write it: a dictionary from the name of a field to what it usually means.

Names are compared without casing and separators, first with their parent, then alone. The dictionary is counted from ``open*.jsonl`` and
generated messages. A unit that stands beside the value wins over the dictionary's, and over its quantity where that never has such a unit.
An unknown name is looked up without the unit at its end (``attic_temp_c``, ``roomTempF``, ``hum_pct``), then by the longest known word in
it; where there is none, there is no reading. Every label is as sure as every other: a dictionary has no probabilities.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from agent.decode import decode
from agent.domain.document import Candidate, Document, Undecodable
from agent.domain.quantity import quantities
from agent.domain.reading import Label
from agent.domain.unit import parse_unit
from agent.normalise.naming import scalar_name
from agent.slm.answer import ROLES
from models.data.corpus import Record, read_corpus
from models.data.examples import ROLE_IGNORED, ROLE_READING, LabelSet, targets
from models.data.generate import messages

NOTHING = Label("none")
MOST_UNIT_WORDS = 3
"""``_ug_m3`` is read as the words ug, m and 3."""
LEAST_WORD_CHARS = 2
"""Of a word that is looked for inside an unknown name: letters alone say too little."""

Value = TypeVar("Value")

_INDEX = re.compile(r"\[\d+\]")
_STEP = re.compile(r"[./]")
_POSITION = re.compile(r"column \d+$")
_WORD = re.compile(r"[A-Z]+(?![^\W\dA-Z_])|[^\W\d_][^\W\dA-Z_]*|\d+")


@dataclass(frozen=True, slots=True)
class Name:
    """The words of a field's last key, and what stands above it: the parent's key, or the topic's last telling level."""

    words: tuple[str, ...]
    parent: str

    @property
    def key(self) -> str:
        """The key without casing and separators; empty where it has neither letters nor digits."""
        return _joined(self.words)

    @property
    def pair(self) -> tuple[str, str]:
        """Parent and key."""
        return self.parent, self.key


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text))


def _joined(words: Iterable[str]) -> str:
    return "".join(words).casefold()


def name_of(path: str, topic: str) -> Name:
    """The name of a candidate. A bare scalar has its name from the topic; a column without a header has none."""
    if _POSITION.match(path):
        return Name((), "")
    *above, last = [step for step in _STEP.split(_INDEX.sub("", path)) if step] or [scalar_name(topic)]
    parent = above[-1] if above else scalar_name(topic) if path else ""
    return Name(_words(last), _joined(_words(parent)))


def answers(record: Record) -> Iterator[tuple[Candidate, Label]]:
    """Every candidate of a labelled message with its right label; optional readings and null values say nothing and are left out."""
    document = decode(record["payload"].encode(), record["topic"])
    if isinstance(document, Undecodable):
        return
    readings = {reading["start"]: reading for reading in record["readings"]}
    for candidate, target in zip(document.candidates, targets(record, document, LabelSet()), strict=True):
        if target.role == ROLE_IGNORED or candidate.kind == "null":
            continue
        if target.role == ROLE_READING:
            found = readings[candidate.start]
            yield candidate, Label("reading", found["quantity"], found["unit"], bool(found.get("inverted")))
        else:
            yield candidate, Label(ROLES[target.role])


class Rules:
    """The dictionaries: by parent and key, by key, and the quantity that a unit usually belongs to."""

    def __init__(self, records: Iterable[Record]) -> None:
        pairs: defaultdict[tuple[str, str], Counter[Label]] = defaultdict(Counter)
        keys: defaultdict[str, Counter[Label]] = defaultdict(Counter)
        units: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for record in records:
            for candidate, label in answers(record):
                name = name_of(candidate.path, record["topic"])
                pairs[name.pair][label] += 1
                keys[name.key][label] += 1
                if label.quantity and label.unit:
                    units[label.unit][label.quantity] += 1
        self._by_pair = {pair: _commonest(counts) for pair, counts in pairs.items()}
        self._by_key = {key: _commonest(counts) for key, counts in keys.items()}
        self._by_unit = {unit: _commonest(counts) for unit, counts in units.items()}
        self._carried = {(quantity, unit) for unit, counts in units.items() for quantity in counts}

    def read(self, document: Document, topic: str) -> list[Label]:
        """A label for every candidate."""
        return [self._label(candidate, topic) for candidate in document.candidates]

    def _label(self, candidate: Candidate, topic: str) -> Label:
        name = name_of(candidate.path, topic)
        label = self._meaning(name) if name.words else NOTHING
        if label.quantity is None:
            return label
        if candidate.kind != "number" and quantities()[label.quantity].kind == "number":
            return NOTHING
        written = parse_unit(candidate.unit_text) if candidate.unit_text else None
        return label if written is None else self._with_unit(label, written)

    def _with_unit(self, label: Label, unit: str) -> Label:
        """The reading in a unit that is written beside it."""
        if (label.quantity, unit) in self._carried:
            return replace(label, unit=unit)
        return replace(label, unit=unit, quantity=self._by_unit.get(unit, label.quantity))

    def _meaning(self, name: Name) -> Label:
        known = self._by_pair.get(name.pair) or self._by_key.get(name.key)
        return known or self._without_unit(name.words) or self._longest_word(name.words) or NOTHING

    def _without_unit(self, words: Sequence[str]) -> Label | None:
        """What the words mean before a unit at their end that the quantity is known to have."""
        for count in range(min(MOST_UNIT_WORDS, len(words) - 1), 0, -1):
            text = "".join(words[-count:])
            unit = None if text.isdigit() else parse_unit(text)
            label = self._longest_word(words[:-count]) if unit else None
            if label is not None and (label.quantity, unit) in self._carried:
                return replace(label, unit=unit)
        return None

    def _longest_word(self, words: Sequence[str]) -> Label | None:
        """The reading that the longest known run of the words names."""
        runs = {_joined(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)}
        whole = _joined(words)
        for run in sorted(runs, key=lambda run: (-len(run), run)):
            label = self._by_key.get(run)
            if label is not None and label.role == "reading" and (run == whole or (len(run) >= LEAST_WORD_CHARS and not run.isdigit())):
                return label
        return None


def _commonest(counts: Counter[Value]) -> Value:
    return counts.most_common(1)[0][0]


def train_rules(corpus: Path, generated: int = 0) -> Callable[[Document, str], list[Label]]:
    """A predictor for ``models.evaluate``: ``open*.jsonl`` of a folder and so many generated messages."""
    records = (record for path in sorted(corpus.glob("open*.jsonl")) for record in read_corpus(path))
    return Rules([*records, *islice(messages(1), generated)]).read
