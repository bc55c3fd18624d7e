"""What control needs of the agent. ``agent.context`` is it; tests give a fake."""

from datetime import datetime
from typing import Any, Protocol

from agent.config import Config


class ControlContext(Protocol):
    """The agent as its commands see it."""

    def status(self) -> dict[str, Any]:
        """State, version, connections, counters: plain values for JSON."""

    def config(self) -> Config:
        """The configuration in force, or with the next start where a setting needs one."""

    async def apply_patch(self, patch: dict[str, Any]) -> Config:
        """Check a JSON merge patch whole, keep it, put it in force.

        Raises ``ConfigError`` (refused, nothing changed), ``RetryableError`` (could not be kept, nothing changed) or ``DataError``
        (kept, not in force yet).
        """

    def restart_needed(self) -> list[str]:
        """Paths of the settings whose new value counts from the next start."""

    def templates(self) -> list[dict[str, Any]]:
        """The learned templates in a fixed order, as plain values for JSON."""

    async def quarantined(self, offset: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """A page of the quarantine, newest first, as plain values for JSON, and how many there are. Raises ``RetryableError``."""

    async def summary_groups(self) -> list[str] | None:
        """The groups of which there are summaries; None where none are made. Raises ``RetryableError``."""

    async def summary_now(self, group: str) -> dict[str, Any]:
        """The summary of a group's open window up to now. Raises ``RetryableError``."""

    async def summary_past(self, group: str, at: datetime | None) -> dict[str, Any] | None:
        """The summary that is kept of the window of an instant, or the newest one; None for none. Raises ``RetryableError``."""
