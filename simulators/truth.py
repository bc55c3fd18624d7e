"""A simulated message and the truth about it, as the labelled corpus writes it; one line of JSON each."""

import base64
import json
from dataclasses import dataclass
from typing import Any

UNSENT = frozenset({"lost", "silent"})
"""Faults by which a message never leaves its device."""


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
    faults: tuple[str, ...] = ()
    """What went wrong with it, by the names of ``simulators.faults``; the truth is what the bytes say that were sent."""
    wire: bytes | None = None
    """The bytes as sent, where they are not the payload in UTF-8; ``payload`` is then the text that they decode to."""
    delay_seconds: float = 0.0
    """How long before ``at`` the device said it."""

    @property
    def body(self) -> bytes:
        """The bytes that are sent."""
        return self.payload.encode() if self.wire is None else self.wire

    @property
    def is_sent(self) -> bool:
        """False for a message that its faults keep from leaving the device: nothing of it can arrive."""
        return UNSENT.isdisjoint(self.faults)

    def message_line(self) -> str:
        """The message alone, as ``sensorscribe extract --jsonl`` reads it; bytes that are not the payload in UTF-8 stand beside it."""
        table = {"id": self.id, "topic": self.topic, "payload": self.payload, "retain": self.retain, "at": round(self.at, 3)}
        return _line(table | self._wire_table())

    def truth_line(self) -> str:
        """The message with its truth."""
        return _line(self.table())

    def table(self) -> dict[str, Any]:
        """The message with its truth; ``device`` and ``time`` are null where the message does not state them."""
        table: dict[str, Any] = {
            "id": self.id, "family": self.dialect, "format": self.format, "language": self.language, "at": round(self.at, 3),
            "topic": self.topic, "payload": self.payload, "retain": self.retain, "device": self.device, "time": self.time,
            "readings": [one.table() for one in self.readings], "optional": [one.table() for one in self.optional],
        }  # fmt: skip
        if self.faults:
            table["faults"] = list(self.faults)
        if self.delay_seconds:
            table["delay_seconds"] = round(self.delay_seconds, 3)
        return table | self._wire_table()

    def _wire_table(self) -> dict[str, str]:
        return {} if self.wire is None else {"payload_base64": base64.b64encode(self.wire).decode("ascii")}


def from_table(table: dict[str, Any]) -> Simulated:
    """The message of a truth line. Raises ``KeyError`` with the name of a field that is missing, ``ValueError`` for base64 that is none."""
    wire = table.get("payload_base64")
    return Simulated(
        id=table["id"], dialect=table["family"], at=table["at"], topic=table["topic"], payload=table["payload"],
        retain=table["retain"], format=table["format"], language=table["language"], device=table["device"], time=table["time"],
        readings=tuple(map(_reading, table["readings"])), optional=tuple(map(_reading, table["optional"])),
        faults=tuple(table.get("faults", ())), wire=None if wire is None else base64.b64decode(wire, validate=True),
        delay_seconds=table.get("delay_seconds", 0.0),
    )  # fmt: skip


def _reading(table: dict[str, Any]) -> TrueReading:
    return TrueReading(
        name=table["name"], quantity=table["quantity"], literal=table["literal"], start=table["start"], unit=table["unit"],
        inverted=table.get("inverted", False), quantity_also=tuple(table.get("quantity_also", ())),
        unit_also=tuple(table.get("unit_also", ())),
    )  # fmt: skip


def _line(table: dict[str, Any]) -> str:
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"))
