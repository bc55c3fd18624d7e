"""Messages of a topic that wait for their answer, found by the readings that an answer has: what fits best, the nearest in time first.

A look costs the same however many wait: it begins at those that share the rarest reading, and goes no further than ``MOST_LOOKS``.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from simulators.truth import Simulated

MOST_LOOKS = 200
"""Messages that are held against an answer."""
Place = tuple[int, str]
"""Where a literal stands, and the literal."""
ALL = None


@dataclass(slots=True, eq=False)
class Sent:
    """A message that was sent; a copy is the same message sent once more, of which nothing is expected."""

    message: Simulated
    number: int
    """In the order of sending."""
    is_copy: bool
    pool: "Waiting | None" = None
    """Where it waits; None once it is answered."""

    @property
    def said_at(self) -> float:
        """When its device said it."""
        return self.message.at - self.message.delay_seconds


@dataclass(frozen=True, slots=True)
class Fit:
    """The message that fits an answer best."""

    sent: Sent
    is_whole: bool
    """Every literal of the answer stands in its place."""
    true: int
    """Readings of the answer that are true ones of the message, by place and literal."""
    is_only: bool
    """No other message that waits fits wholly."""

    @property
    def is_complete(self) -> bool:
        """The answer has all that a careful reader takes."""
        return self.true == len(self.sent.message.readings)


def place(reading: Mapping[str, Any]) -> Place:
    """Place and literal of a published reading."""
    return reading["source"]["start"], reading["source"]["literal"]


class Waiting:
    """Messages of one topic, in the order of sending, by size and by what is true of them."""

    def __init__(self) -> None:
        self._by: dict[Place | int | None, list[Sent]] = {}

    def add(self, sent: Sent) -> None:
        """Let a message wait here."""
        sent.pool = self
        for key in _keys(sent.message):
            insort(self._by.setdefault(key, []), sent, key=_number)

    def remove(self, sent: Sent) -> None:
        """Take a message out."""
        sent.pool = None
        for key in _keys(sent.message):
            line = self._by[key]
            del line[bisect_left(line, sent.number, key=_number)]
            if not line:
                del self._by[key]

    def of_size(self, size: int, clock: float) -> Sent | None:
        """The message of so many bytes that was sent nearest to a time."""
        return next(self._near(size, clock), None)

    def best(self, readings: Sequence[Mapping[str, Any]], clock: float) -> Fit | None:
        """The message that fits best: the most literals in their places, the most true ones, the nearest; None where nothing fits."""
        places = {place(one) for one in readings}
        known = [one for one in places if one in self._by]
        rarest = min(known, key=lambda one: len(self._by[one]), default=ALL)
        found = self._best(rarest, places, len(known), clock)
        if rarest is not ALL and (found is None or not found.is_whole):
            found = self._best(ALL, places, len(known), clock) or found
        return found

    def _best(self, key: Place | None, places: set[Place], most_true: int, clock: float) -> Fit | None:
        starts = {start for start, _ in places}
        best, rank, whole = None, (0, 0, False), 0
        for sent in islice(self._near(key, clock), MOST_LOOKS):
            message = sent.message
            fitting = sum(message.payload.startswith(literal, start) for start, literal in places)
            whole += fitting == len(places)
            true = sum((one.start, one.literal) in places for one in message.readings)
            this = (fitting, true, any(one.start in starts for one in message.readings))
            if this > rank or (best is None and not places):
                best, rank = sent, this
            if whole > 1 and rank[:2] == (len(places), most_true):
                break
        if best is None:
            return None
        return Fit(best, rank[0] == len(places), rank[1], whole <= 1)

    def _near(self, key: Place | int | None, clock: float) -> Iterator[Sent]:
        """The messages of a key, the one first that was sent nearest to a time."""
        line = self._by.get(key, [])
        right = bisect_left(line, clock, key=lambda sent: sent.message.at)
        left = right - 1
        while left >= 0 or right < len(line):
            if right == len(line) or (left >= 0 and clock - line[left].message.at <= line[right].message.at - clock):
                yield line[left]
                left -= 1
            else:
                yield line[right]
                right += 1


def _number(sent: Sent) -> int:
    return sent.number


def _keys(message: Simulated) -> set[Place | int | None]:
    return {ALL, len(message.body), *((one.start, one.literal) for one in message.readings)}
