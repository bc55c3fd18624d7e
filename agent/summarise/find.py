"""Aggregates -> facts in the order of importance: alarms, limits, silence, changes, then what went on as usual. Pure."""

import itertools
import operator
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from agent.domain.observation import SeriesKey, Window, to_instant
from agent.domain.quantity import quantities
from agent.summarise.aggregate import Aggregate, stale_before
from agent.summarise.alarm import is_alarm
from agent.summarise.facts import (
    Alarm,
    Bearing,
    Changed,
    Counts,
    FactBase,
    Facts,
    Gap,
    Held,
    Increase,
    Limit,
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
    to_utc,
)
from agent.summarise.memory import NEWS_WINDOWS, STUCK_FACTOR, Memory, gap_of, rhythm
from agent.summarise.parts import SECOND
from agent.summarise.profile import BUCKETS, Change, find_changes
from agent.summarise.rank import ranked
from agent.summarise.tables import rule_of

OVERVIEW_SERIES = 3
"""So many series of one quantity are told as one."""
STUCK_VALUES = 10
STUCK_SHARE = 0.9
"""Of the window that the equal values must span."""
FORGET_AFTER = 24 * 3600 * SECOND
"""What was silent or stuck for so long is taken for meant."""
HABIT_RANK = 25.0
ALERT_RANK = -25.0
OLD_ALERT_RANK = -75.0
"""A limit that the site has not set need not be said, and is no news where it was crossed before."""


@dataclass(frozen=True)
class Seen:
    """A series in a window: what was measured (closed; None without a value) and what was known before."""

    key: SeriesKey
    aggregate: Aggregate | None
    memory: Memory

    @cached_property
    def changes(self) -> list[Change]:
        """The step, trend or spike of a gauge."""
        numbers = self.aggregate.numbers if self.aggregate is not None and self.aggregate.treatment == "gauge" else None
        return find_changes(numbers.profile, rule_of(self.key.quantity).worth_at(numbers.mean)) if numbers is not None else []

    @property
    def is_eventful(self) -> bool:
        """True where it jumped, drifted or changed."""
        states = self.aggregate.states if self.aggregate is not None else None
        return bool(self.changes) or (states is not None and states.changes > 0)

    @property
    def habit(self) -> float:
        """What its changes lose of their rank, since they come in every window."""
        return HABIT_RANK * self.memory.eventful if self.memory.windows >= NEWS_WINDOWS else 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that facts are found in. Times in microseconds."""

    window: Window
    until: int
    """Where the view ends: the window's end, or now."""
    seen: Sequence[Seen]
    tallies: Mapping[tuple[str, str], int]
    heard_since: int | None
    """Since when nothing that was sent can have been missed; None where nobody knows, and silence says nothing."""
    is_timed: bool = True
    """False where the values come without their times: nothing is said of when and how long."""


def find_facts(scene: Scene, counts: Counts) -> Facts:
    """The facts of a window, ranked and numbered."""
    found = list(_device_facts(scene))
    for one in scene.seen:
        found += _open_alarm(one, scene) if one.aggregate is None else _series_facts(one, one.aggregate, scene)
    found = _named_apart(_with_overviews(found), scene.seen)
    found += _tally_facts(scene.tallies)
    span = Span(start=to_instant(scene.window.start), end=to_instant(scene.until))
    return Facts(group=scene.window.group, window=span, counts=counts, facts=tuple(ranked(found or _no_news(scene))))


def _no_news(scene: Scene) -> list[FactBase]:
    count = sum(one.aggregate.count for one in scene.seen if one.aggregate is not None)
    return [Uneventful(count=count) if count else Nothing()]


