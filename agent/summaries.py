"""Windows -> summaries: the stage that tells what happened. The store keeps the windows, ``agent.summarise`` finds the words.

A window is told once, in the transaction that takes it away: a crash before it means that it is told after the next start, a crash
behind it that it was told. What is asked for by command is told from the same parts.
"""

import asyncio
import hashlib
import time
import traceback
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

from agent.config import Config, SummariesConfig
from agent.domain.observation import SeriesKey, Window, to_instant, to_micros
from agent.domain.quantity import quantities
from agent.errors import AgentError, RetryableError
from agent.mqtt.topics import level_of
from agent.normalise import linear
from agent.publish.envelope import summary_table, to_body
from agent.store import OutboxRow, SeriesRow, Store, WindowRow
from agent.summarise import Counts, Facts, Grouping, Memory, Scene, Seen, Span, Style, Writer, find_facts, folding, learn, narrate
from agent.summarise.aggregate import Limits, aggregate_of
from agent.summarise.facts import published
from agent.summarise.narrate import Narration
from agent.summarise.parts import SECOND
from agent.summarise.tables import rule_of
from agent.telemetry.events import ClockStepped, CommitFailed, DraftRefused, ReadingsLeftOut, Reporter, SummaryFailed

GROUPING = "summaries_grouping"
"""The name under which the store keeps how readings were grouped."""
SITE = "site"
"""The one group where all of a site is told together."""
MAX_TICK_SECONDS = 10.0
"""Between looks at the windows; a quarter of a window where that is less."""
CLOCK_STEP_SECONDS = 5.0
"""Between two looks a clock that is only adjusted moves by milliseconds; further, it was set."""
DAY_MICROS = 24 * 3600 * SECOND
MAX_AGE_DAYS = 7.0
"""What a device delivers later than that counts when it arrives."""


def grouping_of(config: SummariesConfig) -> Grouping:
    """How readings are put into windows."""
    oldest = int(min(MAX_AGE_DAYS, config.keep_days) * DAY_MICROS)
    return Grouping(config.window_seconds * SECOND, config.group_by, config.topic_level, SITE, oldest)


def style_of(config: SummariesConfig) -> Style:
    """How the site wants its sentences."""
    zone = ZoneInfo(config.timezone) if config.timezone else None
    return Style(language=config.language, zone=zone, units=config.units, convert=linear)


def limits_for(config: SummariesConfig) -> Limits:
    """The limits of a series: the first of the site's that fits, else the quantity's own where it has some."""

    def limits(key: SeriesKey) -> tuple[float, float, bool] | None:
        if (quantities()[key.quantity].unit or "") != key.unit:
            return None
        for one in config.limits:
            if one.quantity == key.quantity and fnmatchcase(key.device, one.device):
                return (-inf if one.low is None else one.low, inf if one.high is None else one.high, True)
        rule = rule_of(key.quantity)
        return (rule.low, rule.high, False) if rule.low > -inf or rule.high < inf else None

    return limits


@dataclass(frozen=True, slots=True)
class View:
    """A window as the store holds it, and how far it is seen. Times in microseconds."""

    window: Window
    row: WindowRow | None
    series: Sequence[SeriesRow]
    tallies: Mapping[tuple[str, str], int]
    until: int
    heard_since: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """A summary, and what is learned of each series by it: (memory, instant of the last value)."""

    table: dict[str, Any]
    narration: Narration
    facts: Facts
    memories: Mapping[int, tuple[str, int]]
    defects: Sequence[Exception] = ()
    """What single series raised, which are left out."""


