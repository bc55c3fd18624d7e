"""A simulated message and the truth about it, as the labelled corpus writes it; one line of JSON each."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TrueReading:
    """What a careful reader takes from a place of the payload."""

    name: str
    quantity: str
    literal: str
    start: int
    unit: str | None
    inverted: bool = False
    quantity_also: tuple[str, ...] = ()
    unit_also: tuple[str | None, ...] = ()

    def allows(self, quantity: object, unit: object) -> bool:
        """True where a reader who says so is right."""
        return quantity in (self.quantity, *self.quantity_also) and unit in (self.unit, *self.unit_also)

    def table(self) -> dict[str, Any]:
        """The fields of the corpus; those that say nothing are left out."""
        table: dict[str, Any] = {
            "name": self.name, "quantity": self.quantity, "literal": self.literal, "start": self.start, "unit": self.unit,
        }  # fmt: skip
        if self.inverted:
            table["inverted"] = True
        if self.quantity_also:
            table["quantity_also"] = list(self.quantity_also)
        if self.unit_also:
            table["unit_also"] = list(self.unit_also)
        return table


@dataclass(frozen=True, slots=True)
class Simulated:
    """A message of a simulated device."""

    id: str
    dialect: str
    at: float
    """Simulated time of sending, in seconds since 1970 UTC."""
    topic: str
    payload: str
    retain: bool
    format: str
    language: str
    device: str | None
    time: str | None
    """The literal of the message's own time."""
    readings: tuple[TrueReading, ...]
    optional: tuple[TrueReading, ...]

    def message_line(self) -> str:
        """The message alone, as ``sensorscribe extract --jsonl`` reads it."""
        return _line({"id": self.id, "topic": self.topic, "payload": self.payload, "retain": self.retain, "at": round(self.at, 3)})

    def truth_line(self) -> str:
        """The message with its truth."""
        return _line(self.table())

    def table(self) -> dict[str, Any]:
        """The message with its truth; ``device`` and ``time`` are null where the message does not state them."""
        return {
            "id": self.id, "family": self.dialect, "format": self.format, "language": self.language, "at": round(self.at, 3),
            "topic": self.topic, "payload": self.payload, "retain": self.retain, "device": self.device, "time": self.time,
            "readings": [one.table() for one in self.readings], "optional": [one.table() for one in self.optional],
        }  # fmt: skip


def _line(table: dict[str, Any]) -> str:
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"))
