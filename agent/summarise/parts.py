"""The parts of an aggregate, each of which adds values in the order of their instants and stays small."""

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from fastdigest import TDigest

from agent.summarise.profile import Profile

Value = float | int | str
SECOND = 1_000_000
MAX_WORDS = 16
OTHERS = "…"
"""What words beyond ``MAX_WORDS`` count as."""
MAX_CENTROIDS = 100
RESET_SHARE = 0.9
"""A counter that falls below this share of its last value was reset; a smaller fall is rounding."""


@dataclass(slots=True)
class Spacing:
    """Seconds between values: their distribution, and the longest with where it began."""

    digest: TDigest = field(default_factory=lambda: TDigest(max_centroids=MAX_CENTROIDS))
    longest: int = 0
    longest_start: int = 0

    def add(self, times: Sequence[int]) -> None:
        """Add the intervals between instants in order; values of one instant are one."""
        intervals = [(after - before, before) for before, after in itertools.pairwise(times) if after > before]
        if not intervals:
            return
        self.digest.batch_update([interval / SECOND for interval, _ in intervals])
        self.stretch(*max(intervals, key=lambda one: one[0]))

    def stretch(self, interval: int, start: int) -> None:
        """Keep an interval where it is the longest."""
        if interval > self.longest:
            self.longest, self.longest_start = interval, start

    @property
    def count(self) -> int:
        """Intervals seen."""
        return int(self.digest.n_values)


@dataclass(slots=True)
class Numbers:
    """Moments, extremes, quantiles and course of numbers; the run of equal values that they end with."""

    mean: float = 0.0
    squares: float = 0.0
    """Sum of squared deviations from the mean."""
    low: float = math.inf
    low_time: int = 0
    high: float = -math.inf
    high_time: int = 0
    digest: TDigest = field(default_factory=lambda: TDigest(max_centroids=MAX_CENTROIDS))
    profile: Profile = field(default_factory=Profile)
    run: int = 0
    run_start: int = 0
    longest_run: int = 0
    """Of the runs that have ended, from their first value to the next one's, in microseconds."""
    first_run_end: int = 0
    """Where the first run was followed by another value, 0 while it lasts."""

    def add(self, count: int, window: tuple[int, int], times: Sequence[int], values: Sequence[float]) -> None:
        """Add values to the ``count`` there are (T. F. Chan et al., "Updating formulae", Stanford STAN-CS-79-773, 1979)."""
        array = np.asarray(values, dtype=float)
        mean = float(array.mean())
        squares = float(((array - mean) ** 2).sum())
        total, delta = count + len(array), mean - self.mean
        self.mean += delta * len(array) / total
        self.squares += squares + delta**2 * count * len(array) / total
        least, greatest = int(array.argmin()), int(array.argmax())
        if array[least] < self.low:
            self.low, self.low_time = float(array[least]), times[least]
        if array[greatest] > self.high:
            self.high, self.high_time = float(array[greatest]), times[greatest]
        self.digest.batch_update(array.tolist())
        self.profile.add((np.asarray(times) - window[0]) / window[1], array)

    def follow(self, before: tuple[int, float] | None, times: Sequence[int], values: Sequence[float]) -> None:
        """Follow the runs of equal values; ``before`` is the last (instant, value) before them."""
        for time, value in zip(times, values, strict=True):
            if before is None or value != before[1]:
                if before is not None:
                    self.longest_run = max(self.longest_run, time - self.run_start)
                    self.first_run_end = self.first_run_end or time
                self.run, self.run_start = 0, time
            self.run += 1
            before = (time, value)


@dataclass(slots=True)
class Circle:
    """Angles in degrees as unit vectors."""

    sines: float = 0.0
    cosines: float = 0.0

    def add(self, values: Sequence[float]) -> None:
        """Add angles."""
        radians = np.radians(np.asarray(values, dtype=float))
        self.sines += float(np.sin(radians).sum())
        self.cosines += float(np.cos(radians).sum())

    @property
    def mean(self) -> float:
        """The mean direction, 0 to 360 degrees."""
        return math.degrees(math.atan2(self.sines, self.cosines)) % 360

    def steadiness(self, count: int) -> float:
        """Length of the mean vector: 1 where all angles are equal, 0 where they cancel out."""
        return min(1.0, math.hypot(self.sines, self.cosines) / count)


@dataclass(slots=True)
class Meter:
    """A counter: its increase, and how often it began again from nothing. ``base`` is the last value counted.

    One below zero counts in both directions (a balance), and cannot begin again.
    """

    increase: float = 0.0
    resets: int = 0
    base: float | None = None

    def add(self, values: Sequence[float]) -> None:
        """Add values in order."""
        for value in values:
            if self.base is None:
                self.base = value
            elif self.base <= 0 or value < 0:
                self.increase += value - self.base
                self.base = value
            elif value < self.base * RESET_SHARE:
                self.resets += 1
                self.increase += value
                self.base = value
            else:
                self.increase += max(0.0, value - self.base)
                self.base = max(self.base, value)


@dataclass(slots=True)
class States:
    """Time in each state and changes between them, in microseconds; a state holds until the next value."""

    held: dict[str, int] = field(default_factory=dict)
    changes: int = 0
    since: int = 0
    """When the last state began."""

    def add(self, before: tuple[int, Value] | None, times: Sequence[int], values: Sequence[Value]) -> None:
        """Add values in order; ``before`` is the last (instant, value) before them."""
        for time, value in zip(times, values, strict=True):
            if before is None:
                self.since = time
            else:
                self.hold(str(before[1]), time - before[0])
                if value != before[1]:
                    self.changes += 1
                    self.since = time
            before = (time, value)

    def hold(self, word: str, duration: int) -> None:
        """Add time in a state."""
        key = word if word in self.held or len(self.held) < MAX_WORDS else OTHERS
        self.held[key] = self.held.get(key, 0) + duration


@dataclass(slots=True)
class Kinds:
    """Texts counted by kind: the text with its numbers masked."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, values: Sequence[Value]) -> None:
        """Count texts."""
        for value in values:
            kind = re.sub(r"\d+", "#", " ".join(str(value).split()))[:60]
            key = kind if kind in self.counts or len(self.counts) < MAX_WORDS else OTHERS
            self.counts[key] = self.counts.get(key, 0) + 1


@dataclass(slots=True)
class Beyond:
    """Time beyond a limit, in microseconds, and when it was first crossed; -inf or inf for no limit."""

    low: float
    high: float
    is_configured: bool = True
    below: int = 0
    above: int = 0
    first_below: int | None = None
    first_above: int | None = None

    def add(self, before: tuple[int, float] | None, times: Sequence[int], values: Sequence[float]) -> None:
        """Add values in order; ``before`` is the last (instant, value) before them."""
        for time, value in zip(times, values, strict=True):
            if before is not None:
                self.hold(before[1], time - before[0])
            if value < self.low and self.first_below is None:
                self.first_below = time
            if value > self.high and self.first_above is None:
                self.first_above = time
            before = (time, value)

    def hold(self, value: float, duration: int) -> None:
        """Add time at a value."""
        self.below += duration if value < self.low else 0
        self.above += duration if value > self.high else 0
