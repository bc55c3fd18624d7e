"""SQLite on disk: outbox, quarantine, templates, windows, changes of the configuration. One writer thread, group commit."""

from agent.store.outbox import OutboxRow
from agent.store.overrides import OVERRIDES, SUBSCRIBED
from agent.store.quarantine import QuarantineRow, kept_of
from agent.store.store import Limits, Store
from agent.store.windows import SeriesRow, WindowRow

__all__ = ["OVERRIDES", "SUBSCRIBED", "Limits", "OutboxRow", "QuarantineRow", "SeriesRow", "Store", "WindowRow", "kept_of"]
