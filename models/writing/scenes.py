"""Facts to train the writer on: what may have happened at many kinds of sites, drawn at random. No simulated site is among them."""

import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from agent.domain.quantity import quantities
from agent.summarise.arithmetic import chosen
from agent.summarise.brief import renumbered
from agent.summarise.facts import (
    Alarm,
    Bearing,
    Changed,
    Counts,
    Fact,
    Facts,
    Gap,
    Held,
    Increase,
    Limit,
    More,
    Nothing,
    Overview,
    Restart,
    Silence,
    Span,
    Spike,
    Steady,
    Step,
    Stuck,
    Tally,
    Texts,
    Trend,
    Uneventful,
    Unusual,
    rounded,
)
from agent.summarise.rank import ranked
from agent.summarise.tables import alarm_states, rule_of

Site = dict[str, list[str]]
"""Devices by their word, and the quantities of each."""
ANY_SHARE = 0.25
"""Of the scenes whose quantities are drawn from the whole ontology."""
START = datetime(2026, 3, 1, tzinfo=UTC)
MESSAGES = ("door opened by hand", "filter due", "E # overheated", "low flow", "user login", "cycle finished", "sensor lost", "no paper")
STATUSES = ("ok", "idle", "auto", "eco", "heating", "cooling", "standby", "manual", "charging", "ready", "closed", "cleaning", "printing")
FAULTS = ("fault", "error", "E # alarm", "overheat", "Störung", "tripped")
LEVELS = {"Cel": (-25.0, 95.0), "%": (1.0, 99.0), "[pH]": (5.0, 9.0), "deg": (-180.0, 360.0)}


@cache
def sites() -> dict[str, Site]:
    """Every kind of site of ``scenes.toml``."""
    table = tomllib.loads(files("models.writing").joinpath("scenes.toml").read_text(encoding="utf-8"))
    return {name: {device: found.split() for device, found in site.items()} for name, site in table.items()}


@dataclass(frozen=True, slots=True)
class _Draw:
    """One scene's chance."""

    rng: random.Random
    start: datetime
    length: timedelta

    def moment(self) -> datetime:
        """Within the window, to the second."""
        return (self.start + self.length * self.rng.random()).replace(microsecond=0)

    def seconds(self) -> float:
        """A duration of a part of the window."""
        return rounded(self.length.total_seconds() * self.rng.uniform(0.02, 0.9))

    def level(self, unit: str | None) -> float:
        """A value of a quantity with this unit."""
        low, high = LEVELS.get(unit or "", (0.0, 10 ** self.rng.uniform(0.5, 4)))
        return rounded(self.rng.uniform(low, high))

    def levels(self, unit: str | None, count: int) -> list[float]:
        """So many values, ascending, not far apart."""
        value = self.level(unit)
        step = max(abs(value), 2.0) * self.rng.uniform(0.02, 0.4)
        return [rounded(value + index * step * self.rng.uniform(0.7, 1.3)) for index in range(count)]


def device_name(rng: random.Random, word: str) -> str:
    """A name as people and products give them."""
    plain = word.replace("_", " ")
    number, letter = rng.randrange(1, 40), rng.choice("ABCDEFGHXZ")
    forms: Sequence[Callable[[], str]] = (
        lambda: f"{word}-{number}",
        lambda: f"{word}_{number:02d}",
        lambda: f"{plain} {number}",
        lambda: f"{plain.title()} {letter}",
        lambda: f"{letter}{number:03d}",
        lambda: f"{word}.{letter.lower()}{number}",
        lambda: "".join(rng.choices("0123456789abcdef", k=6)),
        lambda: f"{rng.choice(('north', 'Halle', 'tầng', 'west', 'line', 'Raum'))} {number} {plain}",
    )
    return rng.choice(forms)()


