"""What a signal is asked with: the simulated time, and what the device's earlier signals said at that time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

Value = float | int | str | bool


@dataclass(slots=True)
class Moment:
    """One instant in a device's life."""

    time: float
    """Seconds since 1970-01-01 UTC; never falls for a device."""
    number: int = 1
    """Which device this is, counted from 1: what makes names unique within a fleet."""
    values: dict[str, Value] = field(default_factory=dict)
    """What the fields before this one said, by slot."""

    def of(self, slot: str) -> float:
        """The number that another slot said."""
        return float(self.values[slot])


Ask = Callable[[Moment], Value]
"""A signal of one device: asked with each moment in turn."""
Signal = Callable[[Random], Ask]
"""A signal as a dialect writes it: makes the one of a device from the device's random numbers.

Only ``random()`` is drawn, and only sums, products and quotients are taken: both are the same on every machine.
"""


def between(rng: Random, low: float, high: float) -> float:
    """A number of a range, drawn evenly."""
    return low + (high - low) * rng.random()
