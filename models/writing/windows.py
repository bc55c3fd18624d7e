"""Windows of the simulated sites as an agent has them that reads everything right: what the writer is measured on.

    python -m models.writing.windows --windows 500     # how often each type of fact comes

The writer's training (``scenes.toml``) knows none of these sites. Readings, windows, memory and facts come by the agent's own code; the
reader's labels are the simulators' truth, and the store is a table in memory. A seed gives the same windows.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, islice
from random import Random

from agent.config import LimitConfig, SummariesConfig
from agent.domain.document import Candidate, Document
from agent.domain.message import Message
from agent.domain.observation import Observed, SeriesKey, Window, to_micros
from agent.domain.reading import Label
from agent.normalise import assemble
from agent.summaries import grouping_of, limits_for
from agent.summarise import Counts, Facts, Grouping, Memory, Scene, Seen, find_facts, learn
from agent.summarise.aggregate import Limits, aggregate_of
from agent.summarise.arithmetic import chosen
from agent.summarise.brief import brief, renumbered
from agent.summarise.observe import GroupBy, observed
from agent.summarise.parts import SECOND, Value
from agent.summarise.wording import LANGUAGES, Language, Style
from simulators.faults import Plan, parse_faults, with_faults
from simulators.moment import START
from simulators.site import load_site, shipped
from simulators.truth import Simulated
from simulators.world import World

FAULTS = "stuck=0.12,drift=0.05,spike=0.004,unit=0.03,alarms=0.02,silent=0.12,lost=0.03,late=0.01,garbled=0.005,repeated=0.01"
"""Where there are faults: rarer ones would hardly be met in a few hours."""
FAULTY_SHARE = 0.6
LIMITED_SHARE = 0.8
LIMIT_SHARE = 0.6
"""Of a site's limits, where there are any."""
LIMITS: Mapping[str, Sequence[LimitConfig]] = {
    "boiler_house": (
        LimitConfig(quantity="temperature", high=90),
        LimitConfig(quantity="pressure", low=1),
        LimitConfig(quantity="vibration_velocity", high=7),
        LimitConfig(quantity="level", low=25, high=50),
        LimitConfig(quantity="power", high=105_000),
    ),
    "cold_store": (
        LimitConfig(quantity="humidity", low=45, high=98),
        LimitConfig(quantity="battery", low=7),
        LimitConfig(quantity="power", high=8000),
        LimitConfig(quantity="temperature", device="LOG*", high=5),
        LimitConfig(quantity="temperature", high=12),
    ),
    "greenhouse": (
        LimitConfig(quantity="temperature", low=8, high=26),
        LimitConfig(quantity="soil_moisture", low=32),
        LimitConfig(quantity="humidity", high=90),
        LimitConfig(quantity="dissolved_oxygen", low=4.6),
        LimitConfig(quantity="level", low=35, high=82),
    ),
    "home": (
        LimitConfig(quantity="carbon_dioxide", high=1000),
        LimitConfig(quantity="pm25", high=15),
        LimitConfig(quantity="battery", low=8),
        LimitConfig(quantity="wind_gust", high=16),
        LimitConfig(quantity="humidity", high=85),
    ),
    "machine_hall": (
        LimitConfig(quantity="vibration_velocity", high=6),
        LimitConfig(quantity="current", high=33),
        LimitConfig(quantity="memory_usage", high=50),
        LimitConfig(quantity="cpu_load", high=40),
        LimitConfig(quantity="level", low=25, high=84),
    ),
    "solar_roof": (
        LimitConfig(quantity="battery", low=6),
        LimitConfig(quantity="wind_gust", high=16),
        LimitConfig(quantity="voltage", high=380),
        LimitConfig(quantity="temperature", high=45),
        LimitConfig(quantity="irradiance", high=750),
    ),
}
"""What somebody might watch at each site, near enough to what goes on there that it is crossed now and then."""
LENGTHS: Mapping[int, tuple[int, int]] = {60: (40, 18), 300: (40, 18), 900: (40, 14), 3600: (32, 7), 14400: (10, 4)}
"""Seconds of a window: how many a run has, and with how many devices at most. The longer ones make up more than a day, so that the usual
range is learned."""
FEWEST_DEVICES = 3
GROUPINGS: Sequence[tuple[GroupBy, int]] = (
    ("site", 1), ("site", 1), ("site", 1), ("site", 1), ("device", 1), ("quantity", 1), ("topic", 1), ("topic", 2),
)  # fmt: skip
"""How readings are grouped, with the topic's level: by site most often, as by default."""


