"""Readings, notices, status and health -> JSON bodies. Each names its schema and version; ``agent/README.md`` shows them.

One MQTT message for each message that came in, with the list of its readings: they share device, time and fate. Where that would be
too large for a broker, it goes out in parts.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from agent.domain.message import Message
from agent.domain.reading import Reading

READINGS = "sensorscribe.readings/1"
QUARANTINE = "sensorscribe.quarantine/1"
STATUS = "sensorscribe.status/1"
HEALTH = "sensorscribe.health/1"
SUMMARY = "sensorscribe.summary/1"
MAX_BODY_BYTES = 100_000
"""Of the readings in one publication. AWS IoT Core takes 128 kB, Azure IoT Hub 256 kB, Mosquitto 2.1 2 MB; a broker that speaks
MQTT 3.1.1 cannot say so, and ends every connection on which a packet that is too large is sent again."""


def instant(moment: datetime) -> str:
    """An instant in UTC as RFC 3339 writes it, with ``Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_body(document: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8; text that UTF-8 cannot hold (lone surrogates of a broken payload) is escaped."""
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(document, allow_nan=False, separators=(",", ":")).encode("ascii")


def reading_table(reading: Reading, message: Message, device: str, time: datetime, model: str) -> dict[str, Any]:
    """A reading by the contract: complete by itself, so that it may be taken out of its message."""
    return {
        "device": device, "name": reading.name, "quantity": reading.quantity, "value": reading.value, "unit": reading.unit,
        "value_si": reading.value_si, "unit_si": reading.unit_si, "time": instant(reading.time or time),
        "source": {"topic": message.topic, "literal": reading.literal, "start": reading.start},
        "confidence": reading.confidence, "via": reading.via, "template": reading.template, "model": model, "plausible": reading.plausible,
    }  # fmt: skip


def readings_bodies(
    message: Message, device: str, time: datetime, time_source: str, readings: Sequence[Reading], model: str
) -> list[tuple[bytes, int]]:
    """The readings of one message in their order, as (body, how many readings): one body, or as many as ``MAX_BODY_BYTES`` asks for.

    Only several say which ``part`` of how many ``parts`` they are. A reading that is larger by itself has a body of its own.
    """
    head: dict[str, Any] = {
        "schema": READINGS, "id": message.id, "device": device, "time": instant(time), "time_source": time_source,
        "received_at": instant(message.received_at), "topic": message.topic,
    }  # fmt: skip
    if message.retain:
        head["retained"] = True
    tables = [to_body(reading_table(reading, message, device, time, model)) for reading in readings]
    whole = _with_readings(head, tables)
    if len(whole) <= MAX_BODY_BYTES or len(tables) == 1:
        return [(whole, len(tables))]
    longest_head = _with_readings({**head, "part": len(tables), "parts": len(tables)}, ())
    parts = _parts(tables, MAX_BODY_BYTES - len(longest_head))
    return [(_with_readings({**head, "part": number, "parts": len(parts)}, part), len(part)) for number, part in enumerate(parts, start=1)]


def _parts(tables: Sequence[bytes], room: int) -> list[list[bytes]]:
    """Tables in their order, put together as long as they and their commas fit into ``room`` bytes."""
    parts: list[list[bytes]] = []
    size = 0
    for table in tables:
        size += len(table) + 1
        if not parts or size > room:
            parts.append([])
            size = len(table) + 1
        parts[-1].append(table)
    return parts


def _with_readings(head: Mapping[str, Any], tables: Sequence[bytes]) -> bytes:
    """A body whose ``readings`` are JSON already, so that nothing is written twice to know its size."""
    return to_body({**head, "readings": []}).removesuffix(b"]}") + b",".join(tables) + b"]}"


def quarantine_body(message: Message, reason: str, detail: str) -> bytes:
    """The notice that a message was kept unread. The payload itself stays on the device."""
    return to_body(
        {
            "schema": QUARANTINE, "id": message.id, "topic": message.topic, "received_at": instant(message.received_at),
            "bytes": len(message.payload), "reason": reason, "detail": detail,
        }
    )  # fmt: skip


def summary_table(summary_id: str, facts: Mapping[str, Any], text: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """A summary: what is told, ``about`` it (who wrote it, in what language …), and the facts, window and counts that it stands on."""
    told = {key: value for key, value in facts.items() if key != "format"}
    return {"schema": SUMMARY, "id": summary_id, "text": text, **about, **told}


def status_body(status: str, agent: str, version: str, now: datetime | None, reason: str = "") -> bytes:
    """Birth, will and farewell. A will has no time: it is written before anyone knows when."""
    document = {"schema": STATUS, "status": status, "agent": agent, "version": version, "time": instant(now) if now else None}
    return to_body({**document, "reason": reason} if reason else document)


def health_body(agent: str, version: str, now: datetime, facts: Mapping[str, Any]) -> bytes:
    """Health as a retained message."""
    return to_body({"schema": HEALTH, "agent": agent, "version": version, "time": instant(now), **facts})