def _series_facts(one: Seen, aggregate: Aggregate, scene: Scene) -> Iterator[FactBase]:
    match aggregate.treatment:
        case "gauge":
            yield from _gauge_facts(one, aggregate, scene)
        case "total":
            yield from _total_facts(one, aggregate, scene)
        case "uptime":
            if aggregate.meter is not None and aggregate.meter.resets:
                yield Restart(device=one.key.device, count=aggregate.meter.resets)
        case "direction":
            assert aggregate.circle is not None
            yield Bearing(
                **_series(one.key),
                mean=rounded(aggregate.circle.mean),
                steadiness=rounded(aggregate.circle.steadiness(aggregate.count)),
            )
        case "binary" | "state":
            yield from _state_facts(one, aggregate, scene.is_timed)


def _series(key: SeriesKey) -> dict[str, str | None]:
    return {"device": key.device, "quantity": key.quantity, "name": key.name, "unit": key.unit or None}


def _at(scene: Scene, share: float) -> datetime:
    return to_utc(to_instant(scene.window.start + int(share * scene.window.length)))


def _gauge_facts(one: Seen, aggregate: Aggregate, scene: Scene) -> Iterator[FactBase]:
    numbers, rule = aggregate.numbers, rule_of(one.key.quantity)
    assert numbers is not None
    worth = rule.worth_at(numbers.mean)
    told = list(_limit_facts(one, aggregate))
    yield from told
    if not rule.weight:
        return
    if not scene.is_timed:
        yield _steady(one.key, aggregate)
        return
    usual = one.memory.usual_range(scene.window)
    sides = {fact.side for fact in told}
    if usual is not None:
        if numbers.high > usual[1] + worth and "above" not in sides:
            at = to_utc(to_instant(numbers.high_time))
            yield Unusual(**_series(one.key), side="above", extreme=rounded(numbers.high), usual=rounded(usual[1]), at=at)
        if numbers.low < usual[0] - worth and "below" not in sides:
            at = to_utc(to_instant(numbers.low_time))
            yield Unusual(**_series(one.key), side="below", extreme=rounded(numbers.low), usual=rounded(usual[0]), at=at)
    since = _stuck_since(one, aggregate, scene)
    if since is not None:
        yield Stuck(**_series(one.key), value=rounded(numbers.mean), since=to_utc(to_instant(since)))
        return
    rank = -one.habit
    for change in one.changes:
        before, after = rounded(change.before), rounded(change.after)
        if change.kind == "spike":
            yield Spike(**_series(one.key), rank=rank, extreme=after, usual=before, at=_at(scene, change.at))
        elif change.kind == "step":
            yield Step(**_series(one.key), rank=rank, before=before, after=after, at=_at(scene, change.at))
        else:
            hours = scene.window.length / SECOND / 3600 * _covered(aggregate)
            rate = rounded((change.after - change.before) / hours)
            yield Trend(**_series(one.key), rank=rank, before=before, after=after, rate=rate)
    if not one.changes:
        yield _steady(one.key, aggregate)


def _stuck_since(one: Seen, aggregate: Aggregate, scene: Scene) -> int | None:
    """Since when a series that varies otherwise has had one value, where that is too long; zero and full are no faults."""
    memory, since = one.memory, one.memory.run_since(aggregate)
    assert aggregate.numbers is not None
    is_end = aggregate.numbers.mean == 0 or (one.key.unit == "%" and aggregate.numbers.mean == 100)
    if since is None or is_end or aggregate.count < STUCK_VALUES or memory.windows < NEWS_WINDOWS or not memory.still:
        return None
    lasted = aggregate.last_time - since
    least = max(STUCK_FACTOR * memory.still, STUCK_SHARE * (scene.until - scene.window.start))
    return since if least <= lasted < FORGET_AFTER else None


def _steady(key: SeriesKey, aggregate: Aggregate) -> Steady:
    numbers = aggregate.numbers
    assert numbers is not None
    return Steady(
        **_series(key), mean=rounded(numbers.mean), low=rounded(numbers.low), high=rounded(numbers.high),
        median=rounded(float(numbers.digest.quantile(0.5))), deviation=rounded(aggregate.deviation), count=aggregate.count,
    )  # fmt: skip


def _covered(aggregate: Aggregate) -> float:
    """The share of the window between the first and the last bucket that have values."""
    assert aggregate.numbers is not None
    buckets = aggregate.numbers.profile.buckets
    return (max(buckets) - min(buckets)) / BUCKETS


