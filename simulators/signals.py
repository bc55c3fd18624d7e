"""Small signals of numbers that dialects compose: walk, daily sine, sun, totals, lazy change.

Each is a function that returns a ``Signal``. Simulated time is local solar time, so a day's warmest hour is an afternoon.
"""

from collections.abc import Callable
from random import Random

from simulators.moment import Ask, Moment, Signal, between, clamp

DAY_SECONDS = 86400.0


def wave(turn: float) -> float:
    """A sine of ``turn`` (1 is a whole period) by Bhaskara's rational formula, within 0.002.

    The sine of the C library differs in its last digit from machine to machine; this one does not.
    """
    part = turn % 1.0
    half = 2 * part % 1.0
    bow = half * (1 - half)
    height = 16 * bow / (5 - 4 * bow)
    return height if part < 0.5 else -height


def day_wave(time: float, peak_hour: float) -> float:
    """-1 to 1 over a day, with its top at ``peak_hour``."""
    return wave(time / DAY_SECONDS - peak_hour / 24 + 0.25)


def constant(value: float) -> Signal:
    """Always the same number."""
    return lambda _rng: lambda _moment: value


def walk(low: float, high: float, step: float) -> Signal:
    """A walk of at most ``step`` at a time, clamped to its range."""

    def make(rng: Random) -> Ask:
        at = between(rng, low, high)

        def ask(_moment: Moment) -> float:
            nonlocal at
            at = clamp(at + between(rng, -step, step), low, high)
            return at

        return ask

    return make


def daily(mean: float, swing: float, noise: float = 0.0, peak_hour: float = 15.0) -> Signal:
    """``mean`` plus a sine over the day of amplitude ``swing``; no two devices have quite the same mean."""

    def make(rng: Random) -> Ask:
        level = mean + between(rng, -0.2, 0.2) * swing
        return lambda moment: level + swing * day_wave(moment.time, peak_hour) + between(rng, -noise, noise)

    return make


def sun(peak: float) -> Signal:
    """0 at night, up to ``peak`` at noon, less under passing clouds."""

    def make(rng: Random) -> Ask:
        cloud = walk(0.35, 1.0, 0.08)(rng)
        return lambda moment: max(0.0, day_wave(moment.time, 12.5)) * peak * float(cloud(moment))

    return make


def rain(rate: float, share: float = 0.25) -> Signal:
    """A rate that is 0 most of the time and up to ``rate`` in showers, which fill ``share`` of it."""

    def make(rng: Random) -> Ask:
        weather = walk(0.0, 1.0, 0.1)(rng)
        return lambda moment: max(0.0, float(weather(moment)) - (1 - share)) / share * rate

    return make


def total(rate: str, start: tuple[float, float], per_hour: float = 1.0) -> Signal:
    """A meter that never runs backwards: grows by ``per_hour`` times what slot ``rate`` says, each hour."""

    def make(rng: Random) -> Ask:
        reached = between(rng, *start)
        before: float | None = None

        def ask(moment: Moment) -> float:
            nonlocal reached, before
            if before is not None:
                reached += max(0.0, moment.of(rate)) * per_hour * (moment.time - before) / 3600
            before = moment.time
            return reached

        return ask

    return make


def arrivals(per_hour: float, start: tuple[float, float] = (0, 5000)) -> Signal:
    """A count of events that come by chance."""

    def make(rng: Random) -> Ask:
        count = float(int(between(rng, *start)))
        before: float | None = None

        def ask(moment: Moment) -> float:
            nonlocal count, before
            if before is not None:
                count += int(2 * rng.random() * per_hour * (moment.time - before) / 3600 + rng.random())
            before = moment.time
            return count

        return ask

    return make


def lazy(signal: Signal, least: float) -> Signal:
    """The last value until the signal has moved by ``least``, as a device reports that has a dead band."""

    def make(rng: Random) -> Ask:
        inner = signal(rng)
        said: float | None = None

        def ask(moment: Moment) -> float:
            nonlocal said
            now = float(inner(moment))
            if said is None or abs(now - said) >= least:
                said = now
            return said

        return ask

    return make


def clamped(signal: Signal, low: float, high: float) -> Signal:
    """A signal held within a range."""

    def make(rng: Random) -> Ask:
        inner = signal(rng)
        return lambda moment: clamp(float(inner(moment)), low, high)

    return make


def charge_percent() -> Signal:
    """How full the device's battery is, in percent."""
    return lambda _rng: lambda moment: 100 * moment.charge


def cell_voltage(empty: float, full: float) -> Signal:
    """The voltage of the device's battery, which falls as it runs down: fast from full, slowly, then fast to empty."""

    def voltage(moment: Moment) -> float:
        lack = 1 - 2 * moment.charge
        return (empty + full) / 2 - (full - empty) * (0.6 * lack + 0.4 * lack * lack * lack) / 2

    return derived(voltage)


def derived(formula: Callable[[Moment], float]) -> Signal:
    """What follows from the slots before this one."""
    return lambda _rng: formula


def times(slot: str, factor: float) -> Signal:
    """Another slot in another unit."""
    return derived(lambda moment: moment.of(slot) * factor)


def fahrenheit(slot: str) -> Signal:
    """A slot that holds degrees Celsius, in degrees Fahrenheit."""
    return derived(lambda moment: moment.of(slot) * 1.8 + 32)


def dew_point(temperature: str, humidity: str) -> Signal:
    """The dew point by the rule of thumb of a fifth of a degree a percent, good to a degree in damp air."""
    return derived(lambda moment: moment.of(temperature) - (100 - moment.of(humidity)) / 5)
