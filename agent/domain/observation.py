"""What summaries count: values of readings at instants, in the window and group that they belong to.

Instants are integers of microseconds since 1970 in UTC, which SQLite orders and compares exactly.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of an instant with a zone."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def to_instant(micros: int) -> datetime:
    """The instant in UTC."""
    return EPOCH + timedelta(microseconds=micros)


@dataclass(frozen=True, slots=True)
class Window:
    """A tumbling window of one group, from ``start`` on, ``length`` long; both in microseconds."""

    start: int
    length: int
    group: str

    @property
    def end(self) -> int:
        """The first instant behind it."""
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """What makes values comparable: one reading of one device, in one unit (empty for none)."""

    device: str
    name: str
    quantity: str
    unit: str


@dataclass(frozen=True, slots=True)
class Observation:
    """A value at an instant: a number in the series' unit, 0 or 1 for a binary, else a word."""

    window: Window
    series: SeriesKey
    time: int
    value: float | int | str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something of a message that is counted and not measured: it was kept unread, or a value is impossible."""

    window: Window
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Observed:
    """What one message adds to windows; ``arrived`` is in microseconds, and what comes too late is counted in the window of then."""

    message_id: str
    arrived: int
    observations: tuple[Observation, ...]
    noted: tuple[Noted, ...]
    retained: int = 0
    """Values that the broker had kept and nobody knows since when: no window counts them."""
