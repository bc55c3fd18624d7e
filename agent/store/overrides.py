"""Small JSON documents by name: the changes made by command, and the filters that were subscribed. Functions of a connection."""

import json
import sqlite3
from typing import Any

OVERRIDES = "overrides"
SUBSCRIBED = "subscribed"


def get(connection: sqlite3.Connection, name: str) -> Any:
    """A document, or None."""
    row = connection.execute("SELECT body FROM settings WHERE name = ?", (name,)).fetchone()
    return None if row is None else json.loads(row[0])


def put(connection: sqlite3.Connection, name: str, document: Any) -> None:
    """Insert or replace a document."""
    connection.execute("INSERT OR REPLACE INTO settings (name, body) VALUES (?, ?)", (name, json.dumps(document)))
