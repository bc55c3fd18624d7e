"""One device of a dialect: its signals as they stand, its schedule, and what it says at a moment."""

from collections.abc import Mapping
from functools import cache
from random import Random

from simulators.compose import cut, fill, json_paths, literal
from simulators.dialect import MEMBERS, Dialect, Sends
from simulators.moment import START, Ask, Moment, Value, between, clamp
from simulators.truth import Simulated, TrueReading

JITTER = 0.02
"""Devices keep their interval within this share."""
LIFE_DAYS = (150.0, 1100.0)
CHARGE = (0.25, 1.0)
"""Batteries of which nobody says anything: days from full to empty, and how full they are at first."""
LEAST_CHARGE = 0.01


class Cell:
    """A battery that runs down evenly: from a charge (0 to 1) at a time to nothing, which from full would take so many days."""

    def __init__(self, charge: float, days: float, since: float) -> None:
        self._charge, self._seconds, self._since = charge, 86400 * days, since

    def charge(self, time: float) -> float:
        """How full it is; never quite empty."""
        return clamp(self._charge - (time - self._since) / self._seconds, LEAST_CHARGE, 1.0)

    def reaches(self, charge: float) -> float:
        """The time at which it is so full."""
        return self._since + (self._charge - charge) * self._seconds


class Script:
    """A text of a kind of message, with what is worked out once: how each slot is written, and what its reading is called."""

    def __init__(self, dialect: Dialect, sends: Sends, text: str) -> None:
        fields = {field.slot: field for field in dialect.fields}
        pieces = cut(text)
        self._head = pieces[0]
        self._steps = [
            (slot, fields[slot].form, fields[slot], behind, len(behind)) for slot, behind in zip(pieces[1::2], pieces[2::2], strict=True)
        ]
        self._names = _names(dialect, sends)

    def play(self, moment: Moment) -> tuple[str, str | None, list[TrueReading], list[TrueReading]]:
        """The text filled in, the literal of its own time, its readings and its optional readings."""
        parts, length = [self._head], len(self._head)
        readings: list[TrueReading] = []
        optional: list[TrueReading] = []
        time: str | None = None
        for slot, form, field, behind, width in self._steps:
            said = literal(moment.value(slot), form)
            role = field.role
            if role == "time":
                time = time or said
            elif role != "none":
                truth = TrueReading(
                    self._names[slot],
                    field.quantity or "other",
                    said,
                    length,
                    field.unit,
                    field.inverted,
                    field.quantity_also,
                    field.unit_also,
                )
                (readings if role == "reading" else optional).append(truth)
            parts.append(said)
            parts.append(behind)
            length += len(said) + width
        return "".join(parts), time, readings, optional

    def literals(self, moment: Moment) -> tuple[str, ...]:
        """How its readings are written now."""
        return tuple(literal(moment.value(slot), form) for slot, form, field, _, _ in self._steps if field.role in ("reading", "optional"))


def _names(dialect: Dialect, sends: Sends) -> dict[str, str]:
    """What the readings of a kind of message are called, by slot."""
    paths = json_paths(sends.whole) if sends.format == "json" else {}
    level = cut(sends.topic.rpartition("/")[2])
    by_topic = level[0] if sends.format == "scalar" and len(level) == 1 else ""
    return {field.slot: field.name or paths.get(field.slot) or by_topic or field.slot for field in dialect.fields}


@cache
def script(dialect: Dialect, kind: int, text: str) -> Script:
    """The script of a text of a dialect's kind of message."""
    return Script(dialect, dialect.sends[kind], text)


