"""The reader's probabilities -> a label for each candidate. Values are the document's own literals: none is made here."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from agent.domain.document import Candidate
from agent.domain.quantity import quantities, units_of
from agent.domain.reading import Label, Role
from agent.domain.unit import codes, parse_unit

Floats = npt.NDArray[Any]

ROLES: tuple[Role, ...] = ("reading", "device", "time", "none")
UNIT_NULL, UNIT_WRITTEN, FIRST_UNIT = 0, 1, 2
"""Classes of the unit head: no unit; the unit that stands beside the value as text; then the codes of units.tsv."""

SURE = 0.9
"""Of quantity and unit together, from which on they may be a pair that is not known."""


@dataclass(frozen=True, slots=True)
class Probabilities:
    """What the model gives for n candidates: role (n, 4), quantity (n, quantities), unit (n, units + 2), inverted (n,)."""

    role: Floats
    quantity: Floats
    unit: Floats
    inverted: Floats
    exponent: float = 1.0
    """Of a reading's confidence: the heads err together, so the product of their probabilities is too low by itself."""


@cache
def possible() -> npt.NDArray[np.bool_]:
    """Which units a quantity is known to be sent in, (quantities, units + 2); none at all is always possible."""
    table = np.zeros((len(quantities()), len(codes()) + FIRST_UNIT), bool)
    table[:, UNIT_NULL] = True
    for row, name in enumerate(quantities()):
        table[row, [unit_class(unit) for unit in units_of().get(name, ())]] = True
    return table


def unit_class(unit: str | None) -> int:
    """The index of a unit, or of none, among the classes of the unit head."""
    return UNIT_NULL if unit is None else FIRST_UNIT + codes().index(unit)


def unit_shares(scores: Floats, unit_text: str | None) -> Floats:
    """Probabilities of no unit and of each code; the class "as written" counts for the code that the text reads as."""
    scores = scores.copy()
    written = parse_unit(unit_text) if unit_text else None
    if written is not None:
        scores[unit_class(written)] += scores[UNIT_WRITTEN]
    rest = 0.0 if written is not None else float(scores[UNIT_WRITTEN])
    scores[UNIT_WRITTEN] = 0.0
    return np.minimum(1.0, scores / max(1e-6, 1.0 - rest))


def choose_pair(quantity: Floats, unit: Floats) -> tuple[int, int]:
    """Indices of the likeliest quantity and unit; where these are not known to go together, of the likeliest pair that is.

    Unless the model is ``SURE`` of both: a site may have taught it a pair that nobody else knows.
    """
    best, with_unit = int(quantity.argmax()), int(unit.argmax())
    if possible()[best, with_unit] or quantity[best] * unit[with_unit] > SURE:
        return best, with_unit
    together = quantity[:, None] * unit[None, :] * possible()
    return divmod(int(together.argmax()), len(unit))


def choose_label(candidate: Candidate, found: Probabilities, row: int) -> Label:
    """The likeliest label of one candidate. Its confidence is the probability that role, quantity and unit are all right."""
    role_scores = found.role[row]
    role = ROLES[int(role_scores.argmax())]
    if role != "reading":
        return Label(role, confidence=float(role_scores.max()))
    units = unit_shares(found.unit[row], candidate.unit_text)
    best, with_unit = choose_pair(found.quantity[row], units)
    quantity = list(quantities())[best]
    unit = None if with_unit == UNIT_NULL else codes()[with_unit - FIRST_UNIT]
    binary = quantities()[quantity].kind == "binary"
    confidence = (float(role_scores[0]) * float(found.quantity[row, best]) * float(units[with_unit])) ** found.exponent
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
