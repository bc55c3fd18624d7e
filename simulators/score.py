"""What arrived upstream against what was true: right, missing, wrong in which way, invented, doubled, late; by dialect and by fault.

The agent names a reading's topic, literal and place, not the payload. A published message is held against the open one of its topic
that fits best: every literal in its place, the most of them true readings, sent nearest to what was surely answered last. An answer
that has a part of the readings and may belong to several messages, and a notice of quarantine (which names a size alone), hold a
message until the end, and give way to an answer that fits it better. The rules are the corpus': an optional reading counts neither
way.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from agent.normalise.value import parse_value
from simulators.truth import UNSENT, Simulated, TrueReading
from simulators.waiting import Fit, Place, Sent, Waiting, place

LATE_SECONDS = 60.0
"""A reading is late when it comes after one that was said so much later."""
NO_FAULT = "none"


@dataclass(slots=True)
class Tally:
    """Sums over messages. Every true reading is right, wrong in one of three ways, or missing."""

    messages: int = 0
    unanswered: int = 0
    """Of them, those of which nothing came."""
    quarantined: int = 0
    """Of them, kept without any reading."""
    true: int = 0
    """Readings that a careful reader takes."""
    right: int = 0
    wrong_value: int = 0
    wrong_quantity: int = 0
    wrong_unit: int = 0
    invented: int = 0
    """Readings of what is none, or of nothing."""
    optional: int = 0
    """Readings that may be taken or left."""
    duplicate: int = 0
    """Readings that came once more: of a message published or sent twice."""
    late: int = 0
    """Of those that are right, the ones that came out of time."""

    @property
    def misread(self) -> int:
        """True readings that came with a wrong value, quantity or unit."""
        return self.wrong_value + self.wrong_quantity + self.wrong_unit

    @property
    def wrong(self) -> int:
        """Readings that should not have come as they did."""
        return self.misread + self.invented

    @property
    def missing(self) -> int:
        """True readings of which nothing came."""
        return self.true - self.right - self.misread

    @property
    def received(self) -> int:
        """Readings that came."""
        return self.right + self.wrong + self.optional + self.duplicate

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
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


def judge(message: Simulated, published: Sequence[Mapping[str, Any]]) -> Tally:
    """How the readings published of a message compare with its truth."""
    truths = {one.start: one for one in message.readings}
    optional = {(one.start, one.literal) for one in message.optional}
    tally = Tally(messages=1, quarantined=int(not published), true=len(message.readings))
    for one in published:
        start, literal = place(one)
        truth = truths.pop(start, None)
        if truth is not None:
            _judge_reading(tally, truth, one)
        elif (start, literal) in optional:
            tally.optional += 1
        else:
            tally.invented += 1
    return tally


def _judge_reading(tally: Tally, truth: TrueReading, one: Mapping[str, Any]) -> None:
    """Count what came of a place: the first that is wrong of value, quantity and unit."""
    if one["source"]["literal"] != truth.literal:
        tally.wrong_value += 1
    elif one["quantity"] not in (truth.quantity, *truth.quantity_also):
        tally.wrong_quantity += 1
    elif not _is_same(one["value"], parse_value(truth.literal, one["quantity"], truth.inverted)):
        tally.wrong_value += 1
    elif not truth.allows(one["quantity"], one["unit"]):
        tally.wrong_unit += 1
    else:
        tally.right += 1


def _is_same(value: Any, true: float | bool | str) -> bool:
    if isinstance(value, bool) or isinstance(true, bool) or isinstance(value, str) or isinstance(true, str):
        return type(value) is type(true) and bool(value == true)
    return isinstance(value, int | float) and math.isclose(value, true, rel_tol=1e-9)


@dataclass(slots=True, eq=False)
class _Answer:
    """What came of a message; ``sent`` is the message that it is held to be of, None for an answer to nothing."""

    id: str
    topic: str
    readings: Sequence[Mapping[str, Any]]
    size: int | None
    """Bytes of the message, for a notice of quarantine; None for readings."""
    latest: float
    """The latest instant of saying among what was surely answered before."""
    sent: Sent | None = None


@dataclass(frozen=True, slots=True)
class _Parts:
    """What came so far of a message whose readings are published in several parts, by their numbers."""

    topic: str
    count: int
    came: dict[int, Sequence[Mapping[str, Any]]]

    @property
    def readings(self) -> list[Mapping[str, Any]]:
        """Of the parts that came, in the order of their numbers."""
        return [one for number in sorted(self.came) for one in self.came[number]]


class _Topic:
    """The messages of a topic: those that wait, copies of them, those that are held for an answer that may belong to another."""

    def __init__(self) -> None:
        self.open, self.copies, self.held = Waiting(), Waiting(), Waiting()
        self.newest: dict[Place, float] = {}
        """When a true reading was last said, by place and literal."""

    def is_past(self, readings: Sequence[Mapping[str, Any]], instant: float) -> bool:
        """True where some reading of an answer was said before an instant alone."""
        return any(self.newest.get(place(one), math.inf) < instant for one in readings)


class Scoreboard:
    """Holds what was sent until it is answered. Answers by topic (what the agent publishes) and by id (``extract --jsonl``)."""

    def __init__(self, late_seconds: float = LATE_SECONDS) -> None:
        self.by_dialect: dict[str, Tally] = {}
        self.by_fault: dict[str, Tally] = {}
        """A message with two faults counts under both; one without any under ``NO_FAULT``."""
        self.unsent: dict[str, int] = {}
        """Messages that never left their device, by the fault."""
        self.unmatched = 0
        """Answers to messages that nobody sent: 0 unless something is wrong."""
        self._late_seconds = late_seconds
        self._latest = self._clock = -math.inf
        self._strays = Tally()
        self._topics: dict[str, _Topic] = {}
        self._by_id: dict[str, list[Sent]] = {}
        self._unsent_ids: set[str] = set()
        self._count = self._open_count = 0
        self._answers: dict[str, _Answer] = {}
        self._parts: dict[str, _Parts] = {}
        self._holders: dict[Sent, _Answer] = {}

    @property
    def unanswered(self) -> int:
        """Messages on their way: sent, and neither read nor quarantined yet."""
        return self._open_count - sum(not sent.is_copy for sent in self._holders)

    def sent(self, message: Simulated) -> None:
        """Note a message that is sent now; the same once more is a copy."""
        if not message.is_sent:
            self._note_unsent(message)
            return
        line = self._by_id.setdefault(message.id, [])
        sent = Sent(message, self._count, is_copy=bool(line))
        self._count += 1
        self._open_count += not sent.is_copy
        line.append(sent)
        topic = self._topic(message.topic)
        (topic.copies if sent.is_copy else topic.open).add(sent)
        for one in message.readings:
            key = (one.start, one.literal)
            topic.newest[key] = max(topic.newest.get(key, -math.inf), sent.said_at)

    def published(self, body: Mapping[str, Any]) -> None:
        """Judge the readings of a message (``sensorscribe.readings/1``), when the last of its parts has come."""
        before = self._answers.get(body["id"])
        if before is not None and before.size is None:
            self._count_again(before, body["readings"])
            return
        parts = self._parts.setdefault(body["id"], _Parts(body["topic"], body.get("parts", 1), {}))
        parts.came[body.get("part", 1)] = body["readings"]
        if len(parts.came) == parts.count:
            self._judge_parts(body["id"])

    def _judge_parts(self, message_id: str) -> None:
        """Judge what came of a message as one answer."""
        parts, before = self._parts.pop(message_id), self._answers.get(message_id)
        answer = self._answers[message_id] = _Answer(message_id, parts.topic, parts.readings, None, self._latest)
        if before is not None and before.sent is not None:
            self._release(before.sent)
        self._match(answer, may_take=True)

    def answered(self, message_id: str, readings: Sequence[Mapping[str, Any]]) -> None:
        """Judge the answer to a message of this id."""
        found = next((one for one in self._by_id.get(message_id, ()) if one.pool is not None), None)
        before = self._answers.get(message_id)
        if found is None and before is not None:
            self._count_again(before, readings)
            return
        answer = self._answers[message_id] = _Answer(message_id, found.message.topic if found else "", readings, None, self._latest)
        self._settle(answer, found)
        if found is not None:
            self._go_on(found)

    def quarantined(self, body: Mapping[str, Any]) -> None:
        """Note a notice of quarantine; readings of the same message may have come before it, or come still."""
        if body["id"] not in self._answers:
            answer = self._answers[body["id"]] = _Answer(body["id"], body["topic"], (), body["bytes"], self._latest)
            self._match_notice(answer)

    def close(self, *, count_unanswered: bool = False) -> None:
        """Judge what came in part or was quarantined whole; what is unanswered stays out of every sum, unless it counts as missing."""
        for message_id in list(self._parts):
            self._judge_parts(message_id)
        for sent, answer in list(self._holders.items()):
            self._release(sent)
            self._settle(answer, sent)
        if count_unanswered:
            for line in self._by_id.values():
                for one in line:
                    if one.pool is not None and not one.is_copy:
                        self._add(one.message, Tally(messages=1, unanswered=1, true=len(one.message.readings)))

    def total(self) -> Tally:
        """The sums over all dialects, and what belongs to none."""
        total = Tally()
        for tally in (*self.by_dialect.values(), self._strays):
            total.add(tally)
        return total

    def _topic(self, name: str) -> _Topic:
        return self._topics.setdefault(name, _Topic())

    def _note_unsent(self, message: Simulated) -> None:
        if message.id not in self._unsent_ids:
            self._unsent_ids.add(message.id)
            for fault in UNSENT.intersection(message.faults):
                self.unsent[fault] = self.unsent.get(fault, 0) + 1

    def _count_again(self, before: _Answer, readings: Sequence[Mapping[str, Any]]) -> None:
        if before.sent is not None:
            self._add(before.sent.message, Tally(duplicate=len(readings)))

    def _match(self, answer: _Answer, *, may_take: bool) -> None:
        """Find the message of an answer; ``may_take``: from another that holds it and fits elsewhere, too."""
        topic = self._topic(answer.topic)
        found = topic.open.best(answer.readings, self._clock)
        is_whole = found is not None and found.is_whole
        if may_take and not (found is not None and is_whole and found.true == len(answer.readings)):
            held = topic.held.best(answer.readings, self._clock)
            if held is not None and held.is_whole and (found is None or not is_whole or held.true > found.true):
                displaced = self._release(held.sent)
                self._settle_or_hold(answer, held)
                self._match_again(displaced)
                return
        if not is_whole:
            copy = topic.copies.best(answer.readings, self._clock)
            found = copy if copy is not None and (found is None or copy.is_whole) else found
        if found is None:
            self._settle(answer, None)
        else:
            self._settle_or_hold(answer, found)

    def _match_notice(self, answer: _Answer) -> None:
        """Hold the message of a notice: of as many bytes, the nearest."""
        assert answer.size is not None
        topic = self._topic(answer.topic)
        found = topic.open.of_size(answer.size, self._clock) or topic.copies.of_size(answer.size, self._clock)
        if found is None:
            self._settle(answer, None)
        else:
            self._hold(answer, found)

    def _match_again(self, displaced: _Answer) -> None:
        if displaced.size is None:
            self._match(displaced, may_take=False)
        else:
            self._match_notice(displaced)

    def _settle_or_hold(self, answer: _Answer, fit: Fit) -> None:
        """Judge an answer, unless it has a part of the readings only and may as well belong to another message."""
        if fit.is_whole and not fit.is_complete and not fit.is_only and not fit.sent.is_copy:
            self._hold(answer, fit.sent)
            return
        self._settle(answer, fit.sent)
        if fit.is_only:
            self._go_on(fit.sent)

    def _hold(self, answer: _Answer, sent: Sent) -> None:
        assert sent.pool is not None
        sent.pool.remove(sent)
        self._topic(sent.message.topic).held.add(sent)
        self._holders[sent] = answer
        answer.sent = sent

    def _release(self, sent: Sent) -> _Answer:
        """Let a message wait again that is held; answers who held it."""
        topic = self._topic(sent.message.topic)
        topic.held.remove(sent)
        (topic.copies if sent.is_copy else topic.open).add(sent)
        return self._holders.pop(sent)

    def _settle(self, answer: _Answer, sent: Sent | None) -> None:
        answer.sent = sent
        if sent is None:
            self.unmatched += 1
            self._strays.invented += len(answer.readings)
            return
        if sent in self._holders:
            self._release(sent)
        assert sent.pool is not None
        sent.pool.remove(sent)
        if sent.is_copy:
            self._add(sent.message, Tally(duplicate=len(answer.readings)))
            return
        self._open_count -= 1
        tally = judge(sent.message, answer.readings)
        if self._is_late(answer, sent):
            tally.late = tally.right
        self._add(sent.message, tally)

    def _is_late(self, answer: _Answer, sent: Sent) -> bool:
        """True where an answer comes out of time, and by its id or its readings can be to nothing that was said later."""
        due = answer.latest - self._late_seconds
        return sent.said_at < due and (answer.id == sent.message.id or self._topic(answer.topic).is_past(answer.readings, due))

    def _go_on(self, sent: Sent) -> None:
        """Time goes on with what is surely answered."""
        self._clock = max(self._clock, sent.message.at)
        self._latest = max(self._latest, sent.said_at)

    def _add(self, message: Simulated, tally: Tally) -> None:
        self.by_dialect.setdefault(message.dialect, Tally()).add(tally)
        for fault in message.faults or (NO_FAULT,):
            self.by_fault.setdefault(fault, Tally()).add(tally)