class Device:
    """A device; ``say`` and ``report`` are to be called in the order of time.

    ``sensed`` holds the signals that a site sets, by slot; ``power`` the ports of the mains that it hangs on, where it does.
    """

    def __init__(
        self,
        dialect: Dialect,
        number: int,
        seed: str,
        sensed: Mapping[str, Ask] | None = None,
        cell: Cell | None = None,
        power: Mapping[str, Value] | None = None,
        start: float = START,
    ) -> None:
        self.dialect = dialect
        self.sensed = sensed or {}
        self.is_lost = False
        """True once its will has been published, until it is back."""
        self._number = number
        self._rng = Random(seed)  # a text as seed goes through SHA-512: nothing of it depends on the process
        self._asks: dict[str, Ask] = {field.slot: field.signal(self._rng) for field in dialect.fields}
        self._asks.update(self.sensed)
        self._power = power
        self.cell = cell or Cell(between(self._rng, *CHARGE), between(self._rng, *LIFE_DAYS), start)
        self.updated_seconds = between(self._rng, *dialect.updates_after) if dialect.updates_after else None
        """How long after the start its firmware is updated; None: never."""
        self._scripts = [script(dialect, kind, sends.whole) for kind, sends in enumerate(dialect.sends)]
        self._topics: dict[int, str] = {}
        self._identity = ""
        self._said: dict[tuple[int, str], tuple[str, ...]] = {}
        self._count = 0

    @property
    def is_powered(self) -> bool:
        """False while the mains that it hangs on are out."""
        return self._power is None or bool(self._power["mains_power"])

    @property
    def identity(self) -> str:
        """The text by which its messages identify it; it stays, as its topics do."""
        if not self._identity:
            self._identity = self._name(self.dialect.device)
        return self._identity

    def first_seconds(self, kind: int) -> float | None:
        """How long after the start the first message of a kind is sent; None for a will."""
        sends = self.dialect.sends[kind]
        if sends.will:
            return None
        wait = 0.0 if sends.every_seconds is None else between(self._rng, 0, sends.every_seconds)
        return wait + self.updated_seconds if sends.firmware == "new" and self.updated_seconds is not None else wait

    def next_seconds(self, kind: int, since_start: float) -> float | None:
        """How long after a message (said so many seconds after the start) the next of its kind is sent; None: never."""
        sends = self.dialect.sends[kind]
        if sends.every_seconds is None:
            return None
        wait = sends.every_seconds * between(self._rng, 1 - JITTER, 1 + JITTER)
        ends = sends.firmware == "old" and self.updated_seconds is not None and since_start + wait >= self.updated_seconds
        return None if ends else wait

    def births(self) -> list[int]:
        """The kinds that are sent when it comes up."""
        return [kind for kind, sends in enumerate(self.dialect.sends) if sends.every_seconds is None and not sends.will]

    def wills(self) -> list[int]:
        """The kinds that the broker publishes when it is lost."""
        return [kind for kind, sends in enumerate(self.dialect.sends) if sends.will]

    def say(self, kind: int, time: float) -> Simulated:
        """The message of a kind at a time, whole, with its truth."""
        moment = self._moment(time)
        return self._message(kind, moment, self._scripts[kind])

    def report(self, kind: int, time: float) -> Simulated | None:
        """What is sent when the time for a kind has come: ``say``, but of a kind that tells changes only those; None for none."""
        sends = self.dialect.sends[kind]
        moment = self._moment(time)
        if sends.only_changes:
            return self._message(kind, moment, self._scripts[kind]) if self._has_changed(kind, moment, sends.whole) else None
        if sends.members:
            changed = [member for member in sends.members if self._has_changed(kind, moment, member)]
            text = sends.payload.replace(MEMBERS, ",".join(changed))
            return self._message(kind, moment, script(self.dialect, kind, text)) if changed else None
        return self._message(kind, moment, self._scripts[kind])

    def _moment(self, time: float) -> Moment:
        return Moment(time, self._number, {}, self._asks, self.cell.charge(time))

    def _name(self, template: str) -> str:
        """A text whose slots are identifiers."""
        moment = Moment(0.0, self._number, {}, self._asks)
        return fill(template, lambda slot: literal(moment.value(slot), ""))[0]

    def _topic(self, kind: int) -> str:
        if kind not in self._topics:
            self._topics[kind] = self._name(self.dialect.sends[kind].topic)
        return self._topics[kind]

    def _has_changed(self, kind: int, moment: Moment, text: str) -> bool:
        """True where a reading of the text is written otherwise than when this was last asked of the kind."""
        now = script(self.dialect, kind, text).literals(moment)
        before = self._said.get((kind, text))
        self._said[kind, text] = now
        return now != before

    def _message(self, kind: int, moment: Moment, told: Script) -> Simulated:
        sends, dialect = self.dialect.sends[kind], self.dialect
        payload, time, readings, optional = told.play(moment)
        if sends.seal is not None:
            payload += sends.seal(payload)
        self._count += 1
        return Simulated(
            id=f"{dialect.name}/{self._number}/{self._count}",
            dialect=dialect.name,
            at=moment.time,
            topic=self._topic(kind),
            payload=payload,
            retain=sends.retain,
            format=sends.format,
            language=dialect.language,
            device=self.identity if sends.states_device else None,
            time=time,
            readings=tuple(readings),
            optional=tuple(optional),
        )
