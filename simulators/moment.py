"""What a signal is asked with: the simulated time, and what the device's other signals say at that time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

START = 1777629600.0
"""2026-05-01T10:00:00Z, where simulated time begins unless told otherwise."""
Value = float | int | str | bool


@dataclass(slots=True)
class Moment:
    """One instant in a device's life."""

    time: float
    """Seconds since 1970-01-01 UTC; never falls for a device."""
    number: int = 1
    """Which device this is, counted from 1: what makes names unique within a fleet."""
    values: dict[str, Value] = field(default_factory=dict)
    """What was said at this moment, by slot."""
    asks: "Mapping[str, Ask]" = field(default_factory=dict)
    """The device's signals by slot: a slot is asked when it is wanted, once a moment."""
    charge: float = 1.0
    """How full the device's battery is, 0 to 1."""

    def value(self, slot: str) -> Value:
        """What a slot says now. Raises ``KeyError`` with the name of a slot that no field fills."""
        said = self.values.get(slot)
        if said is None:
            said = self.values[slot] = self.asks[slot](self)
        return said

    def of(self, slot: str) -> float:
        """The number that a slot says now."""
        return float(self.value(slot))


Ask = Callable[[Moment], Value]
"""A signal of one device: asked with each moment in turn."""
Signal = Callable[[Random], Ask]
"""A signal as a dialect writes it: makes the one of a device from the device's random numbers.

Only ``random()`` is drawn, and only sums, products and quotients are taken: both are the same on every machine.
"""


def between(rng: Random, low: float, high: float) -> float:
    """A number of a range, drawn evenly."""
    return low + (high - low) * rng.random()


def clamp(value: float, low: float, high: float) -> float:
    """A value held within a range."""
    return low if value < low else min(value, high)
