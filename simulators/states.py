"""Signals of words and of two states: machines that stay in a state for a while, then go on to another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from simulators.moment import Ask, Moment, Signal, Value, between

LOW_CHARGE = 0.1
"""A battery that is less full than this is low."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A signal of words that a site can set: ``said`` gives the device's word for what is so there."""

    own: Signal
    said: Mapping[Value, Value] = field(default_factory=dict)

    def __call__(self, rng: Random) -> Ask:
        """The signal where no site sets it."""
        return self.own(rng)


def machine(table: Mapping[str, tuple[float, tuple[str, ...]]], said: Mapping[Value, Value] | None = None) -> Words:
    """A state machine: for every state its mean stay in minutes and the states that follow it; begins in the first."""

    def make(rng: Random) -> Ask:
        state = next(iter(table))
        until: float | None = None

        def ask(moment: Moment) -> str:
            nonlocal state, until
            if until is None:
                until = moment.time + between(rng, 0, 60 * table[state][0])
            while moment.time >= until:
                following = table[state][1]
                state = following[int(rng.random() * len(following))]
                until += 60 * table[state][0] * between(rng, 0.5, 1.5)
            return state

        return ask

    return Words(make, said or {})


def two(own: Signal, words: tuple[Value, Value]) -> Words:
    """A signal of two words, for what is not so and what is."""
    return Words(own, dict(enumerate(words)))


def switch(on_minutes: float, off_minutes: float, words: tuple[Value, Value] = (0, 1)) -> Words:
    """Off and on in turn, as ``words`` (off, on)."""
    steps = machine({"off": (off_minutes, ("on",)), "on": (on_minutes, ("off",))})

    def make(rng: Random) -> Ask:
        state = steps(rng)
        return lambda moment: words[state(moment) == "on"]

    return two(make, words)


def steady(words: tuple[Value, Value], now: bool = False) -> Words:
    """One of two words, always the same unless a site sets it."""
    return two(always(words[now]), words)


def low_cell(words: tuple[Value, Value] = (0, 1)) -> Signal:
    """The second word once the device's battery is low, else the first."""
    return lambda _rng: lambda moment: words[moment.charge < LOW_CHARGE]


def always(word: Value) -> Signal:
    """One word."""
    return lambda _rng: lambda _moment: word


def when(slot: str, above: float, words: tuple[Value, Value] = (0, 1)) -> Words:
    """The second word while a slot is above a bound, else the first."""
    return two(lambda _rng: lambda moment: words[moment.of(slot) > above], words)


def matching(slot: str, words: Mapping[Value, Value]) -> Signal:
    """The word that goes with another slot's word."""
    return lambda _rng: lambda moment: words[moment.value(slot)]
