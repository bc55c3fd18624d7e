"""What is learned of a series over its windows: its rhythm, its usual range, its last value. A few numbers, kept with the series."""

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from fastdigest import TDigest

from agent.domain.observation import Window
from agent.summarise.aggregate import Aggregate, pack, unpack
from agent.summarise.parts import SECOND, Value

FRESH = 0.2
"""Weight of the newest window."""
WIDE = 0.02
"""How much of their distance to the newest window's extremes the learned extremes give up in each window."""
MIN_INTERVALS = 8
"""Fewer are kept until there are so many: a device may send once an hour."""
MIN_CONTRADICTING = 3
"""So many intervals, half of them longer than a gap, end a rhythm before there are enough for another one."""
REGULAR = 1.0
"""A rhythm is one where the 90th percentile of intervals exceeds the 10th by at most this share of the median.

Random intervals have 3.2.
"""
LEARNED_AFTER = 24 * 3600 * SECOND
LEARNED_WINDOWS = 24
GAP_FACTOR = 3.0
MIN_GAP_SECONDS = 30.0
NEWS_WINDOWS = 4
"""Before so many windows nobody knows what is usual for a series."""
STUCK_FACTOR = 5.0
"""A run of equal values is stuck where it is so many times longer than any that ended before."""
FORGET_RUN = 0.98


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a series before a window. Times in microseconds, ``interval`` in seconds."""

    windows: int = 0
    since: int = 0
    """Start of the first window."""
    low: float | None = None
    high: float | None = None
    """The learned range: extremes that slowly forget."""
    interval: float | None = None
    """None where the series has no rhythm."""
    intervals: str = ""
    """Intervals that were too few to judge, as a digest; empty for none."""
    still: float = 0.0
    """The longest run of equal values that has ended, in microseconds, slowly forgotten; 0 for a series that never varied."""
    run_start: int = 0
    """Where the run of equal values that the last window ended with began."""
    eventful: float = 0.0
    """The share of the last windows in which it jumped, drifted or changed."""
    last_time: int = 0
    last: Value | None = None

    @classmethod
    def from_json(cls, text: str) -> "Memory":
        """What ``to_json`` wrote, or a new one for an empty text."""
        return cls(**json.loads(text)) if text else cls()

    def to_json(self) -> str:
        """As the store keeps it."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def before(self, window: Window) -> tuple[int, Value] | None:
        """The last (instant, value) before a window; None where there is none."""
        return None if self.last is None or self.last_time >= window.end else (self.last_time, self.last)

    def usual_range(self, window: Window) -> tuple[float, float] | None:
        """The learned (low, high); None before a day and two dozen windows have been seen."""
        if self.low is None or self.high is None:
            return None
        is_learned = self.windows >= LEARNED_WINDOWS and window.start - self.since >= LEARNED_AFTER
        return (self.low, self.high) if is_learned else None

    def run_since(self, aggregate: Aggregate) -> int | None:
        """Since when all values have been equal, windows before this one included; None where they are not."""
        numbers = aggregate.numbers
        if numbers is None or numbers.run < aggregate.count:
            return None
        return self.run_start if self._goes_on(aggregate) else numbers.run_start

    def _goes_on(self, aggregate: Aggregate) -> bool:
        return bool(self.run_start) and aggregate.first == self.last

    def longest_run(self, aggregate: Aggregate) -> float:
        """The longest run of equal values that has ended, with those of a window."""
        numbers = aggregate.numbers
        assert numbers is not None
        across = 0
        if self.run_start:
            ended = numbers.first_run_end if self._goes_on(aggregate) else aggregate.first_time
            across = ended - self.run_start if ended else 0
        return max(FORGET_RUN * self.still, numbers.longest_run, across)


def gap_of(interval: float) -> float:
    """Seconds without a value that are a gap in a rhythm."""
    return max(MIN_GAP_SECONDS, GAP_FACTOR * interval)


def rhythm(memory: Memory, aggregate: Aggregate | None) -> tuple[float | None, str]:
    """The interval in seconds where values come regularly, by a window and what was known before, and the intervals still to be judged."""
    if aggregate is None:
        return memory.interval, memory.intervals
    pool = _intervals(memory, aggregate)
    if pool.n_values < MIN_INTERVALS:
        is_contradicted = (
            memory.interval is not None and pool.n_values >= MIN_CONTRADICTING and float(pool.quantile(0.5)) > gap_of(memory.interval)
        )
        return None if is_contradicted else memory.interval, pack(pool) if pool.n_values else ""
    early, middle, late = (float(pool.quantile(share)) for share in (0.1, 0.5, 0.9))
    if late - early > REGULAR * middle:
        return None, ""
    if memory.interval is None or middle > gap_of(memory.interval):
        return middle, ""
    return memory.interval + FRESH * (middle - memory.interval), ""


def _intervals(memory: Memory, aggregate: Aggregate) -> TDigest:
    """Those of a window, the one that leads to it, and those that waited."""
    pool = aggregate.spacing.digest.copy()
    if memory.intervals:
        pool.merge_inplace(unpack(memory.intervals))
    if memory.last is not None and memory.last_time < aggregate.first_time:
        pool.update((aggregate.first_time - memory.last_time) / SECOND)
    return pool


def learn(memory: Memory, aggregate: Aggregate, is_eventful: bool = False) -> Memory:
    """The memory after a window. ``is_eventful`` is True where it jumped, drifted or changed."""
    found: dict[str, Any] = {"windows": memory.windows + 1, "since": memory.since or aggregate.window.start}
    found["eventful"] = memory.eventful + FRESH * (is_eventful - memory.eventful)
    found["interval"], found["intervals"] = rhythm(memory, aggregate)
    numbers = aggregate.numbers
    if numbers is not None and aggregate.treatment == "gauge":
        found["low"] = numbers.low if memory.low is None else min(numbers.low, memory.low + WIDE * (numbers.low - memory.low))
        found["high"] = numbers.high if memory.high is None else max(numbers.high, memory.high + WIDE * (numbers.high - memory.high))
        since = memory.run_since(aggregate)
        found |= {"still": memory.longest_run(aggregate), "run_start": numbers.run_start if since is None else since}
    if aggregate.last_time >= memory.last_time:
        last = aggregate.meter.base if aggregate.meter is not None else aggregate.last
        found |= {"last_time": aggregate.last_time, "last": last}
    if not all(math.isfinite(value) for value in found.values() if isinstance(value, float)):
        return memory
    return Memory(**{**asdict(memory), **found})