@dataclass(frozen=True, slots=True)
class Teller:
    """What does not change from window to window."""

    agent: str
    style: Style
    limits: Limits
    writer: Writer | None = None

    @classmethod
    def of(cls, config: Config, limits: Limits, writer: Writer | None = None) -> "Teller":
        """As a configuration wants it; ``limits`` are those that the values were folded with."""
        return cls(config.agent, style_of(config.summaries), limits, writer)

    def tell(self, view: View, left_out: Collection[int] = ()) -> Told:
        """Sum a window up, without the series that are ``left_out``. Pure but for the writer."""
        seen: dict[int, Seen] = {}
        memories: dict[int, tuple[str, int]] = {}
        defects: list[Exception] = []
        for row in view.series:
            try:
                one = self._seen(view, row, row.id not in left_out)
                if one.aggregate is not None:
                    memories[row.id] = learn(one.memory, one.aggregate, one.is_eventful).to_json(), one.aggregate.last_time
                seen[row.id] = one
            except Exception as error:  # noqa: BLE001  (the series that shows a defect must not take the others with it)
                defects.append(error)
        aggregates = [one.aggregate for one in seen.values() if one.aggregate is not None]
        counts = Counts(
            messages=view.row.messages if view.row else 0,
            readings=sum(aggregate.count for aggregate in aggregates),
            series=len(aggregates),
            first_id=view.row.first_id if view.row else None,
            last_id=view.row.last_id if view.row else None,
        )
        facts = find_facts(Scene(view.window, view.until, list(seen.values()), view.tallies, view.heard_since), counts)
        narration = narrate(facts, self.style, self.writer, {row.key.device for row in view.series})
        return Told(self.table(view.window, facts, narration), narration, facts, memories, defects)

    def _seen(self, view: View, row: SeriesRow, is_measured: bool) -> Seen:
        memory, aggregate = Memory.from_json(row.memory), None
        if is_measured and (row.values or row.state is not None):
            aggregate = aggregate_of(view.window, row.key, row.state, row.values, self.limits)
            aggregate.close(memory.before(view.window), view.until)
        return Seen(row.key, aggregate, memory)

    def table(self, window: Window, facts: Facts, narration: Narration) -> dict[str, Any]:
        """The body of a summary."""
        number = summary_id(self.agent, window)
        about: dict[str, Any] = {"by": narration.by, "faithful": narration.faithful, "language": self.style.language}
        if narration.model is not None:
            about["model"] = narration.model
        return summary_table(number, published(facts), narration.text, about)


def summary_id(agent: str, window: Window) -> str:
    """The same for an agent's window however often it is told."""
    named = f"{agent} {window.start} {window.length} {window.group}"
    return "s_" + hashlib.blake2b(named.encode(), digest_size=8).hexdigest()


