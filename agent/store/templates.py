"""The library's rows. Loaded before the start; changes are written behind, since a template that is lost is learned again."""

import sqlite3
from collections.abc import Callable

from agent.store.database import Operation


def load(connection: sqlite3.Connection, model_digest: str) -> list[str]:
    """Templates of a model, and those taught by a person whatever the model, oldest change first."""
    found = connection.execute(
        "SELECT body FROM templates WHERE model = ? OR json_extract(body, '$.origin') = 'taught' ORDER BY changed", (model_digest,)
    )
    return [row[0] for row in found]


def put(connection: sqlite3.Connection, template_id: str, model_digest: str, body: str) -> None:
    """Insert or replace a template."""
    connection.execute(
        "INSERT OR REPLACE INTO templates (id, model, body, changed)"
        " VALUES (?, ?, ?, (SELECT coalesce(max(changed), 0) + 1 FROM templates))",
        (template_id, model_digest, body),
    )


def delete(connection: sqlite3.Connection, template_id: str) -> None:
    """Remove a template."""
    connection.execute("DELETE FROM templates WHERE id = ?", (template_id,))


class StoredTemplates:
    """The rows as the library wants them: synchronous, though the database is not."""

    def __init__(self, bodies: list[str], write_behind: Callable[[Operation[None]], None]) -> None:
        self._bodies = bodies
        self._write_behind = write_behind

    def load(self, model_digest: str) -> list[str]:
        """What was loaded for this model."""
        del model_digest
        return self._bodies

    def put(self, template_id: str, model_digest: str, body: str) -> None:
        """Insert or replace a row, soon."""
        self._write_behind(lambda connection: put(connection, template_id, model_digest, body))

    def delete(self, template_id: str) -> None:
        """Remove a row, soon."""
        self._write_behind(lambda connection: delete(connection, template_id))
