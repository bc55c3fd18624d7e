"""Messages to publish, in order, until the broker has acknowledged them. Functions of a connection; ``Store`` calls them."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from agent.store.migrations import count


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message to publish; ``seq`` is its place, 0 before it has one."""

    id: str
    topic: str
    """Below the agent's own root: ``readings/attic``."""
    body: bytes
    readings: int = 0
    """How many readings it holds, for the count of those delivered."""
    seq: int = 0


def append(connection: sqlite3.Connection, rows: Sequence[OutboxRow], max_rows: int) -> int:
    """Add rows; the number of oldest ones that had to go to keep to ``max_rows``."""
    connection.executemany(
        "INSERT INTO outbox (id, topic, body, readings) VALUES (?, ?, ?, ?)", [(row.id, row.topic, row.body, row.readings) for row in rows]
    )
    surplus = count(connection, "outbox") - max_rows
    if surplus > 0:
        connection.execute("DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox ORDER BY seq LIMIT ?)", (surplus,))
    return max(0, surplus)


def after(connection: sqlite3.Connection, seq: int, limit: int, max_bytes: float) -> list[OutboxRow]:
    """The next rows behind a place whose bodies have ``max_bytes`` together at most, or the next one where it alone has more."""
    found: list[OutboxRow] = []
    size = 0
    for row in connection.execute("SELECT id, topic, body, readings, seq FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)):
        one = OutboxRow(*row)
        size += len(one.body)
        if found and size > max_bytes:
            break
        found.append(one)
    return found


def done(connection: sqlite3.Connection, seqs: Sequence[int]) -> None:
    """Remove rows that were acknowledged."""
    connection.executemany("DELETE FROM outbox WHERE seq = ?", [(seq,) for seq in seqs])
