"""What is known of one series in one window: streaming, bounded, and the same however often it was stored in between.

Values come in the order of their instants, in as many pieces as needed (``add``). ``close`` adds what needs the neighbours: the
value before the window, and how long the last one held.
"""

import base64
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from fastdigest import TDigest

from agent.domain.observation import SeriesKey, Window
from agent.summarise.parts import Beyond, Circle, Kinds, Meter, Numbers, Spacing, States, Value
from agent.summarise.profile import Profile
from agent.summarise.tables import Treatment, rule_of

Limits = Callable[[SeriesKey], tuple[float, float, bool] | None]
"""(low, high, whether the site has set them) of a series in its unit, -inf or inf for none; None where it has no limits."""
STALE_WINDOWS = 4
"""A value older than so many windows is not taken to have held until the present one."""


class Aggregate:
    """One series in one window. Which parts it has follows from the quantity's treatment."""

    def __init__(self, window: Window, treatment: Treatment, limits: tuple[float, float, bool] | None = None) -> None:
        self.window, self.treatment = window, treatment
        self.count = 0
        self.first: Value = 0.0
        self.last: Value = 0.0
        self.first_time = self.last_time = 0
        self.spacing = Spacing()
        self.numbers = Numbers() if treatment in ("gauge", "total") else None
        self.circle = Circle() if treatment == "direction" else None
        self.meter = Meter() if treatment in ("total", "uptime") else None
        self.states = States() if treatment in ("binary", "state") else None
        self.kinds = Kinds() if treatment == "text" else None
        self.beyond = Beyond(*limits) if limits is not None and self.numbers is not None else None

    @property
    def deviation(self) -> float:
        """Sample standard deviation; 0 of a single value."""
        assert self.numbers is not None
        return math.sqrt(self.numbers.squares / (self.count - 1)) if self.count > 1 else 0.0

    def add(self, values: Sequence[tuple[int, Value]]) -> None:
        """Add (instant, value) pairs that are in order and behind those before."""
        if not values:
            return
        times, plain = [time for time, _ in values], [value for _, value in values]
        before = (self.last_time, self.last) if self.count else None
        self.spacing.add(times if before is None else [before[0], *times])
        if self.states is not None:
            self.states.add(before, times, plain)
        elif self.kinds is not None:
            self.kinds.add(plain)
        else:
            self._add_numbers(before, times, [float(value) for value in plain])
        if not self.count:
            self.first_time, self.first = times[0], plain[0]
        self.count += len(values)
        self.last_time, self.last = times[-1], plain[-1]

    def _add_numbers(self, before: tuple[int, Value] | None, times: list[int], numbers: list[float]) -> None:
        last = (before[0], float(before[1])) if before is not None else None
        if self.numbers is not None:
            self.numbers.add(self.count, (self.window.start, self.window.length), times, numbers)
            self.numbers.follow(last, times, numbers)
        if self.circle is not None:
            self.circle.add(numbers)
        if self.meter is not None:
            self.meter.add(numbers)
        if self.beyond is not None:
            self.beyond.add(last, times, numbers)

    def close(self, before: tuple[int, Value] | None, until: int) -> None:
        """Add what lies between the value before the window and the first one, and the time from the last one to ``until``.

        Call it once, when all values are in.
        """
        if not self.count:
            return
        lead, tail = max(0, self.first_time - self.window.start), max(0, until - self.last_time)
        if before is not None and before[0] < stale_before(self.window):
            lead = 0
        if before is not None:
            self.spacing.stretch(self.first_time - before[0], before[0])
        if self.states is not None:
            if before is not None:
                self.states.hold(str(before[1]), lead)
                self.states.changes += before[1] != self.first
            self.states.hold(str(self.last), tail)
        if self.meter is not None and before is not None:
            across = Meter(base=float(before[1]))
            across.add([float(self.first)])
            self.meter.increase += across.increase
            self.meter.resets += across.resets
        if self.beyond is not None:
            if before is not None:
                self.beyond.hold(float(before[1]), lead)
            self.beyond.hold(float(self.last), tail)

    def to_json(self) -> str:
        """The whole state."""
        table: dict[str, Any] = {
            "count": self.count, "first": self.first, "last": self.last, "first_time": self.first_time, "last_time": self.last_time,
            "treatment": self.treatment, "spacing": [pack(self.spacing.digest), self.spacing.longest, self.spacing.longest_start],
        }  # fmt: skip
        if (numbers := self.numbers) is not None:
            table["numbers"] = [
                numbers.mean, numbers.squares, numbers.low, numbers.low_time, numbers.high, numbers.high_time, pack(numbers.digest),
                numbers.profile.to_table(), numbers.run, numbers.run_start, numbers.longest_run, numbers.first_run_end,
            ]  # fmt: skip
        if self.circle is not None:
            table["circle"] = [self.circle.sines, self.circle.cosines]
        if self.meter is not None:
            table["meter"] = [self.meter.increase, self.meter.resets, self.meter.base]
        if self.states is not None:
            table["states"] = [self.states.held, self.states.changes, self.states.since]
        if self.kinds is not None:
            table["kinds"] = self.kinds.counts
        if (beyond := self.beyond) is not None:
            table["beyond"] = [
                beyond.low,
                beyond.high,
                beyond.is_configured,
                beyond.below,
                beyond.above,
                beyond.first_below,
                beyond.first_above,
            ]
        return json.dumps(table, separators=(",", ":"))

    @classmethod
    def from_json(cls, window: Window, text: str) -> "Aggregate":
        """What ``to_json`` wrote."""
        table = json.loads(text)
        made = cls(window, table["treatment"])
        made.count, made.first, made.last = table["count"], table["first"], table["last"]
        made.first_time, made.last_time = table["first_time"], table["last_time"]
        made.spacing = Spacing(unpack(table["spacing"][0]), *table["spacing"][1:])
        if "numbers" in table:
            mean, squares, low, low_time, high, high_time, digest, profile, run, run_start, longest_run, first_run_end = table["numbers"]
            moments = (mean, squares, low, low_time, high, high_time)
            runs = (run, run_start, longest_run, first_run_end)
            made.numbers = Numbers(*moments, unpack(digest), Profile.from_table(profile), *runs)
        if "circle" in table:
            made.circle = Circle(*table["circle"])
        if "meter" in table:
            made.meter = Meter(*table["meter"])
        if "states" in table:
            made.states = States(*table["states"])
        if "kinds" in table:
            made.kinds = Kinds(table["kinds"])
        if "beyond" in table:
            made.beyond = Beyond(*table["beyond"])
        return made


def stale_before(window: Window) -> int:
    """The instant before which a value is not taken to have held until a window."""
    return window.start - STALE_WINDOWS * window.length


def pack(digest: TDigest) -> str:
    """A digest as text."""
    return base64.b64encode(digest.to_bytes()).decode("ascii")


def unpack(text: str) -> TDigest:
    """What ``pack`` wrote."""
    return TDigest.from_bytes(base64.b64decode(text))


def aggregate_of(window: Window, key: SeriesKey, state: str | None, values: Sequence[tuple[int, Value]], limits: Limits) -> Aggregate:
    """A state, or a new one, with values added."""
    made = Aggregate.from_json(window, state) if state is not None else Aggregate(window, rule_of(key.quantity).treatment, limits(key))
    made.add(values)
    return made


def folding(limits: Limits) -> Callable[[Window, SeriesKey, str | None, Sequence[tuple[int, Value]]], str]:
    """The step that the store folds with."""

    def step(window: Window, key: SeriesKey, state: str | None, values: Sequence[tuple[int, Value]]) -> str:
        return aggregate_of(window, key, state, values, limits).to_json()

    return step