@dataclass(frozen=True, slots=True)
class Case:
    """A window's facts, to be told in a language. ``devices`` are those that its group knows, which no text may bring in by itself."""

    site: str
    seed: int
    language: Language
    facts: Facts
    devices: frozenset[str]


@dataclass(frozen=True, slots=True)
class Course:
    """What a run at a site is like."""

    site: str
    seed: int
    devices: int
    start: float
    """In seconds since 1970 UTC; simulated time, as everywhere here."""
    windows: int
    config: SummariesConfig
    plan: Plan

    @classmethod
    def drawn(cls, site: str, seed: int) -> "Course":
        """A run's course by its seed."""
        rng = Random(f"course {site} {seed}")
        length = rng.choice(list(LENGTHS))
        by, level = rng.choice(GROUPINGS)
        limits = [limit for limit in LIMITS[site] if rng.random() < LIMIT_SHARE] if rng.random() < LIMITED_SHARE else []
        config = SummariesConfig(window_seconds=length, group_by=by, topic_level=level, limits=tuple(limits))
        plan = parse_faults(FAULTS) if rng.random() < FAULTY_SHARE else {}
        windows, most = LENGTHS[length]
        return cls(site, seed, rng.randint(FEWEST_DEVICES, most), START + 3600 * rng.randrange(24 * 90), windows, config, plan)


def cases(seed: int = 0) -> Iterator[Case]:
    """Windows with different briefs, without an end: the sites in turn, run after run of each, and the languages in turn at each site."""
    runs = {site: _of_site(site, seed) for site in shipped()}
    told: set[str] = set()
    for turn in count():
        for place, (site, run) in enumerate(runs.items()):
            language = LANGUAGES[(turn + place) % len(LANGUAGES)]
            run_seed, facts, devices = next(one for one in run if _is_new(one[1], language, told))
            yield Case(site, run_seed, language, facts, devices)


def _is_new(facts: Facts, language: Language, told: set[str]) -> bool:
    """True for a window of which a writer is told what it was told of none before: it would write the same once more."""
    what = " ".join(brief(renumbered(chosen(facts))[0], Style(language=language)))
    is_new = what not in told
    told.add(what)
    return is_new


def _of_site(site: str, seed: int) -> Iterator[tuple[int, Facts, frozenset[str]]]:
    for number in count():
        run_seed = 100_000 * seed + number
        for facts, devices in windows_of(Course.drawn(site, run_seed)):
            yield run_seed, facts, devices


def windows_of(course: Course) -> Iterator[tuple[Facts, frozenset[str]]]:
    """The windows of a run: the facts of a group that is drawn, and the devices known in it."""
    rng, grouping = Random(f"windows {course.site} {course.seed}"), grouping_of(course.config)
    world = World(load_site(course.site), course.seed, course.devices, course.start)
    seconds = course.windows * course.config.window_seconds + course.config.lateness_seconds
    messages: Iterator[Simulated] = world.traffic(seconds)
    if course.plan:
        messages = with_faults(messages, course.plan, course.seed)
    ledger = Ledger(limits_for(course.config), grouping.length, to_micros(instant(course.start)))
    for number, message in enumerate(messages):
        if not message.is_sent:
            continue
        one = observation(f"m_{number:09d}", message, grouping)
        while ledger.start + grouping.length + course.config.lateness_seconds * SECOND <= one.arrived:
            yield from ledger.tell(rng)
        ledger.take(one)


def observation(number: str, message: Simulated, grouping: Grouping) -> Observed:
    """What a message adds to windows, where the reader's labels are the truth."""
    labelled = [
        (Candidate(one.name, one.literal, one.start, "number"), Label("reading", one.quantity, one.unit, one.inverted))
        for one in sorted(message.readings, key=lambda one: one.start)
    ]
    if message.device is not None:
        labelled.append((Candidate("device", message.device, 0, "word"), Label("device")))
    if message.time is not None:
        labelled.append((Candidate("time", message.time, 0, "time"), Label("time")))
    document = Document(message.payload, message.format, tuple(candidate for candidate, _ in labelled))  # type: ignore[arg-type]
    arrived = instant(message.at)
    found = assemble(document, [label for _, label in labelled], message.topic, arrived, 0.0, "slm")
    heard = Message(number, message.topic, message.body, arrived)
    return observed(heard, found.device, found.time, found.time_source, found.readings, found.doubt, grouping)


