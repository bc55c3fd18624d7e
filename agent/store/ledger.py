"""Digests of the last messages that were committed, to know a redelivery. Functions of a connection."""

import sqlite3


def note(connection: sqlite3.Connection, digest: bytes, limit: int) -> None:
    """Add a digest; only the last ``limit`` stay."""
    seq = connection.execute("INSERT INTO ledger (digest) VALUES (?)", (digest,)).lastrowid or 0
    connection.execute("DELETE FROM ledger WHERE seq <= ?", (seq - limit,))


def load(connection: sqlite3.Connection) -> list[bytes]:
    """The digests, oldest first."""
    return [row[0] for row in connection.execute("SELECT digest FROM ledger ORDER BY seq")]
