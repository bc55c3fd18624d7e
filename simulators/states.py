"""Signals of words and of two states: machines that stay in a state for a while, then go on to another."""

from collections.abc import Mapping
from random import Random

from simulators.moment import Ask, Moment, Signal, Value, between


def machine(table: Mapping[str, tuple[float, tuple[str, ...]]]) -> Signal:
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

    return make


def switch(on_minutes: float, off_minutes: float, words: tuple[Value, Value] = (0, 1)) -> Signal:
    """Off and on in turn, as ``words`` (off, on)."""
    steps = machine({"off": (off_minutes, ("on",)), "on": (on_minutes, ("off",))})

    def make(rng: Random) -> Ask:
        state = steps(rng)
        return lambda moment: words[state(moment) == "on"]

    return make


def always(word: Value) -> Signal:
    """One word."""
    return lambda _rng: lambda _moment: word


def when(slot: str, above: float, words: tuple[Value, Value] = (0, 1)) -> Signal:
    """The second word while a slot is above a bound, else the first."""
    return lambda _rng: lambda moment: words[moment.of(slot) > above]


def matching(slot: str, words: Mapping[Value, Value]) -> Signal:
    """The word that goes with another slot's word."""
    return lambda _rng: lambda moment: words[moment.values[slot]]
