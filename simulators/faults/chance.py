"""Chance without a state: the same key gives the same number, whatever was drawn before it and on whatever machine."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from simulators.truth import Simulated

T = TypeVar("T")


def device_of(message: Simulated) -> str:
    """What tells a message's device from all others: its id without the count of messages."""
    return message.id.rpartition("/")[0] or message.id


@dataclass(frozen=True, slots=True)
class Dice:
    """The chance of one fault."""

    fault: str
    rate: float
    """A share between 0 and 1."""
    seed: int

    def draw(self, *key: object) -> float:
        """A number from 0 to below 1 that belongs to the key."""
        text = "\x1f".join(map(str, (self.seed, self.fault, *key)))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big") / 2**48

    def hits(self, *key: object) -> bool:
        """True for ``rate`` of all keys."""
        return self.draw("hits", *key) < self.rate

    def between(self, low: float, high: float, *key: object) -> float:
        """A number of a range."""
        return low + (high - low) * self.draw(*key)

    def one_of(self, options: Sequence[T], *key: object) -> T:
        """One of some options."""
        return options[int(self.draw(*key) * len(options))]
