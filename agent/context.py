"""The running agent as commands see it: what it is and does, its settings, its templates. Commands change nothing else."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from agent.config import Config
from agent.errors import DataError, RetryableError
from agent.extract import Library, Template
from agent.settings import Settings
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


class Context:
    """What ``agent.control`` works on."""

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        library: Library | None,
        model: str,
        is_connected: Callable[[], dict[str, bool]],
        put_in_force: Callable[[Config], Any],
        summaries: Summaries | None = None,
    ) -> None:
        self._settings, self._metrics, self._library, self._model = settings, metrics, library, model
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