def _limit_facts(one: Seen, aggregate: Aggregate) -> Iterator[Limit]:
    beyond, numbers = aggregate.beyond, aggregate.numbers
    if beyond is None or numbers is None:
        return
    before = one.memory.before(aggregate.window)
    was = float(before[1]) if before is not None else None
    crossed: list[tuple[Literal["above", "below"], float, float, int | None, int, bool]] = [
        ("above", beyond.high, numbers.high, beyond.first_above, beyond.above, was is not None and was > beyond.high),
        ("below", beyond.low, numbers.low, beyond.first_below, beyond.below, was is not None and was < beyond.low),
    ]
    for side, limit, extreme, at, duration, is_old in crossed:
        if at is not None:
            rank = 0.0 if beyond.is_configured else OLD_ALERT_RANK if is_old else ALERT_RANK
            yield Limit(
                **_series(one.key), must_say=beyond.is_configured, rank=rank, side=side, limit=limit, extreme=rounded(extreme),
                at=to_utc(to_instant(at)), duration=rounded(duration / SECOND),
            )  # fmt: skip


def _total_facts(one: Seen, aggregate: Aggregate, scene: Scene) -> Iterator[FactBase]:
    assert aggregate.meter is not None
    key, meter = one.key, aggregate.meter
    rule = rule_of(key.quantity)
    yield from _limit_facts(one, aggregate)
    worth = max(rule.worth, 1e-12)
    if meter.increase >= worth or (meter.resets and meter.increase >= 0):
        before = one.memory.before(scene.window)
        lasted = aggregate.last_time - (before[0] if before is not None else aggregate.first_time)
        rate = rounded(meter.increase * 3600 * SECOND / lasted) if scene.is_timed and lasted > 0 else None
        yield Increase(**_series(key), increase=rounded(meter.increase), rate=rate, resets=meter.resets)
    elif meter.increase <= -worth:
        yield _steady(key, aggregate)


def _word(key: SeriesKey, value: object) -> str:
    if quantities()[key.quantity].kind == "binary":
        return {"1": "on", "0": "off"}.get(str(value), str(value))
    return str(value)


def _state_facts(one: Seen, aggregate: Aggregate, is_timed: bool) -> Iterator[FactBase]:
    states, key = aggregate.states, one.key
    assert states is not None
    alarms = [word for word in {*states.held, str(aggregate.last)} if is_alarm(key.quantity, word)]
    if alarms:
        current = str(aggregate.last)
        ongoing = current in alarms
        word = current if ongoing else max(alarms, key=lambda alarm: (states.held.get(alarm, 0), alarm))
        before = one.memory.before(aggregate.window)
        is_old = not states.changes and before is not None and str(before[1]) == current
        since = to_utc(to_instant(states.since)) if is_timed and ongoing and not is_old else None
        held = rounded(sum(states.held.get(alarm, 0) for alarm in alarms) / SECOND) if is_timed else None
        yield Alarm(**_series(key), must_say=True, state=_word(key, word), since=since, duration=held, ongoing=ongoing)
    elif states.changes:
        held_all = {_word(key, word): rounded(time / SECOND) for word, time in sorted(states.held.items())} if is_timed else {}
        last = _word(key, aggregate.last)
        yield Changed(**_series(key), rank=-one.habit, changes=states.changes, state=last, duration=held_all.get(last), held=held_all)
    else:
        yield Held(**_series(key), state=_word(key, aggregate.last))


def _open_alarm(one: Seen, scene: Scene) -> Iterator[Alarm]:
    """An alarm that was on when the device last spoke of it: it is not over because nothing came."""
    key, before = one.key, one.memory.before(scene.window)
    is_state = rule_of(key.quantity).treatment in ("binary", "state")
    if before is None or not is_state or scene.until - before[0] >= FORGET_AFTER or not is_alarm(key.quantity, str(before[1])):
        return
    held = scene.until - scene.window.start if before[0] >= stale_before(scene.window) else 0
    yield Alarm(**_series(key), must_say=True, state=_word(key, before[1]), duration=rounded(held / SECOND))