class Summaries:
    """Tells windows that the watermark has passed. ``writer`` is a model; without one the arithmetic writer tells all."""

    def __init__(
        self,
        store: Store,
        config: Callable[[], Config],
        reporter: Reporter,
        is_connected: Callable[[], bool],
        *,
        writer: Writer | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        pause_between: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store, self._config, self._reporter, self._is_connected = store, config, reporter, is_connected
        self._writer, self._now, self._monotonic, self._sleep = writer, now, monotonic, pause_between
        started = config().summaries
        self.grouping = grouping_of(started) if started.enabled else None
        """How readings are put into windows; None where there are no summaries."""
        self._lateness = started.lateness_seconds * SECOND
        self._limits = limits_for(started)
        self._tick_seconds = min(MAX_TICK_SECONDS, started.window_seconds / 4)
        self._heard_since: int | None = None
        self._quiet_looked_at = 0
        self._started_at = to_micros(now())
        self._clock_ahead = self._started_at - int(monotonic() * SECOND)
        self._clock_set_at: int | None = None
        self._is_regrouped = False

    async def run(self) -> None:
        """Look for windows to tell, every few seconds."""
        while True:
            try:
                await self.tick()
            except RetryableError as error:  # the windows stay as they are, and are told at another tick
                self._reporter.emit(CommitFailed(str(error), "summary"))
            await self._sleep(self._tick_seconds)

    async def tick(self) -> None:
        """Fold what is crowded and tell what is due. Raises ``RetryableError`` or ``FatalError``."""
        if self.grouping is None:
            return
        now = to_micros(self._now())
        self._look_at_clock(now)
        if not self._is_connected():
            self._heard_since = None
        elif self._heard_since is None:
            self._heard_since = now
        if not self._is_regrouped:
            await self._regroup(self.grouping)
        await self._fold_crowded()
        for window in await self._store.due_windows(now, self._lateness):
            await self._tell(window)
        await self._tell_quiet(now, self.grouping.length)

    def _look_at_clock(self, now: int) -> None:
        """Forget since when the agent listens where the clock was set: times of before and behind do not compare."""
        ahead = now - int(self._monotonic() * SECOND)
        stepped, self._clock_ahead = (ahead - self._clock_ahead) / SECOND, ahead
        if abs(stepped) > CLOCK_STEP_SECONDS:
            self._heard_since, self._clock_set_at = None, now
            self._reporter.emit(ClockStepped(round(stepped, 1)))

    async def _regroup(self, grouping: Grouping) -> None:
        """Where readings were grouped otherwise before the start: tell the windows of then, and forget the series of their groups."""
        wanted = {"length": grouping.length, "by": grouping.by, "topic_level": grouping.topic_level}
        kept = await self._store.setting(GROUPING)
        if kept is not None and kept != wanted:
            for window in await self._store.open_windows(self._started_at):
                await self._tell(window)
            if any(kept[name] != wanted[name] for name in ("by", "topic_level")):
                await self._store.forget_series()
        await self._store.put_setting(GROUPING, wanted)
        self._is_regrouped = True

    async def _fold_crowded(self) -> None:
        for defect in (await self._store.fold(folding(self._limits))).values():
            self._failed(defect, "")

    async def _tell_quiet(self, now: int, length: int) -> None:
        """Tell the silence of groups of which nothing came in the last window that is due."""
        behind = now - self._lateness
        start = behind - behind % length - length
        if start == self._quiet_looked_at or self._heard_since is None:
            return
        for group in await self._store.quiet_groups(start, start - DAY_MICROS):
            await self._tell(Window(start, length, group), only_silence=True)
        self._quiet_looked_at = start

    async def _tell(self, window: Window, only_silence: bool = False) -> None:
        begin = time.perf_counter()
        teller = Teller.of(self._config(), self._limits, self._writer)
        messages = await self._store.messages(window)  # before the values are read: what comes meanwhile is told with them
        defects = await self._store.fold(folding(self._limits), window)
        view = await self._view(window, min(window.end, to_micros(self._now())))
        try:
            told = await asyncio.to_thread(teller.tell, view, defects)
        except AgentError:
            raise
        except Exception as error:  # noqa: BLE001  (the window that shows a defect must not come again at each tick and start)
            self._failed(error, window.group)
            told = _without_facts(teller, window, messages)
        if only_silence and not any(fact.type == "silence" for fact in told.facts.facts):
            return
        body = to_body(told.table)
        row = OutboxRow(told.table["id"], f"summaries/{level_of(window.group)}", body)
        forget = to_micros(self._now()) - int(self._config().summaries.keep_days * DAY_MICROS)
        finish = await self._store.finish_window(window, messages, body, told.memories, row, forget)
        if finish == "not_yet":  # messages came meanwhile: the next tick tells it with them
            return
        for defect in (*defects.values(), *told.defects):
            self._failed(defect, window.group)
        if finish == "told_before":
            self._reporter.emit(ReadingsLeftOut("late", told.facts.counts.readings))
            return
        self._reporter.metrics.inc("summaries_total", by=told.narration.by)
        for faults in told.narration.refused:
            detail = "; ".join(f"{fault.kind}: {fault.what}" for fault in faults)[:500]
            self._reporter.emit(DraftRefused(faults[0].kind, window.group, detail))
        self._reporter.metrics.observe("summary_seconds", time.perf_counter() - begin)

    def _failed(self, error: Exception, group: str) -> None:
        trace = "".join(traceback.format_exception(error))
        self._reporter.emit(SummaryFailed(type(error).__name__, group, trace))

    async def _view(self, window: Window, until: int) -> View:
        is_torn = self._clock_set_at is not None and window.start < self._clock_set_at
        return View(window, *await self._store.window(window), until, None if is_torn else self._heard_since)

    async def now(self, group: str) -> dict[str, Any]:
        """The summary of a group's open window up to now. It is not kept."""
        assert self.grouping is not None
        now = to_micros(self._now())
        view = await self._view(self.grouping.window(now, group), now)
        told = await asyncio.to_thread(Teller.of(self._config(), self._limits, self._writer).tell, view)
        for defect in told.defects:
            self._failed(defect, group)
        return told.table

    async def groups(self) -> list[str]:
        """The groups that are known."""
        return await self._store.groups()

    async def past(self, group: str, at: datetime | None) -> bytes | None:
        """The body of the summary of the window that an instant lies in, or the newest; None where none is kept."""
        row = await self._store.told(group, None if at is None else to_micros(at))
        return None if row is None else row.body


def _without_facts(teller: Teller, window: Window, messages: int) -> Told:
    span = Span(start=to_instant(window.start), end=to_instant(window.end))
    facts = Facts(group=window.group, window=span, counts=Counts(messages=messages), facts=())
    narration = Narration("", False, "arithmetic", None)
    return Told({**teller.table(window, facts, narration), "error": "internal_error"}, narration, facts, {})
