"""The reader's probabilities -> a label for each candidate. Values are the document's own literals: none is made here."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from agent.domain.document import Candidate
from agent.domain.quantity import quantities
from agent.domain.reading import Label, Role
from agent.domain.unit import codes, parse_unit

Floats = npt.NDArray[Any]

ROLES: tuple[Role, ...] = ("reading", "device", "time", "none")
UNIT_NULL, UNIT_WRITTEN, FIRST_UNIT = 0, 1, 2
"""Classes of the unit head: no unit; the unit that stands beside the value as text; then the codes of units.tsv."""


@dataclass(frozen=True, slots=True)
class Probabilities:
    """What the model gives for n candidates: role (n, 4), quantity (n, quantities), unit (n, units + 2), inverted (n,)."""

    role: Floats
    quantity: Floats
    unit: Floats
    inverted: Floats
    exponent: float = 1.0
    """Of a reading's confidence: the heads err together, so the product of their probabilities is too low by itself."""


def choose_unit(scores: Floats, unit_text: str | None) -> tuple[str | None, float]:
    """The likeliest unit and its probability; the class "as written" counts for the code that the text reads as."""
    scores = scores.copy()
    written = parse_unit(unit_text) if unit_text else None
    if written is not None:
        scores[FIRST_UNIT + codes().index(written)] += scores[UNIT_WRITTEN]
    rest = float(scores[UNIT_WRITTEN])
    scores[UNIT_WRITTEN] = 0.0
    best = int(scores.argmax())
    share = float(scores[best]) / max(1e-6, 1.0 - (rest if written is None else 0.0))
    return (None if best == UNIT_NULL else codes()[best - FIRST_UNIT]), min(1.0, share)


def choose_label(candidate: Candidate, found: Probabilities, row: int) -> Label:
    """The likeliest label of one candidate. Its confidence is the probability that role, quantity and unit are all right."""
    role_scores = found.role[row]
    role = ROLES[int(role_scores.argmax())]
    if role != "reading":
        return Label(role, confidence=float(role_scores.max()))
    names = list(quantities())
    best = int(found.quantity[row].argmax())
    quantity = names[best]
    unit, unit_share = choose_unit(found.unit[row], candidate.unit_text)
    binary = quantities()[quantity].kind == "binary"
    confidence = (float(role_scores[0]) * float(found.quantity[row, best]) * unit_share) ** found.exponent
    return Label("reading", quantity, unit, bool(binary and found.inverted[row] > 0.5), confidence)


def empty(count: int, exponent: float) -> Probabilities:
    """Room for ``count`` candidates."""
    return Probabilities(
        np.zeros((count, len(ROLES)), np.float32),
        np.zeros((count, len(quantities())), np.float32),
        np.zeros((count, len(codes()) + FIRST_UNIT), np.float32),
        np.zeros(count, np.float32),
        exponent,
    )
