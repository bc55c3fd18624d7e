"""One device of a dialect: its signals as they stand, its schedule, and what it says at a moment."""

from random import Random

from simulators.compose import Place, fill, json_paths, literal
from simulators.dialect import Dialect, Field, Sends
from simulators.moment import Moment, between
from simulators.truth import Simulated, TrueReading

JITTER = 0.02
"""Devices keep their interval within this share."""


class Device:
    """A device; ``say`` is to be called in the order of time."""

    def __init__(self, dialect: Dialect, number: int, seed: str) -> None:
        self.dialect = dialect
        self._number = number
        self._rng = Random(seed)  # a text as seed goes through SHA-512: nothing of it depends on the process
        self._asks = [(field, field.signal(self._rng)) for field in dialect.fields]
        self._fields = {field.slot: field for field in dialect.fields}
        self._paths = [json_paths(sends.payload) if sends.format == "json" else {} for sends in dialect.sends]
        self._count = 0

    def first_seconds(self, kind: int) -> float:
        """How long after the start the first message of a kind is sent."""
        every = self.dialect.sends[kind].every_seconds
        return 0.0 if every is None else between(self._rng, 0, every)

    def next_seconds(self, kind: int) -> float | None:
        """How long after a message the next of its kind is sent; None for a kind that is sent once."""
        every = self.dialect.sends[kind].every_seconds
        return None if every is None else every * between(self._rng, 1 - JITTER, 1 + JITTER)

    def say(self, kind: int, time: float) -> Simulated:
        """The message of a kind at a time, with its truth."""
        sends = self.dialect.sends[kind]
        moment = Moment(time, self._number)
        for field, ask in self._asks:
            moment.values[field.slot] = ask(moment)
        literals = {slot: literal(value, self._fields[slot].form) for slot, value in moment.values.items()}
        topic, _ = fill(sends.topic, literals)
        payload, places = fill(sends.payload, literals)
        if sends.seal is not None:
            payload += sends.seal(payload)
        self._count += 1
        return Simulated(
            id=f"{self.dialect.name}/{self._number}/{self._count}",
            dialect=self.dialect.name,
            at=time,
            topic=topic,
            payload=payload,
            retain=sends.retain,
            format=sends.format,
            language=self.dialect.language,
            device=fill(self.dialect.device, literals)[0] if sends.states_device else None,
            time=next((place.literal for place in places if self._fields[place.slot].role == "time"), None),
            readings=self._truths(kind, sends, places, "reading", topic),
            optional=self._truths(kind, sends, places, "optional", topic),
        )

    def _truths(self, kind: int, sends: Sends, places: list[Place], role: str, topic: str) -> tuple[TrueReading, ...]:
        fields = [(place, self._fields[place.slot]) for place in places]
        return tuple(
            TrueReading(
                name=self._name(kind, sends, field, topic),
                quantity=field.quantity or "other",
                literal=place.literal,
                start=place.start,
                unit=field.unit,
                inverted=field.inverted,
                quantity_also=field.quantity_also,
                unit_also=field.unit_also,
            )
            for place, field in fields
            if field.role == role
        )

    def _name(self, kind: int, sends: Sends, field: Field, topic: str) -> str:
        by_topic = topic.rpartition("/")[2] if sends.format == "scalar" else ""
        return field.name or self._paths[kind].get(field.slot) or by_topic or field.slot
