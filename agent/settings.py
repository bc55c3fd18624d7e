"""The configuration in force: the file, with the changes made by command over it. Changes are kept over restarts.

A change is checked whole before anything happens. ``null`` in a change takes an earlier change back: the file counts again.
"""

from typing import Any

from agent.config import Config, ConfigError, merge_patch, parse_config
from agent.store import OVERRIDES, Store
from agent.telemetry.events import Reporter, SettingDegraded

LIVE = frozenset(
    {
        "drain_seconds", "extract.columns_threshold", "extract.telegram_threshold", "extract.threshold", "mqtt.exclude", "mqtt.topics",
        "outbox.max_rows",
        "outbox.quarantine_days", "outbox.quarantine_rows", "summaries.keep_days", "summaries.language", "summaries.max_series",
        "summaries.timezone", "summaries.units", "telemetry.health_seconds", "telemetry.log_format", "telemetry.log_level",
    }
)  # fmt: skip
"""Settings that a running agent follows at once; the others count from the next start."""
CONNECTION = (
    "host", "port", "protocol", "client_id", "username", "password_file", "tls", "ca_file", "cert_file", "key_file",
)  # fmt: skip
FILE_ONLY = (
    "state_folder", "model.folder", "summaries.writer_folder",
    *(f"{section}.{name}" for section in ("mqtt", "uplink") for name in CONNECTION),
)  # fmt: skip
"""Settings that no command changes. A wrong one would keep the agent from coming up where the next command could reach it; and who may
send commands on the devices' broker could have the passwords sent to a broker of his own."""


def leaves(table: Any, path: str = "") -> dict[str, Any]:
    """Every setting by its dotted path."""
    if not isinstance(table, dict):
        return {path: table}
    return {name: value for key, inner in table.items() for name, value in leaves(inner, f"{path}.{key}" if path else key).items()}


class Settings:
    """``current`` is in force or will be with the next start; ``started`` is what the agent was started with."""

    def __init__(self, file: Config, store: Store, reporter: Reporter) -> None:
        self._file = file.model_dump(mode="json")
        self._store = store
        self._reporter = reporter
        self._overrides: dict[str, Any] = {}
        self.current = file
        self.started = file

    async def load(self) -> Config:
        """Put the stored changes over the file.

        Changes that no longer fit it are left out, counted and logged: an agent far away must come up, so that a command can
        correct them.
        """
        stored = await self._store.setting(OVERRIDES)
        if isinstance(stored, dict) and stored:
            try:
                self.current = parse_config(merge_patch(self._file, stored), "changes made by config.set")
                self._overrides = stored
            except ConfigError as error:
                self._reporter.emit(SettingDegraded("overrides_refused", f"{error}; none of the changes is in force: set them again"))
        self.started = self.current
        return self.current

    async def apply(self, patch: dict[str, Any]) -> Config:
        """Check a merge patch, keep it, put it in force. Raises ``ConfigError`` (nothing changed) or ``RetryableError`` (not kept)."""
        overrides = merge_patch(self._overrides, patch)
        asked = leaves(overrides)
        if misplaced := [path for path in FILE_ONLY if asked.get(path) is not None]:
            reason = "can only be set in the file on the device: a wrong value would cut the agent off from further commands"
            raise ConfigError("patch", [(path, reason) for path in misplaced])
        config = parse_config(merge_patch(self._file, overrides), "patch")
        await self._store.put_setting(OVERRIDES, overrides)
        self._overrides, self.current = overrides, config
        return config

    def restart_needed(self) -> list[str]:
        """Settings that differ from those in force and count from the next start."""
        before, now = leaves(self.started.model_dump(mode="json")), leaves(self.current.model_dump(mode="json"))
        return sorted(path for path, value in now.items() if before.get(path) != value and path not in LIVE)
