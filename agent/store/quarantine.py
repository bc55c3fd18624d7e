"""Messages that could not be read, with the reason, bounded by number and age. Functions of a connection."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agent.store.migrations import count

KEPT_OF_UNREADABLE_BYTES = 4096
MAX_KEPT_BYTES = 256 * 1024
"""Of a device's larger payload, and of one that is no text (a camera's pictures), only the beginning and the size are kept."""


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A message that was kept, with what of it is kept; ``size`` is that of the whole payload."""

    id: str
    received_at: datetime
    topic: str
    payload: bytes
    size: int
    reason: str
    detail: str
    retained: bool = False


def kept_of(payload: bytes, reason: str) -> bytes:
    """What is kept of a device's payload."""
    return payload if len(payload) <= MAX_KEPT_BYTES and reason != "binary" else payload[:KEPT_OF_UNREADABLE_BYTES]


def add(connection: sqlite3.Connection, row: QuarantineRow, max_rows: int, max_days: float) -> int:
    """Keep a message; the number of those that had to go for number or age."""
    connection.execute(
        "INSERT INTO quarantine (id, received_at, topic, payload, size, reason, detail, retained) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (row.id, row.received_at.isoformat(), row.topic, row.payload, row.size, row.reason, row.detail, row.retained),
    )
    # ids and places grow with time, so that the oldest come first and one look at them is enough
    earliest = (row.received_at - timedelta(days=max_days)).isoformat()
    aged = connection.execute(
        "DELETE FROM quarantine WHERE seq IN (SELECT seq FROM quarantine ORDER BY seq LIMIT 100) AND received_at < ?", (earliest,)
    ).rowcount
    surplus = count(connection, "quarantine") - max_rows
    if surplus > 0:
        connection.execute("DELETE FROM quarantine WHERE seq IN (SELECT seq FROM quarantine ORDER BY seq LIMIT ?)", (surplus,))
    return aged + max(0, surplus)


def newest(connection: sqlite3.Connection, limit: int, offset: int = 0) -> list[QuarantineRow]:
    """A page of what is kept, newest first."""
    rows = connection.execute(
        "SELECT id, received_at, topic, payload, size, reason, detail, retained FROM quarantine ORDER BY seq DESC LIMIT ? OFFSET ?",
        (limit, offset),
    )
    return [_row(row) for row in rows]


def _row(row: tuple[Any, ...]) -> QuarantineRow:
    message_id, received_at, topic, payload, size, reason, detail, retained = row
    return QuarantineRow(message_id, datetime.fromisoformat(received_at), topic, payload, size, reason, detail, bool(retained))


def oldest(connection: sqlite3.Connection, reason: str) -> QuarantineRow | None:
    """What has been kept longest for a reason; None for nothing."""
    row = connection.execute(
        "SELECT id, received_at, topic, payload, size, reason, detail, retained FROM quarantine WHERE reason = ? ORDER BY seq LIMIT 1",
        (reason,),
    ).fetchone()
    return None if row is None else _row(row)


def remove(connection: sqlite3.Connection, message_id: str) -> bool:
    """Forget a message; False where there is none of that id."""
    return connection.execute("DELETE FROM quarantine WHERE id = ?", (message_id,)).rowcount > 0
