"""What the agent published against what was true: precision and recall, by dialect and in total.

The agent names a reading's topic, literal and place, not the payload. A published message is held against the oldest open one of
its topic that has every literal in its place; where two fit, their truths say the same of those places, so the sums do not depend
on the choice. The rules are the corpus': an optional reading counts neither way, and so do messages without an answer yet.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulators.truth import Simulated


@dataclass(slots=True)
class Tally:
    """Sums over messages that were answered."""

    messages: int = 0
    quarantined: int = 0
    """Of them, kept without any reading."""
    true: int = 0
    """Readings that a careful reader takes."""
    right: int = 0
    wrong: int = 0

    @property
    def precision(self) -> float | None:
        """Share of what was published that is right; None where nothing was."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Share of what is true that was published; None where nothing is."""
        return self.right / self.true if self.true else None

    def add(self, other: "Tally") -> None:
        """Add another's sums."""
        self.messages += other.messages
        self.quarantined += other.quarantined
        self.true += other.true
        self.right += other.right
        self.wrong += other.wrong


def judge(message: Simulated, published: Sequence[Mapping[str, Any]]) -> Tally:
    """How the readings published of a message compare with its truth."""
    truths = {(one.start, one.literal): one for one in message.readings}
    optional = {(one.start, one.literal) for one in message.optional}
    tally = Tally(messages=1, quarantined=int(not published), true=len(message.readings))
    for one in published:
        place = (one["source"]["start"], one["source"]["literal"])
        truth = truths.pop(place, None)
        if truth is not None and truth.allows(one["quantity"], one["unit"]):
            tally.right += 1
        elif place not in optional:
            tally.wrong += 1
    return tally


def _fits(message: Simulated, published: Sequence[Mapping[str, Any]]) -> bool:
    return all(message.payload.startswith(one["source"]["literal"], one["source"]["start"]) for one in published)


class Scoreboard:
    """Holds what was sent until the agent has answered it."""

    def __init__(self) -> None:
        self.by_dialect: dict[str, Tally] = {}
        self.unmatched = 0
        """Answers to messages that nobody sent: 0 unless something is wrong."""
        self._open: dict[str, deque[Simulated]] = {}
        self._open_count = 0
        self._answered: set[str] = set()
        self._notices: dict[str, Mapping[str, Any]] = {}

    @property
    def unanswered(self) -> int:
        """Messages on their way: sent, and neither read nor quarantined yet."""
        return max(0, self._open_count - len(self._notices))

    def sent(self, message: Simulated) -> None:
        """Note a message that is sent now."""
        self._open.setdefault(message.topic, deque()).append(message)
        self._open_count += 1

    def published(self, body: Mapping[str, Any]) -> None:
        """Judge the readings of a message (``sensorscribe.readings/1``)."""
        if body["id"] in self._answered:
            return
        self._answered.add(body["id"])
        self._notices.pop(body["id"], None)
        waiting = self._open.get(body["topic"], deque())
        self._settle(next((one for one in waiting if _fits(one, body["readings"])), None), body["readings"])

    def quarantined(self, body: Mapping[str, Any]) -> None:
        """Note a notice of quarantine; readings of the same message may have come before it, or come still."""
        if body["id"] not in self._answered:
            self._notices[body["id"]] = body

    def close(self) -> None:
        """Judge what was quarantined whole; what is unanswered then stays out of every sum."""
        for body in self._notices.values():
            waiting = self._open.get(body["topic"], deque())
            self._settle(next((one for one in waiting if len(one.payload.encode()) == body["bytes"]), None), ())
        self._notices.clear()

    def _settle(self, message: Simulated | None, published: Sequence[Mapping[str, Any]]) -> None:
        if message is None:
            self.unmatched += 1
            return
        self._open[message.topic].remove(message)
        self._open_count -= 1
        self.by_dialect.setdefault(message.dialect, Tally()).add(judge(message, published))

    def total(self) -> Tally:
        """The sums over all dialects."""
        total = Tally()
        for tally in self.by_dialect.values():
            total.add(tally)
        return total
