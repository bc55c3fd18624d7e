"""The course of a series within its window, in a fixed number of buckets, and what happened in it: a step, a trend, a spike.

Bounded, mergeable and independent of the order of values. Three models are fitted to the buckets' means by least squares: a
constant, a line, a step (the change point with the least sum of squares; D. V. Hinkley, "Inference about the change-point in a
sequence of random variables", Biometrika 57, 1970). The Bayesian information criterion chooses (G. Schwarz, "Estimating the
dimension of a model", Annals of Statistics 6, 1978); a running median of three before it takes single outliers out (J. W. Tukey,
"Exploratory Data Analysis", 1977), which are then looked at as spikes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

import numpy as np

BUCKETS = 60
MIN_BUCKETS = 6
MIN_SIDE = 3
"""Buckets on each side of a step."""
SIGMAS_CHANGE = 3.0
SIGMAS_SPIKE = 6.0
SPIKE_WORTHS = 3.0


@dataclass(slots=True)
class Profile:
    """Count, sum, least and greatest value of each bucket that has values, by its number."""

    buckets: dict[int, list[float]] = field(default_factory=dict)

    def add(self, shares: np.ndarray, values: np.ndarray) -> None:
        """Add values at shares (0 to 1) of the window's length."""
        numbers = np.clip((shares * BUCKETS).astype(int), 0, BUCKETS - 1)
        for number in np.unique(numbers):
            inside = values[numbers == number]
            bucket = self.buckets.setdefault(int(number), [0, 0.0, math.inf, -math.inf])
            bucket[0] += len(inside)
            bucket[1] += float(inside.sum())
            bucket[2] = min(bucket[2], float(inside.min()))
            bucket[3] = max(bucket[3], float(inside.max()))

    def to_table(self) -> list[Any]:
        """For JSON."""
        return [[number, *bucket] for number, bucket in sorted(self.buckets.items())]

    @classmethod
    def from_table(cls, table: list[Any]) -> "Profile":
        """From JSON."""
        return cls({row[0]: row[1:] for row in table})


@dataclass(frozen=True, slots=True)
class Change:
    """What happened. ``at`` is a share of the window: where a step or spike is, where a trend begins (always 0)."""

    kind: Literal["step", "trend", "spike"]
    before: float
    after: float
    """Of a spike: the outlying value, ``before`` being what is usual."""
    at: float


def find_changes(profile: Profile, worth: float) -> list[Change]:
    """The step or trend of a profile, and its spike, where they are greater than noise and ``worth``."""
    if len(profile.buckets) < MIN_BUCKETS:
        return []
    numbers = sorted(profile.buckets)
    xs = [(number + 0.5) / BUCKETS for number in numbers]
    raw = [profile.buckets[number][1] / profile.buckets[number][0] for number in numbers]
    smooth = _median_of_three(raw)
    fitted, change = _best_model(xs, smooth, worth)
    noise = _noise([one - other for one, other in zip(raw, fitted, strict=True)])
    found = [change] if change is not None and abs(change.after - change.before) >= max(worth, SIGMAS_CHANGE * noise) else []
    if found and found[0].kind == "step":
        return found  # what overshoots beside a step belongs to it
    usual = fitted if found else [median(smooth)] * len(xs)
    spike = _spike(profile, numbers, xs, usual, max(SPIKE_WORTHS * worth, SIGMAS_SPIKE * noise))
    return found + ([spike] if spike is not None else [])


def _median_of_three(values: Sequence[float]) -> list[float]:
    inner = [median(values[index - 1 : index + 2]) for index in range(1, len(values) - 1)]
    return [
        median([values[0], inner[0], 3 * inner[0] - 2 * inner[1]]),
        *inner,
        median([values[-1], inner[-1], 3 * inner[-1] - 2 * inner[-2]]),
    ]


def _noise(residuals: Sequence[float]) -> float:
    """A standard deviation from the median of absolute residuals."""
    return 1.4826 * median(abs(one) for one in residuals)


def _best_model(xs: list[float], ys: list[float], worth: float) -> tuple[list[float], Change | None]:
    count, mean = len(ys), sum(ys) / len(ys)
    floor = (worth / 10) ** 2  # what is much less than worth telling is no difference between models

    def criterion(fitted: list[float], parameters: int) -> float:
        rest = sum((one - other) ** 2 for one, other in zip(ys, fitted, strict=True)) / count
        return count * math.log(rest + floor) + parameters * math.log(count)

    constant = [mean] * count
    line = _line(xs, ys)
    split, step = _step(ys)
    choices = [
        (criterion(constant, 1), constant, None),
        (criterion(line, 2), line, Change("trend", line[0], line[-1], 0.0)),
        (criterion(step, 3), step, Change("step", step[0], step[-1], (xs[split - 1] + xs[split]) / 2)),
    ]
    best = min(choices, key=lambda choice: choice[0])
    return best[1], best[2]


def _line(xs: list[float], ys: list[float]) -> list[float]:
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True)) / sum((x - x_mean) ** 2 for x in xs)
    return [y_mean + slope * (x - x_mean) for x in xs]


def _step(ys: list[float]) -> tuple[int, list[float]]:
    """(first place after the step, fitted values) of the split that leaves the least sum of squares."""
    total, left = sum(ys), 0.0
    best = (-math.inf, MIN_SIDE)
    for split in range(1, len(ys)):
        left += ys[split - 1]
        if MIN_SIDE <= split <= len(ys) - MIN_SIDE:
            explained = left**2 / split + (total - left) ** 2 / (len(ys) - split)
            best = max(best, (explained, split))
    split = best[1]
    before, after = sum(ys[:split]) / split, sum(ys[split:]) / (len(ys) - split)
    return split, [before] * split + [after] * (len(ys) - split)


def _spike(profile: Profile, numbers: list[int], xs: list[float], fitted: list[float], limit: float) -> Change | None:
    outliers = []
    inner = list(zip(numbers, xs, fitted, strict=True))[1:-1]  # at an edge nobody knows whether it was brief
    for number, x, usual in inner:
        _, _, low, high = profile.buckets[number]
        value = high if high - usual >= usual - low else low
        if abs(value - usual) >= limit:
            outliers.append(Change("spike", usual, value, x))
    if not outliers or len(outliers) > max(2, len(numbers) // 10):
        return None
    return max(outliers, key=lambda one: abs(one.after - one.before))