def instant(seconds: float) -> datetime:
    """Simulated time, in seconds since 1970 UTC, as an instant."""
    return datetime.fromtimestamp(seconds, UTC)


@dataclass(slots=True)
class _Open:
    """What is in a window so far."""

    values: dict[SeriesKey, set[tuple[int, Value]]] = field(default_factory=lambda: defaultdict(set))
    tallies: Counter[tuple[str, str]] = field(default_factory=Counter)
    messages: set[str] = field(default_factory=set)


class Ledger:
    """Open windows and what is learned of each series: the store's part, and that of ``agent.summaries.Teller``, without a disk."""

    def __init__(self, limits: Limits, length: int, started: int) -> None:
        self._limits, self._length, self._started = limits, length, started
        self.start = started - started % length
        """Of the windows that are told next, in microseconds."""
        self._open: dict[Window, _Open] = defaultdict(_Open)
        self._memories: dict[str, dict[SeriesKey, Memory]] = defaultdict(dict)

    def take(self, one: Observed) -> None:
        """Add what a message says; a value of a window that was told is counted as late in the present one."""
        for observation in one.observations:
            if observation.window.start < self.start:
                self._note(observation.window, one, "late", "")
            else:
                found = self._open[observation.window]
                found.values[observation.series].add((observation.time, observation.value))
                found.messages.add(one.message_id)
        for noted in one.noted:
            self._note(noted.window, one, noted.kind, noted.detail)

    def _note(self, window: Window, one: Observed, kind: str, detail: str) -> None:
        if window.start < self.start:
            window = Window(one.arrived - one.arrived % self._length, self._length, window.group)
        self._open[window].tallies[kind, detail] += 1
        self._open[window].messages.add(one.message_id)

    def tell(self, rng: Random) -> Iterator[tuple[Facts, frozenset[str]]]:
        """Close the windows that are next, learn of all of them, and give the facts of one."""
        due = {window.group: window for window in self._open if window.start == self.start}
        scenes = {}
        for group in sorted({*due, *self._memories}):
            window = due.get(group) or Window(self.start, self._length, group)
            scene, counts = self._closed(window, self._open.pop(window, _Open()))
            if group in due or any(fact.type == "silence" for fact in find_facts(scene, counts).facts):
                scenes[group] = scene, counts
        self.start += self._length
        if scenes:
            scene, counts = rng.choice(list(scenes.values()))
            yield find_facts(scene, counts), frozenset(one.key.device for one in scene.seen)

    def _closed(self, window: Window, found: _Open) -> tuple[Scene, Counts]:
        memories = self._memories[window.group]
        seen = []
        for key in sorted({*memories, *found.values}, key=lambda key: (key.device, key.name, key.quantity, key.unit)):
            one = self._seen(window, key, memories.get(key, Memory()), found)
            if one.aggregate is not None:
                memories[key] = learn(one.memory, one.aggregate, one.is_eventful)
            seen.append(one)
        readings = [one.aggregate.count for one in seen if one.aggregate is not None]
        ids = sorted(found.messages)
        counts = Counts(
            messages=len(ids),
            readings=sum(readings),
            series=len(readings),
            first_id=ids[0] if ids else None,
            last_id=ids[-1] if ids else None,
        )
        return Scene(window, window.end, seen, found.tallies, self._started), counts

    def _seen(self, window: Window, key: SeriesKey, memory: Memory, found: _Open) -> Seen:
        values = found.values.get(key)
        if not values:
            return Seen(key, None, memory)
        aggregate = aggregate_of(window, key, None, sorted(values, key=lambda pair: (pair[0], str(pair[1]))), self._limits)
        aggregate.close(memory.before(window), window.end)
        return Seen(key, aggregate, memory)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    found: Counter[str] = Counter()
    urgent: Counter[str] = Counter()
    sizes: Counter[int] = Counter()
    for case in islice(cases(args.seed), args.windows):
        told = chosen(case.facts).facts
        sizes[len(told)] += 1
        found.update({fact.type for fact in told})
        urgent.update({fact.type for fact in told if fact.must_say})
    print(f"{args.windows} windows; of them with facts of a type, and with such that must be said:")
    for name, times in found.most_common():
        print(f"  {name:12s} {times:6d} {urgent[name]:6d}")
    print("facts told:", ", ".join(f"{size} in {times}" for size, times in sorted(sizes.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
