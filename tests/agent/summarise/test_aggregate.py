"""Aggregates equal what numpy computes of the same values at once, however they were cut and stored in between."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.observation import SeriesKey, Window
from agent.summarise.aggregate import Aggregate, folding
from agent.summarise.parts import MAX_WORDS, OTHERS, SECOND

WINDOW = Window(0, 900 * SECOND, "site")
KEYS = {
    "gauge": SeriesKey("d", "n", "temperature", "Cel"), "total": SeriesKey("d", "n", "energy", "kW.h"),
    "direction": SeriesKey("d", "n", "wind_direction", "deg"), "binary": SeriesKey("d", "n", "door", ""),
    "state": SeriesKey("d", "n", "mode", ""), "text": SeriesKey("d", "n", "message", ""),
}  # fmt: skip


def no_limits(key):
    """Nothing is configured."""


def folded(kind, pairs, cuts=(), limits=no_limits):
    """The aggregate of (instant, value) pairs that were folded in pieces, each stored and loaded again."""
    step, state, begin = folding(limits), None, 0
    for end in [*sorted(cuts), len(pairs)]:
        state = step(WINDOW, KEYS[kind], state, pairs[begin:end])
        begin = end
    return Aggregate.from_json(WINDOW, state)


def pairs_of(values):
    """Values at distinct instants of the window, in order."""
    times = st.lists(st.integers(0, WINDOW.length - 1), min_size=1, max_size=60, unique=True).map(sorted)
    return times.flatmap(lambda found: st.tuples(*(st.tuples(st.just(time), values) for time in found)).map(list))


numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
cuts = st.lists(st.integers(0, 60), max_size=4)


def close_to(value):
    """Equal but for rounding."""
    return pytest.approx(value, rel=1e-9, abs=1e-6)


@given(pairs_of(numbers), cuts)
@settings(deadline=None, max_examples=80)
def test_moments_and_extremes_equal_numpy(pairs, where):
    """Count, mean, sample standard deviation, least, greatest, first and last."""
    made, values = folded("gauge", pairs, where), np.array([value for _, value in pairs])
    assert made.count == len(values)
    assert (made.first, made.last, made.first_time, made.last_time) == (pairs[0][1], pairs[-1][1], pairs[0][0], pairs[-1][0])
    assert made.numbers.mean == close_to(values.mean())
    assert made.deviation == pytest.approx(values.std(ddof=1) if len(values) > 1 else 0.0, rel=1e-6, abs=1e-4)
    assert (made.numbers.low, made.numbers.high) == (values.min(), values.max())
    assert made.numbers.high_time == pairs[int(values.argmax())][0]
    profile = made.numbers.profile.buckets
    assert sum(bucket[0] for bucket in profile.values()) == len(values)
    assert sum(bucket[1] for bucket in profile.values()) == close_to(values.sum())


@given(pairs_of(numbers), cuts)
@settings(deadline=None, max_examples=40)
def test_quantiles_are_those_of_numpy_by_rank(pairs, where):
    """A sketch may be a rank or two off, never more than a fiftieth of them."""
    made, values = folded("gauge", pairs, where), np.sort([value for _, value in pairs])
    for share in (0.1, 0.5, 0.9):
        slack = 1 + len(values) // 50
        low, high = int(share * (len(values) - 1)) - slack, math.ceil(share * (len(values) - 1)) + slack
        found = made.numbers.digest.quantile(share)
        assert values[max(0, low)] - 1e-6 <= found <= values[min(len(values) - 1, high)] + 1e-6


@given(pairs_of(st.floats(0, 359.99)), cuts)
@settings(deadline=None, max_examples=40)
def test_direction_is_the_mean_of_unit_vectors(pairs, where):
    """North is between 350 and 10 degrees."""
    made, angles = folded("direction", pairs, where), np.radians([value for _, value in pairs])
    vector = complex(np.cos(angles).mean(), np.sin(angles).mean())
    assert made.circle.steadiness(made.count) == pytest.approx(abs(vector), abs=1e-9)
    if abs(vector) > 1e-6:
        turned = (made.circle.mean - math.degrees(math.atan2(vector.imag, vector.real)) + 180) % 360 - 180
        assert turned == pytest.approx(0, abs=1e-6)


@given(pairs_of(st.integers(0, 1)), cuts, st.none() | st.integers(0, 1))
@settings(deadline=None, max_examples=60)
def test_time_in_state_equals_a_plain_count(pairs, where, before):
    """Each state holds until the next value; the one before the window until the first, the last until the end."""
    made = folded("binary", pairs, where)
    made.close(None if before is None else (-SECOND, before), WINDOW.end)
    course = ([(0, before)] if before is not None else []) + pairs
    times = np.array([time for time, _ in course] + [WINDOW.end])
    states = np.array([state for _, state in course])
    held = np.diff(times)
    assert made.states.held.get("1", 0) == held[states == 1].sum()
    assert made.states.held.get("0", 0) == held[states == 0].sum()
    assert made.states.changes == np.count_nonzero(np.diff(states))


@given(st.lists(st.floats(0.01, 50), min_size=1, max_size=40), st.integers(0, 40), cuts, st.booleans())
@settings(deadline=None, max_examples=60)
def test_increase_counts_on_over_a_reset(steps, reset_at, where, is_known):
    """The increase is the sum of what was added, before and after a counter that begins again."""
    readings, level, added = [], 1000.0, 0.0
    before = level if is_known else None
    for number, step in enumerate(steps):
        level = step if number == reset_at and number else level + step
        added += step if number or is_known else 0.0
        readings.append((number * SECOND, level))
    made = folded("total", readings, where)
    made.close(None if before is None else (-SECOND, before), WINDOW.end)
    assert made.meter.increase == pytest.approx(added, rel=1e-9, abs=1e-6)
    assert made.meter.resets == (0 < reset_at < len(steps))


@given(pairs_of(numbers), cuts, st.floats(-1e6, 1e6))
@settings(deadline=None, max_examples=40)
def test_time_beyond_a_limit_equals_a_plain_count(pairs, where, limit):
    """A value holds until the next one; the first crossing is the first value beyond."""
    made = folded("gauge", pairs, where, lambda key: (-math.inf, limit, True))
    made.close(None, WINDOW.end)
    held = np.diff([time for time, _ in pairs] + [WINDOW.end])
    is_above = np.array([value > limit for _, value in pairs])
    assert made.beyond.above == held[is_above].sum()
    assert made.beyond.below == 0
    assert made.beyond.first_above == next((time for time, value in pairs if value > limit), None)


@given(pairs_of(numbers), cuts)
@settings(deadline=None, max_examples=40)
def test_longest_gap_is_that_of_the_instants(pairs, where):
    """With where it began."""
    made = folded("gauge", pairs, where)
    if len(pairs) > 1:
        intervals = np.diff([time for time, _ in pairs])
        assert made.spacing.longest == intervals.max()
        assert made.spacing.longest_start in [pairs[place][0] for place in np.flatnonzero(intervals == intervals.max())]
        assert made.spacing.count == len(intervals)


def test_words_and_kinds_are_bounded():
    """A device that says something else each time does not fill the memory."""
    pairs = [(number * SECOND, f"word {'x' * number}") for number in range(200)]
    assert len(folded("state", pairs).states.held) <= MAX_WORDS + 1
    kinds = folded("text", pairs).kinds.counts
    assert (len(kinds), sum(kinds.values())) == (MAX_WORDS + 1, 200)
    assert kinds[OTHERS] > 0
    assert folded("text", [(0, "trip 17 A"), (1, "trip 18 A")]).kinds.counts == {"trip # A": 2}


def test_state_stays_small_however_many_values():
    """A stored series is a few kilobytes after a hundred thousand values as after a thousand."""
    sizes = []
    for count in (1_000, 100_000):
        pairs = [(number * WINDOW.length // count, math.sin(number / 100)) for number in range(count)]
        sizes.append(len(folded("gauge", pairs, range(0, count, 500)).to_json()))
    assert sizes[1] < 2 * sizes[0]
    assert sizes[1] < 20_000