def scene(rng: random.Random) -> Facts:
    """Ranked, numbered facts as a text tells them (``agent.summarise.arithmetic.chosen``)."""
    draw = _Draw(
        rng, START + timedelta(minutes=rng.randrange(10**6)), timedelta(minutes=rng.choice((5, 10, 15, 30, 60, 60, 60, 240, 1440)))
    )
    site = rng.choice(list(sites().values()))
    if rng.random() < ANY_SHARE:
        site = {word: rng.sample(list(quantities()), rng.randrange(1, 4)) for word in rng.sample(sorted(site), min(3, len(site)))}
    found: list[Any] = []
    quiet = rng.random() < 0.2
    for _ in range(rng.choice((1, 1, 2, 2, 3, 3, 4, 5))):
        word = rng.choice(sorted(site))
        device = device_name(rng, word)
        if rng.random() < (0.03 if quiet else 0.1):
            found.append(_presence(draw, device))
        if rng.random() < 0.06:
            found.append(_texts(draw, device))
        for quantity in rng.sample(site[word], min(len(site[word]), rng.choice((1, 1, 1, 2, 2, 3)))):
            found += _of_series(draw, device, quantity, quiet)
    if rng.random() < 0.35:
        found.append(_overview(draw, rng.choice([q for q in quantities() if rule_of(q).treatment == "gauge"])))
    if rng.random() < 0.1:
        found.append(Tally(kind=rng.choice(("unread", "late", "implausible")), count=rng.choice((1, 2, rng.randrange(3, 90)))))
    if rng.random() < 0.03:
        found.append(More(count=rng.randrange(1, 9), must_say=True))
    if not found or rng.random() < 0.02:
        found = [Nothing()] if rng.random() < 0.4 else [Uneventful(count=rng.choice((1, rng.randrange(2, 500))))]
    span = Span(start=draw.start, end=draw.start + draw.length)
    told = chosen(Facts(group="site", window=span, counts=Counts(), facts=tuple(_with_others(draw, one) for one in ranked(found))))
    return renumbered(told)[0]


def _with_others(draw: _Draw, fact: Any) -> Fact:
    """Sometimes the same is said of other devices too."""
    if fact.also or fact.type not in ("silence", "gap", "alarm", "changed", "held", "limit", "step", "spike", "trend", "unusual"):
        return fact  # type: ignore[no-any-return]
    if draw.rng.random() > 0.08:
        return fact  # type: ignore[no-any-return]
    others = tuple(device_name(draw.rng, draw.rng.choice(("unit", "sensor", "node"))) for _ in range(draw.rng.choice((1, 1, 2, 3, 5))))
    return fact.model_copy(update={"also": others})  # type: ignore[no-any-return]


def _presence(draw: _Draw, device: str) -> Any:
    kind = draw.rng.random()
    if kind < 0.6:
        return Silence(device=device, last=draw.moment(), usual=rounded(draw.rng.choice((5, 10, 60, 300, 900, 3600)) * 1.0), must_say=True)
    if kind < 0.9:
        begin, end = sorted((draw.moment(), draw.moment()))
        return Gap(device=device, begin=begin, end=end, duration=(end - begin).total_seconds())
    return Restart(device=device, count=draw.rng.choice((1, 1, 2, 3, 7)))


def _texts(draw: _Draw, device: str) -> Any:
    word, count = draw.rng.choice(MESSAGES), draw.rng.choice((1, 1, 2, 5, 17))
    return Texts(device=device, count=count, kinds={word: count}, commonest=word)


def _of_series(draw: _Draw, device: str, quantity: str, quiet: bool) -> list[Any]:
    rule = rule_of(quantity)
    unit = quantities()[quantity].unit
    name = draw.rng.choice(("supply", "T2", "left", "ch1", "inner")) if draw.rng.random() < 0.06 else None
    series = {"device": device, "quantity": quantity, "name": name, "unit": unit}
    match rule.treatment:
        case "gauge":
            return _gauge(draw, series, quiet)
        case "direction":
            return [Bearing(**series, mean=draw.level("deg"), steadiness=rounded(draw.rng.random()))]
        case "total":
            return [_increase(draw, series)]
        case "uptime":
            return [Restart(device=device, count=draw.rng.choice((1, 1, 1, 2, 4)))] if draw.rng.random() < 0.3 else []
        case "binary" | "state":
            return [_state(draw, series, quiet)]
        case _:
            return [_texts(draw, device)]


