"""What control needs of the agent. ``agent.context`` is it; tests give a fake."""

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
