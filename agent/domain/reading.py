"""A reading: one literal of a payload with its meaning."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Via = Literal["template", "slm", "taught"]
Role = Literal["reading", "device", "time", "none"]


@dataclass(frozen=True, slots=True)
class Label:
    """What was understood of one candidate, by the model or by a template."""

    role: Role
    quantity: str | None = None
    """A name of the ontology; None unless the role is ``reading``."""
    unit: str | None = None
    """UCUM code of the literal, or None."""
    inverted: bool = False
    """True where the literal says yes while the quantity's state is off (``battery_ok: 1`` is ``battery_low`` off)."""
    confidence: float = 1.0
    """Probability that role, quantity and unit are all right."""

    @property
    def meaning(self) -> tuple[Role, str | None, str | None, bool]:
        """What it says, without how sure it is."""
        return self.role, self.quantity, self.unit, self.inverted


@dataclass(frozen=True, slots=True)
class Reading:
    """A value taken from a message. ``literal`` stands in the payload at ``start``; everything else is said of it."""

    name: str
    quantity: str
    literal: str
    start: int
    value: float | int | bool | str
    unit: str | None
    confidence: float
    via: Via
    template: str | None = None
    value_si: float | None = None
    """The value in the quantity's usual unit, ``unit_si``; None where there is no conversion."""
    unit_si: str | None = None
    plausible: bool = True
    """False marks a value outside the physical range of its quantity; it is never removed."""
    time: datetime | None = None
    """Of the sample that it stands in, where rows or elements of a list state times of their own; else the message's counts."""