def _gauge(draw: _Draw, series: dict[str, Any], quiet: bool) -> list[Any]:
    kinds = ("steady", "limit", "unusual", "stuck", "step", "spike", "trend")
    weights = (10, 1, 1, 0, 1, 1, 1) if quiet else (5, 3, 2, 1, 3, 2, 4)
    kind = draw.rng.choices(kinds, weights)[0]
    low, middle, high = draw.levels(series["unit"], 3)
    is_up = draw.rng.random() < 0.5
    one, other = (low, high) if is_up else (high, low)
    match kind:
        case "limit":
            is_set = draw.rng.random() < 0.7
            return [
                Limit(
                    **series, side="above" if is_up else "below", limit=one, extreme=other, at=draw.moment(), duration=draw.seconds(),
                    must_say=is_set,
                ),
                *([_trend(draw, series, low, middle, high)] if draw.rng.random() < 0.2 else []),
            ]  # fmt: skip
        case "unusual":
            return [Unusual(**series, side="above" if is_up else "below", extreme=other, usual=one, at=draw.moment())]
        case "stuck":
            return [Stuck(**series, value=middle, since=draw.moment())]
        case "step":
            return [Step(**series, before=one, after=other, at=draw.moment())]
        case "spike":
            return [Spike(**series, usual=one, extreme=other, at=draw.moment())]
        case "trend":
            return [_trend(draw, series, low, middle, high)]
        case _:
            return [_steady(draw, series, low, middle, high)]


def _trend(draw: _Draw, series: dict[str, Any], low: float, middle: float, high: float) -> Any:
    before, after = draw.rng.choice(((low, high), (high, low), (low, middle), (high, middle)))
    return Trend(**series, before=before, after=after, rate=rounded((after - before) * draw.rng.uniform(0.5, 3)))


def _steady(draw: _Draw, series: dict[str, Any], low: float, middle: float, high: float) -> Any:
    kind = draw.rng.random()
    if kind < 0.1:
        return Steady(**series, mean=middle, low=middle, high=middle, median=middle, deviation=0.0, count=1)
    if kind < 0.4:
        low = high = middle
    return Steady(
        **series, mean=middle, low=low, high=high, median=middle, deviation=rounded(abs(high - low) / 4), count=draw.rng.randrange(5, 900)
    )


def _increase(draw: _Draw, series: dict[str, Any]) -> Any:
    resets = 1 if draw.rng.random() < 0.08 else 0
    increase = 0.0 if resets and draw.rng.random() < 0.5 else draw.level(None)
    return Increase(**series, increase=increase, rate=rounded(increase * draw.rng.uniform(0.5, 2)), resets=resets)


def _state(draw: _Draw, series: dict[str, Any], quiet: bool) -> Any:
    rng = draw.rng
    is_binary = quantities()[series["quantity"]].kind == "binary"
    alarm = alarm_states().get(series["quantity"])
    if rng.random() < (0.03 if quiet else 0.3) and (alarm is not None or not is_binary):
        state = ("on" if alarm else "off") if is_binary else rng.choice(FAULTS)
        form = rng.randrange(4)
        since, held = (draw.moment() if form == 0 else None), (None if form == 3 else draw.seconds())
        return Alarm(**series, must_say=True, state=state, since=since, duration=held, ongoing=form != 2)
    states = (STATUSES, ("on", "off"), ("off",), ("on",))
    state = rng.choice(states[0] if not is_binary else states[1] if alarm is None else states[2] if alarm else states[3])
    if rng.random() < (0.2 if quiet else 0.5):
        return Changed(**series, changes=rng.choice((1, 1, 2, 3, 8, 31)), state=state, duration=draw.seconds(), held={})
    return Held(**series, state=state)


def _overview(draw: _Draw, quantity: str) -> Any:
    unit = quantities()[quantity].unit
    low, middle, high = draw.levels(unit, 3)
    return Overview(quantity=quantity, unit=unit, series=draw.rng.randrange(3, 40), mean=middle, low=low, high=high)
