"""The running agent as commands see it: what it is and does, its settings, its templates. Commands change nothing else."""

import base64
import codecs
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from agent.config import Config
from agent.errors import DataError, RetryableError
from agent.extract import Library, Template
from agent.publish.envelope import instant
from agent.settings import Settings
from agent.store import QuarantineRow, Store
from agent.summaries import Summaries
from agent.telemetry.metrics import Metrics
from agent.telemetry.version import agent_version


def template_table(template: Template, hits: int) -> dict[str, Any]:
    """A template for a person: what it says of each slot, and how often it answered since the start."""
    said = [
        {"slot": slot, "role": label.role, "quantity": label.quantity, "unit": label.unit, "confidence": label.confidence}
        for slot, label in enumerate(template.labels)
        if label.role != "none"
    ]
    return {
        "id": template.id,
        "origin": template.origin,
        "pinned": template.pinned,
        "slots": len(template.labels),
        "hits": hits,
        "labels": said,
    }


SHOWN_BYTES = 4096
"""Of a payload in quarantine, so that a page of them is no burden to a broker."""


def quarantine_table(row: QuarantineRow) -> dict[str, Any]:
    """A message in quarantine for a person: its payload as text, or in base64 where it is none, cut after ``SHOWN_BYTES``."""
    shown = row.payload[:SHOWN_BYTES]
    try:
        payload = {"payload": codecs.getincrementaldecoder("utf-8")().decode(shown, final=len(shown) == row.size)}
    except UnicodeDecodeError:
        payload = {"payload_base64": base64.b64encode(shown).decode("ascii")}
    return {
        "id": row.id, "received_at": instant(row.received_at), "topic": row.topic, "reason": row.reason, "detail": row.detail,
        "retained": row.retained, "bytes": row.size, "cut": len(shown) < row.size, **payload,
    }  # fmt: skip


class Context:
    """What ``agent.control`` works on."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        metrics: Metrics,
        library: Library | None,
        model: str,
        is_connected: Callable[[], dict[str, bool]],
        put_in_force: Callable[[Config], Any],
        summaries: Summaries | None = None,
    ) -> None:
        self._settings, self._store, self._metrics, self._library, self._model = settings, store, metrics, library, model
        self._summaries = summaries
        self._is_connected, self._put_in_force = is_connected, put_in_force
        self._since = datetime.now(UTC)
        self._began = time.monotonic()

    def facts(self) -> dict[str, Any]:
        """What health says, too: uptime, connections, model, metrics."""
        return {
            "uptime_seconds": round(time.monotonic() - self._began, 1),
            "since": self._since.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "connected": self._is_connected(),
            "model": self._model,
            "metrics": self._metrics.snapshot(),
        }

    def status(self) -> dict[str, Any]:
        """Everything that health says, and what the agent is called and reads."""
        config = self._settings.current
        return {
            "agent": config.agent, "version": agent_version(), "topics": list(config.mqtt.topics),
            "restart_needed": self.restart_needed(), **self.facts(),
        }  # fmt: skip

    def config(self) -> Config:
        """The configuration with the changes made by command."""
        return self._settings.current

    def restart_needed(self) -> list[str]:
        """Settings that were changed and count from the next start."""
        return self._settings.restart_needed()

    async def apply_patch(self, patch: dict[str, Any]) -> Config:
        """Check a merge patch, keep it, put in force what can be.

        Raises ``ConfigError`` or ``RetryableError`` with nothing changed, ``DataError`` where the change is kept and not in force.
        """
        config = await self._settings.apply(patch)
        try:
            await self._put_in_force(config)
        except RetryableError as error:
            raise DataError(f"the change is kept and counts from the next start, but is not in force yet: {error}") from error
        return config

    def templates(self) -> list[dict[str, Any]]:
        """The templates by id."""
        if self._library is None:
            return []
        hits = self._library.hits
        return [template_table(one, hits.get(one.id, 0)) for one in sorted(self._library, key=lambda one: one.id)]

    async def quarantined(self, offset: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """A page of the quarantine, newest first, and how many messages it holds."""
        return [quarantine_table(row) for row in await self._store.quarantined(limit, offset)], self._store.quarantine_rows

    async def summary_groups(self) -> list[str] | None:
        """The groups that are known; None where no summaries are made."""
        if self._summaries is None or self._summaries.grouping is None:
            return None
        return await self._summaries.groups()

    async def summary_now(self, group: str) -> dict[str, Any]:
        """The summary of a group's open window up to now."""
        assert self._summaries is not None
        return await self._summaries.now(group)

    async def summary_past(self, group: str, at: datetime | None) -> dict[str, Any] | None:
        """The summary that is kept of the window of an instant, or the newest one."""
        assert self._summaries is not None
        body = await self._summaries.past(group, at)
        return None if body is None else dict(json.loads(body))
