"""Scores of predicted readings against labelled messages: the rules of the corpus' own scorer, written anew.

A prediction is right when a labelled reading stands at its offset and literal, quantity and unit agree (alternatives in
``quantity_also`` and ``unit_also`` are as right). One on an optional reading counts neither way. A literal that does not
stand in the payload at its offset is invented, and wrong.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Record = Mapping[str, Any]
Fault = Literal["quantity", "unit", "no reading", "missed"]


@dataclass(slots=True)
class Counts:
    """Sums over messages."""

    labels: int = 0
    right: int = 0
    wrong: int = 0
    found: int = 0
    quantity_right: int = 0
    invented: int = 0
    messages: int = 0

    def add(self, other: "Counts") -> None:
        """Add another's sums."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def precision(self) -> float:
        """Share of the predictions that are right."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Share of the labels that were given rightly."""
        return self.right / max(1, self.labels)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / max(1, self.right + self.wrong + self.labels)

    @property
    def quantity_f1(self) -> float:
        """F1 where the unit does not count."""
        return 2 * self.quantity_right / max(1, self.right + self.wrong + self.labels)

    def figures(self) -> dict[str, float]:
        """The figures as they are printed."""
        return {
            "f1": round(self.f1, 4), "precision": round(self.precision, 4), "recall": round(self.recall, 4),
            "quantity_f1": round(self.quantity_f1, 4), "found": round(self.found / max(1, self.labels), 4),
            "labels": self.labels, "invented": self.invented, "messages": self.messages,
        }  # fmt: skip


def score_message(gold: Record, predicted: Iterable[Record]) -> Counts:
    """The counts of one message."""
    labels = {reading["start"]: reading for reading in gold["readings"]}
    optional = {reading["start"] for reading in gold.get("optional", ())}
    counts = Counts(labels=len(labels), messages=1)
    seen: set[int] = set()
    for reading in predicted:
        start, literal = reading["start"], str(reading["literal"])
        if gold["payload"][start : start + len(literal)] != literal:
            counts.invented += 1
            counts.wrong += 1
            continue
        if start in seen:
            counts.wrong += 1
            continue
        seen.add(start)
        label = labels.get(start)
        if label is None:
            counts.wrong += start not in optional
            continue
        counts.found += 1
        same_literal = literal == label["literal"]
        quantity = same_literal and reading["quantity"] in (label["quantity"], *label.get("quantity_also", ()))
        unit = reading["unit"] == label["unit"] or reading["unit"] in label.get("unit_also", ())
        counts.quantity_right += quantity
        counts.right += quantity and unit
        counts.wrong += not (quantity and unit)
    return counts


def score(golds: Iterable[Record], predictions: Mapping[str, Iterable[Record]], by: str = "format") -> tuple[Counts, dict[str, Counts]]:
    """Counts of all messages and of each group; a message without an answer counts as one with no readings."""
    total = Counts()
    groups: dict[str, Counts] = {}
    for gold in golds:
        counts = score_message(gold, predictions.get(gold["id"], ()))
        total.add(counts)
        groups.setdefault(gold[by], Counts()).add(counts)
    return total, groups


def faults(gold: Record, predicted: Iterable[Record]) -> Iterator[tuple[Fault, Record]]:
    """What is wrong with a message's answer: each prediction whose quantity or unit alone is, or that is no reading, and what is missed."""
    found: set[int] = set()
    for reading in predicted:
        counts = score_message(gold, [reading])
        if counts.found:
            found.add(reading["start"])
        if counts.wrong:
            yield "unit" if counts.quantity_right else "quantity" if counts.found else "no reading", reading
    for label in gold["readings"]:
        if label["start"] not in found:
            yield "missed", label
