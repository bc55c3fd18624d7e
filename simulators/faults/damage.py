"""Payloads that arrive damaged: cut short, garbled on the line, in another encoding. The truth keeps what can still be read."""

import re
from dataclasses import replace

from simulators.faults.chance import Dice
from simulators.faults.rewrite import unstated
from simulators.truth import Simulated, TrueReading

LEAST_LETTERS = 8
"""Shorter payloads are left whole: what a cut leaves of a bare number is another number."""
NOISE = "\x00\x1b~^`#?@"
"""What a disturbed line puts in the place of a letter: damage that can be seen."""
GARBLED_SHARE = 0.03
"""Of the letters."""
_SEPARATOR = re.compile(r"[,;|&<>{}\[\]\n]")


def piece(payload: str, one: TrueReading) -> tuple[int, int]:
    """Where the part of a text begins and ends that a value stands in, between separators."""
    behind = _SEPARATOR.search(payload, one.start + len(one.literal))
    before = max((found.end() for found in _SEPARATOR.finditer(payload, 0, one.start)), default=0)
    return before, behind.end() if behind else len(payload) + 1


class Truncated:
    """Messages that are cut short. Of a value whose end is cut off nothing is left; one whose surroundings are may be taken or left."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def __call__(self, message: Simulated) -> Simulated | None:
        """The message cut short; None where it is left whole."""
        if len(message.payload) < LEAST_LETTERS or message.format == "scalar" or not self._dice.hits(message.id):
            return None
        length = int(len(message.payload) * self._dice.between(0.2, 0.95, "length", message.id))
        whole = [one for one in message.readings if piece(message.payload, one)[1] <= length]
        half = [one for one in message.readings if one not in whole and one.start + len(one.literal) < length]
        optional = [one for one in message.optional if one.start + len(one.literal) < length]
        cut = unstated(message, message.payload[:length])
        return replace(cut, readings=tuple(whole), optional=tuple(sorted((*half, *optional), key=lambda one: one.start)))


class Garbled:
    """Messages with letters that the line destroyed; one in four is nothing but noise.

    A value that is hit is gone; one beside which something is hit may be taken or left.
    """

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def __call__(self, message: Simulated) -> Simulated | None:
        """The damaged message; None where it is left whole."""
        if not message.payload or not self._dice.hits(message.id):
            return None
        if self._dice.draw("noise", message.id) < 0.25:
            noise = bytes(128 + int(self._dice.draw(message.id, at) * 128) for at in range(len(message.body)))
            return replace(unstated(message, noise.decode("utf-8", "replace")), wire=noise, readings=(), optional=())
        count = 1 + int(len(message.payload) * GARBLED_SHARE)
        hits = {int(self._dice.draw("place", message.id, number) * len(message.payload)) for number in range(count)}
        letters = list(message.payload)
        for at in hits:
            letters[at] = self._dice.one_of([one for one in NOISE if one != letters[at]], "letter", message.id, at)
        damaged = unstated(message, "".join(letters))

        def is_left(one: TrueReading) -> bool:
            return hits.isdisjoint(range(one.start, one.start + len(one.literal)))

        def is_clean(one: TrueReading) -> bool:
            return hits.isdisjoint(range(*piece(message.payload, one)))

        readings = tuple(one for one in message.readings if is_left(one) and is_clean(one))
        optional = [one for one in message.readings if is_left(one) and not is_clean(one)] + list(filter(is_left, message.optional))
        return replace(damaged, readings=readings, optional=tuple(sorted(optional, key=lambda one: one.start)))


class Encoding:
    """Messages in another encoding than UTF-8: with a byte order mark, UTF-16, Latin-1, or UTF-8 that was encoded twice."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def __call__(self, message: Simulated) -> Simulated | None:
        """The message in another encoding; None where it stays."""
        if not message.payload or message.wire is not None or not self._dice.hits(message.id):
            return None
        ways = ["mark", "utf-16", *([] if message.payload.isascii() else ["latin-1", "twice"])]
        way = self._dice.one_of(ways, "way", message.id)
        if way == "latin-1":
            try:
                return replace(message, wire=message.payload.encode("latin-1"))
            except UnicodeEncodeError:
                way = "utf-16"
        if way == "twice":
            return twice(message)
        wire = message.payload.encode("utf-8-sig") if way == "mark" else b"\xff\xfe" + message.payload.encode("utf-16-le")
        return replace(message, wire=wire)


def twice(message: Simulated) -> Simulated:
    """The message with its UTF-8 read as Latin-1 and encoded again: ``°C`` is ``Â°C``. A literal that this changes is gone."""
    payload = message.payload.encode().decode("latin-1")

    def moved(readings: tuple[TrueReading, ...]) -> tuple[TrueReading, ...]:
        return tuple(replace(one, start=len(message.payload[: one.start].encode())) for one in readings if one.literal.isascii())

    return replace(unstated(message, payload), readings=moved(message.readings), optional=moved(message.optional))
