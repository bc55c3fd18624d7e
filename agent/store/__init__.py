"""SQLite on disk: outbox, quarantine, templates, changes of the configuration. One writer thread, group commit."""

from agent.store.outbox import OutboxRow
from agent.store.overrides import OVERRIDES, SUBSCRIBED
from agent.store.quarantine import QuarantineRow
from agent.store.store import Limits, Store

__all__ = ["OVERRIDES", "SUBSCRIBED", "Limits", "OutboxRow", "QuarantineRow", "Store"]
