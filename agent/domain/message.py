"""One MQTT message as it came in, before anything is known about it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A received application message (MQTT 5, section 3.3)."""

    id: str
    """Ours, given at arrival; a redelivered message that is already on disk keeps the id of its first arrival."""
    topic: str
    payload: bytes
    received_at: datetime
    """Arrival time, timezone-aware UTC."""
    qos: int = 0
    retain: bool = False
