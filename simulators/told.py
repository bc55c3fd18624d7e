"""Summaries against what truly happened: which events of a window its text tells of, and which it misses.

A text tells of an event where it names the device or the area, and what happened: by a word of ``event_words.toml`` for that event, or
by one of its quantities beside a word of change, in the summary's language (in any where it states none). Whether it tells it well is
not judged here. Events outside every window are counted apart.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

CLAUSE_END = re.compile(r"[.,;!?]\s|\n")


@dataclass(slots=True)
class Told:
    """What became of the events."""

    told: list[Mapping[str, Any]] = field(default_factory=list)
    missed: list[Mapping[str, Any]] = field(default_factory=list)
    outside: list[Mapping[str, Any]] = field(default_factory=list)
    """No summary's window covers them."""

    @property
    def recall(self) -> float | None:
        """Share of the events within a window that are told; None where there are none."""
        covered = len(self.told) + len(self.missed)
        return len(self.told) / covered if covered else None

    def by_event(self) -> dict[str, dict[str, int]]:
        """Counts of told, missed and outside, by the kind of event."""
        table: dict[str, dict[str, int]] = {}
        for fate, events in (("told", self.told), ("missed", self.missed), ("outside", self.outside)):
            for event in events:
                table.setdefault(event["event"], {"told": 0, "missed": 0, "outside": 0})[fate] += 1
        return dict(sorted(table.items()))


@dataclass(frozen=True, slots=True)
class EventWords:
    """How a language tells of a kind of event."""

    alone: re.Pattern[str]
    """Words that tell it."""
    of: re.Pattern[str]
    """Quantities and things of which a change tells it."""


@cache
def event_words() -> tuple[dict[str, dict[str, EventWords]], dict[str, re.Pattern[str]]]:
    """By kind of event and language its words, and by language the words of change."""
    tables = tomllib.loads(files("simulators").joinpath("event_words.toml").read_text(encoding="utf-8"))
    change = {language: _pattern(text.split(), is_whole=True) for language, text in tables.pop("change").items()}
    events = {
        event: {language: EventWords(_pattern(one["words"]), _pattern(one["of"])) for language, one in languages.items()}
        for event, languages in tables.items()
    }
    return events, change


def judge_summaries(events: Iterable[Mapping[str, Any]], summaries: Sequence[Mapping[str, Any]]) -> Told:
    """Hold summaries against events. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for a summary without text or window."""
    spans = [(*_span(summary["window"]), summary) for summary in summaries]
    result = Told()
    for event in events:
        at, until = event["at"], event["until"]
        around = [one for start, end, one in spans if at < end and (until is None or until >= start)]
        tells = any(tells_of(summary["text"], event, summary.get("language")) for summary in around)
        (result.told if tells else result.missed if around else result.outside).append(event)
    return result


def tells_of(text: str, event: Mapping[str, Any], language: str | None = None) -> bool:
    """True where a text names where an event happened, and what it was; None is a text of any language."""
    names = [event.get("device"), event.get("area"), *event.get("devices", ())]
    places = [_name(name) for name in names if name and any(map(str.isalnum, name))]
    if not any(one.search(text) for one in places):
        return False
    for one in places:
        text = one.sub(" ", text)  # what a place is called is not what happens there
    events, change = event_words()
    languages = events.get(event["event"], {})
    for known in languages if language is None else languages.keys() & {language}:
        words = languages[known]
        if words.alone.search(text) or any(words.of.search(one) and change[known].search(one) for one in CLAUSE_END.split(text)):
            return True
    return False


def _pattern(words: Iterable[str], *, is_whole: bool = False) -> re.Pattern[str]:
    """Any of these at the beginning of a word, or as a whole word; none of none."""
    choice = "|".join(map(re.escape, words))
    end = r"(?!\w)" if is_whole else ""
    return re.compile(rf"(?<!\w)(?:{choice}){end}" if choice else r"(?!)", re.IGNORECASE)


def _name(name: str) -> re.Pattern[str]:
    """A name in whatever spelling: ``cold-room 2`` and ``Cold room 2`` are the same, ``cold-room 21`` is another."""
    spelled = r"[\W_]*".join(filter(str.isalnum, name))
    return re.compile(rf"(?<![^\W_]){spelled}(?![^\W_])", re.IGNORECASE)


def _span(window: Mapping[str, Any]) -> tuple[float, float]:
    start, end = (datetime.fromisoformat(window[name]).timestamp() for name in ("start", "end"))
    return start, end
