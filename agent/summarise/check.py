"""Does a text say what the facts say, and nothing else? Every number, unit, name and time has to be a field of one fact.

The text is looked at as it is, however it came to be. Fields are found as they are written; what is left over may hold no digit,
no unit and no name. A value belongs to a fact whose device was named last before it, and whose quantity stands with it.
"""

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.summarise.draft import Written
from agent.summarise.facts import FactBase, FieldKind, field_kinds
from agent.summarise.wording import Words, unit_symbol

FaultKind = Literal["number", "unit", "time", "name", "direction", "order", "missing", "twice", "placeholder", "empty", "writer"]
"""What is wrong with a text: a closed set, since it labels a counter."""
NAMES: frozenset[FieldKind] = frozenset({"name", "quantity"})
COVERED = "\x00"
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NAME_LIKE = re.compile(r"[^\W\d]+[\w.:/-]*\d\w*|\w+_\w+|[a-z]+[A-Z]\w*")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
_CLAUSE_END = re.compile(r"[,;:.!?](?=\s|$)")
_SIGNS = "-−"
_GOES_BEFORE = re.compile(r"(?:\w|\d[.,:]|(?<!\w)[-−])$")
"""What makes a number or a word behind it a part of a longer one."""
_GOES_BEHIND = re.compile(r"[\w°/%]")
_DECIMALS = re.compile(r"[.,:]\d")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, the words that show it, and the fact that it is about, where there is one."""

    kind: FaultKind
    what: str
    fact: str = ""


WORDS: frozenset[FieldKind] = frozenset({"state", "word"})

MEASURED: frozenset[FieldKind] = frozenset({"number", "change", "rate", "duration"})
SHORT_WORD_CHARS = 3
"""A state like "on" may stand in a text for something else."""


@dataclass(frozen=True, slots=True)
class _Owner:
    fact: FactBase
    field: str
    kind: FieldKind


@dataclass(frozen=True, slots=True)
class _Place:
    """A field's text in the text, with the fields that are written so."""

    start: int
    end: int
    owners: tuple[_Owner, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """A place with those of its owners whose device and quantity stand with it: as a value, and as a quantity's name."""

    place: _Place
    values: tuple[_Owner, ...]
    named: tuple[_Owner, ...]


def check(text: str, facts: Sequence[FactBase], written: Written, words: Words, known_names: Collection[str] = ()) -> list[Fault]:
    """The faults of a text; none where it is faithful. ``known_names`` are devices' names that only a fact may bring in."""
    if not text.strip():
        return [Fault("empty", "the text is empty")]
    places, rest = _find(text, facts, written)
    said = _attribute(rest, places)
    return [
        *_leftovers(text, rest, facts, written, words, known_names),
        *_strangers(text, said),
        *_directions(rest, said, words),
        *_completeness(text, facts, written, said),
    ]


def _find(text: str, facts: Sequence[FactBase], written: Written) -> tuple[list[_Place], str]:
    """Where fields stand, longest first, and the text with them blanked out."""
    owners: dict[str, list[_Owner]] = {}
    for fact in facts:
        kinds = field_kinds(fact)
        for field, shown in written[fact.id].items():
            owners.setdefault(shown, []).append(_Owner(fact, field, kinds[field]))
    rest, places = text, []
    for shown in sorted(owners, key=lambda shown: (-len(shown), shown)):
        forms = {shown, shown[:1].upper() + shown[1:]} if any(owner.kind in ("quantity", "state") for owner in owners[shown]) else {shown}
        for form in sorted(forms):
            for start in _occurrences(rest, form):
                places.append(_Place(start, start + len(form), tuple(owners[shown])))
                rest = rest[:start] + COVERED * len(form) + rest[start + len(form) :]
    return sorted(places, key=lambda place: place.start), rest


def _occurrences(text: str, shown: str) -> list[int]:
    """Where a field stands whole: not as a part of a longer number or word."""
    found, start = [], text.find(shown)
    while start >= 0:
        end = start + len(shown)
        if _is_apart(text, start, end):
            found.append(start)
        start = text.find(shown, end)
    return found


def _is_apart(text: str, start: int, end: int) -> bool:
    if text[start].isalnum() and _GOES_BEFORE.search(text[max(0, start - 2) : start]):
        return False
    behind = text[end : end + 2]
    if (text[end - 1].isalnum() or text[end - 1] in "°%") and _GOES_BEHIND.match(behind):
        return False
    return not (text[end - 1].isdigit() and _DECIMALS.match(behind))


def _attribute(rest: str, places: Sequence[_Place]) -> list[_Said]:
    """The values of a text with those of their owners whose device and quantity stand with them, and its quantities likewise."""
    said = []
    bounds = [0, *(match.end() for match in _SENTENCE_END.finditer(rest)), len(rest)]
    for begin, end in itertools.pairwise(bounds):
        inside = [place for place in places if begin <= place.start < end]
        namings = _namings(inside, rest)
        for index, place in enumerate(inside):
            devices = _nearest(next((device for device, start in namings if start == index), index), inside, "name")
            quantities = _nearest(*_of_one_device(index, inside, [start for _, start in namings]), "quantity")
            values = tuple(owner for owner in place.owners if owner.kind not in NAMES and _fits(owner, devices, quantities))
            named = tuple(owner for owner in place.owners if owner.kind == "quantity" and _fits(owner, devices, {owner.fact.id}))
            said.append(_Said(place, values, named))
    return said


def _namings(places: Sequence[_Place], rest: str) -> list[tuple[int, int]]:
    """Where devices are named, each with where its naming begins: a quantity of the same fact may stand right before it.

    "The temperature of attic-7" is one; a comma between would part them.
    """
    found = []
    for index, place in enumerate(places):
        if not _ids(place, "name"):
            continue
        before = places[index - 1] if index else place
        is_one = bool(_ids(before, "quantity") & _ids(place, "name")) and not _CLAUSE_END.search(rest[before.end : place.start + 1])
        found.append((index, index - 1 if is_one and index else index))
    return found


def _nearest(index: int, places: Sequence[_Place], kind: FieldKind) -> frozenset[str]:
    """The ids of the facts whose name (of a kind) stands last before a place, or in it, else first behind it."""
    before = [ids for place in places[: index + 1] if (ids := _ids(place, kind))]
    behind = [ids for place in places[index + 1 :] if (ids := _ids(place, kind))]
    return next(iter(before[-1:] or behind[:1]), frozenset())


def _of_one_device(index: int, places: Sequence[_Place], begins: list[int]) -> tuple[int, Sequence[_Place]]:
    """The places from the device named last before one to the next device named, and the index among them.

    What stands before the first device belongs to it.
    """
    begin = max((one for one in begins[1:] if one <= index), default=0)
    end = min((one for one in begins[1:] if one > index), default=len(places))
    return index - begin, places[begin:end]


def _ids(place: _Place, kind: FieldKind) -> frozenset[str]:
    return frozenset(owner.fact.id for owner in place.owners if owner.kind == kind)


def _fits(owner: _Owner, devices: Collection[str], quantities: Collection[str]) -> bool:
    kinds = field_kinds(owner.fact)
    return ("device" not in kinds or owner.fact.id in devices) and ("quantity" not in kinds or owner.fact.id in quantities)


def _leftovers(
    text: str, rest: str, facts: Sequence[FactBase], written: Written, words: Words, known_names: Collection[str]
) -> Iterator[Fault]:
    """Numbers, times, units and names that no field brought in."""
    measured = [written[fact.id][field] for fact in facts for field, kind in field_kinds(fact).items() if kind in MEASURED]
    bare = {match[0] for shown in measured for match in _NUMBER.finditer(shown)}
    for name in sorted(known_names, key=len, reverse=True):
        for start in _occurrences(rest, name) if name else ():
            yield Fault("name", name)
            rest = rest[:start] + COVERED * len(name) + rest[start + len(name) :]
    for match in _NAME_LIKE.finditer(rest):
        yield Fault("name", match[0])
    rest = _NAME_LIKE.sub(lambda match: COVERED * len(match[0]), rest)
    for match in _NUMBER.finditer(rest):
        around = text[max(0, match.start() - 1) : match.end() + 8].strip()
        is_signed = rest[max(0, match.start() - 1) : match.start()] in tuple(_SIGNS)
        if ":" in match[0]:
            yield Fault("time", match[0])
        elif match[0] in bare and not is_signed:
            yield Fault("unit", around)
        else:
            yield Fault("number", around)
    rest = _NUMBER.sub(lambda match: COVERED * len(match[0]), rest)
    symbols = {unit_symbol(getattr(fact, "unit", None)) for fact in facts} | {"%", "°C", "°F", "°"}
    for symbol in sorted(symbols - {""}, key=len, reverse=True):
        is_telling = not symbol.isalpha() or len(symbol) > 3
        if is_telling and (found := _occurrences(rest, symbol)):
            yield Fault("unit", text[max(0, found[0] - 8) : found[0] + len(symbol)].strip())
            rest = rest.replace(symbol, COVERED * len(symbol))
    spoken = re.findall(r"\w+(?: \w+)?|\w+", rest.casefold())
    for numeral in sorted({one for phrase in spoken for one in (phrase, *phrase.split())} & set(words.numerals)):
        yield Fault("number", numeral)


def _strangers(text: str, said: Sequence[_Said]) -> Iterator[Fault]:
    """Values that stand with another device or quantity than their own, and values in the wrong order."""
    starts: dict[str, dict[str, list[int]]] = {}
    facts: dict[str, FactBase] = {}
    for one in said:
        shown, kinds = text[one.place.start : one.place.end], {owner.kind for owner in one.place.owners}
        if not one.values and not kinds & NAMES and (kinds - WORDS or any(letter.isdigit() for letter in shown)):
            kind: FaultKind = "time" if kinds == {"time"} else "number"
            yield Fault(kind, f"{shown} stands with another device or quantity", one.place.owners[0].fact.id)
        for owner in one.values:
            facts[owner.fact.id] = owner.fact
            starts.setdefault(owner.fact.id, {}).setdefault(owner.field, []).append(one.place.start)
    for fact in facts.values():
        at = -1
        for field in fact.ordered:
            there = starts[fact.id].get(field, [])
            behind = [start for start in there if start >= at]
            if there and not behind:
                yield Fault("order", " and ".join(fact.ordered), fact.id)
            at = behind[0] if behind else at


def _directions(rest: str, said: Sequence[_Said], words: Words) -> Iterator[Fault]:
    """Words like rose and below, against the signs of the facts that they stand with."""
    for sign, listed in ((1, words.up), (-1, words.down)):
        for word in listed:
            for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", rest, re.IGNORECASE):
                near = _facts_near(match.start(), rest, said, _CLAUSE_END) or _facts_near(match.start(), rest, said, _SENTENCE_END)
                if not any(fact.sign == sign for fact in near):
                    yield Fault("direction", match[0], near[0].id if near else "")


def _facts_near(at: int, rest: str, said: Sequence[_Said], end_mark: re.Pattern[str]) -> list[FactBase]:
    """The facts with a value in the same clause or sentence."""
    ends = [match.end() for match in end_mark.finditer(rest)]
    begin, end = max((one for one in ends if one <= at), default=0), min((one for one in ends if one > at), default=len(rest))
    return [owner.fact for one in said if begin <= one.place.start < end for owner in one.values]


def _completeness(text: str, facts: Sequence[FactBase], written: Written, said: Sequence[_Said]) -> Iterator[Fault]:
    """Facts that had to be said and are not, and facts that are said twice."""
    values = {(owner.fact.id, owner.field) for one in said for owner in one.values}
    named = {owner.fact.id for one in said for owner in (*one.named, *one.place.owners) if owner.kind in NAMES}
    for fact in facts:
        kinds = field_kinds(fact)
        needed = [field for field in (*fact.essential, "also") if field in kinds and kinds[field] not in NAMES]
        is_said = all((fact.id, field) in values for field in needed) and (bool(needed) or not fact.essential or fact.id in named)
        if fact.must_say and not is_said:
            yield Fault("missing", " ".join(written[fact.id].values()), fact.id)
    names = [one for one in said if one.named and not any(owner.kind == "name" for owner in one.place.owners)]
    yield from _twice(Counter(frozenset((owner.fact.id, "quantity") for owner in one.named) for one in names), "its quantity")
    of_text: dict[str, list[_Said]] = {}
    for one in said:
        shown = text[one.place.start : one.place.end]
        if one.values and (len(shown) > SHORT_WORD_CHARS or {owner.kind for owner in one.values} - WORDS):
            of_text.setdefault(shown, []).append(one)
    for shown, same in of_text.items():
        owners = frozenset((owner.fact.id, owner.field) for one in same for owner in one.values)
        yield from _twice(Counter({owners: len(same)}), shown)


def _twice(times: Counter[frozenset[tuple[str, str]]], what: str) -> Iterator[Fault]:
    """More places than there are facts and fields to be said there."""
    for owners, count in times.items():
        if count > len(owners):
            yield Fault("twice", what, min(owners)[0])