def _device_facts(scene: Scene) -> Iterator[FactBase]:
    for device, of_device in _by_device(scene.seen):
        yield from _presence(device, of_device, scene)
        kinds: Counter[str] = Counter()
        for one in of_device:
            if one.aggregate is not None and one.aggregate.kinds is not None:
                kinds.update(one.aggregate.kinds.counts)
        if kinds:
            commonest = min(kinds, key=lambda kind: (-kinds[kind], kind))
            yield Texts(device=device, count=kinds.total(), kinds=dict(sorted(kinds.items())), commonest=commonest)


def _by_device(seen: Iterable[Seen]) -> Iterator[tuple[str, list[Seen]]]:
    by_name = operator.attrgetter("key.device")
    for device, of_device in itertools.groupby(sorted(seen, key=by_name), key=by_name):
        yield device, list(of_device)


def _presence(device: str, of_device: list[Seen], scene: Scene) -> Iterator[FactBase]:
    """Silence or a gap, by the device's most frequent regular series."""
    if scene.heard_since is None:
        return
    regular = [(interval, one) for one in of_device if (interval := rhythm(one.memory, one.aggregate)[0]) is not None]
    if not regular:
        return
    interval, pulse = min(regular, key=lambda pair: pair[0])
    gap = gap_of(interval)
    last = max(one.aggregate.last_time if one.aggregate is not None else one.memory.last_time for one in of_device)
    quiet = scene.until - max(last, scene.heard_since)
    if quiet > gap * SECOND:
        if scene.until - last < FORGET_AFTER:
            yield Silence(must_say=True, device=device, last=to_utc(to_instant(last)), usual=rounded(interval))
        return
    spacing = pulse.aggregate.spacing if pulse.aggregate is not None else None
    if spacing is not None and spacing.longest > gap * SECOND and spacing.longest_start >= scene.heard_since:
        yield Gap(
            device=device,
            begin=to_utc(to_instant(spacing.longest_start)),
            end=to_utc(to_instant(spacing.longest_start + spacing.longest)),
            duration=rounded(spacing.longest / SECOND),
        )


def _with_overviews(found: list[FactBase]) -> list[FactBase]:
    """Steady levels of one quantity in many series, as one fact each."""
    steady: dict[tuple[str, str | None], list[Steady]] = defaultdict(list)
    for fact in found:
        if isinstance(fact, Steady):
            steady[fact.quantity, fact.unit].append(fact)
    crowded = {place: facts for place, facts in steady.items() if len(facts) >= OVERVIEW_SERIES}
    rest = [fact for fact in found if not (isinstance(fact, Steady) and (fact.quantity, fact.unit) in crowded)]
    return rest + [
        Overview(
            quantity=quantity, unit=unit, series=len(facts), mean=rounded(sum(fact.mean for fact in facts) / len(facts)),
            low=min(fact.low for fact in facts), high=max(fact.high for fact in facts),
        )
        for (quantity, unit), facts in crowded.items()
    ]  # fmt: skip


def _named_apart(found: list[FactBase], seen: Sequence[Seen]) -> list[FactBase]:
    """Facts without the reading's name where the device has only one of that quantity."""
    several = Counter((one.key.device, one.key.quantity) for one in seen)
    return [
        fact.model_copy(update={"name": None}) if several[getattr(fact, "device", ""), getattr(fact, "quantity", "")] == 1 else fact
        for fact in found
    ]


def _tally_facts(tallies: Mapping[tuple[str, str], int]) -> Iterator[FactBase]:
    by_kind: dict[str, dict[str, int]] = defaultdict(dict)
    for (kind, detail), total in sorted(tallies.items()):
        by_kind[kind][detail] = total
    for kind, details in by_kind.items():
        yield Tally.model_validate({"kind": kind, "count": sum(details.values()), "reasons": {k: v for k, v in details.items() if k}})
