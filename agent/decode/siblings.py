"""Units that a structured payload states beside its values.

``{"value": 21, "unit": "°C"}``, ``{"temp": 21, "temp_unit": "C"}``, ``{"current": {"t2m": 21}, "current_units": {"t2m": "°C"}}``, SenML's
``u`` and ``bu`` (RFC 8428).

The value's candidate gets the text as its ``unit_text``, as if it stood behind the number. Nothing is guessed: only a spelling that the
ontology knows counts, and only where one value or a key that says "value" stands beside it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from agent.decode.escapes import with_characters
from agent.decode.measure import is_unit
from agent.domain.document import Candidate
from agent.domain.keys import MAYBE_VALUE_KEYS, VALUE_KEYS

_HINT = re.compile(r"uni[tdt]|uom|einheit|enhe[td]|jednotk|jednostk|един|[\"'>@]b?u\b|单位|単位", re.IGNORECASE)
_STEP = re.compile(r"\[\d+\]|[^.\[\]]+")
_UNIT_KEYS = frozenset(
    "unit units uom u unitofmeasurement unitofmeasure measurementunit measureunit unitcode unitname unitsymbol unittext einheit "
    "engunit engunits engineeringunit engineeringunits displayunit displayunits "
    "einheiten unite unites unidad unidades unita eenheid enhet enhed jednostka jednotka unidade ед единица 单位 単位 donvi đơnvị".split()
)
_SUFFIXES = ("unitofmeasurement", "units", "unit", "uom", "einheit")
_MOST_UNIT_CHARS = 24
_BASE_UNIT = "bu"


def with_sibling_units(text: str, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The candidates of a structured payload, numbers among them with the unit that stands beside them."""
    if _HINT.search(text) is None:
        return candidates
    stated = [(tuple(_STEP.findall(one.path)), with_characters(one.literal)) for one in candidates if _may_be_unit(one)]
    stated.sort(key=lambda one: one[0][-1:] == (_BASE_UNIT,))  # a record's own unit before its pack's
    claims = {claim: unit for steps, unit in reversed(stated) if steps and (claim := _claim(steps)) is not None}
    if not claims:
        return candidates
    found = list(candidates)
    places = _places({claim.parent for claim in claims}, candidates)
    for claim, unit in reversed(claims.items()):
        for index in claim.select(places[claim.parent]):
            if found[index].unit_text is None:
                found[index] = replace(found[index], unit_text=unit)
    return tuple(found)


_Steps = tuple[str, ...]


class _Place:
    """The numbers at and below a path: (index, the steps below it), found again by their first and by their last key."""

    def __init__(self) -> None:
        self.numbers: list[tuple[int, _Steps]] = []

    @cached_property
    def by_first(self) -> dict[str, list[tuple[int, _Steps]]]:
        """By the first step below the path."""
        return self._by(lambda rest: _plain(rest[0]))

    @cached_property
    def by_last(self) -> dict[str, list[tuple[int, _Steps]]]:
        """By the last step that is a key."""
        return self._by(lambda rest: next((step for step in reversed(rest) if not step.startswith("[")), ""))

    def _by(self, key: Callable[[_Steps], str]) -> dict[str, list[tuple[int, _Steps]]]:
        found: dict[str, list[tuple[int, _Steps]]] = {}
        for index, rest in self.numbers:
            if rest:
                found.setdefault(key(rest), []).append((index, rest))
        return found


@dataclass(frozen=True, slots=True)
class _Claim:
    """That a unit speaks for numbers below ``parent``: for the object's values, for those of a key, of a map of units, of a SenML pack."""

    kind: Literal["object", "key", "map", "base"]
    parent: _Steps
    stem: str = ""
    tail: _Steps = ()

    def select(self, place: _Place) -> list[int]:
        """The candidates it speaks for."""
        if self.kind == "object":
            return _of_object(place)
        if self.kind == "key":
            return [index for name in (self.stem, self.stem + "value") for index, rest in place.by_first.get(name, ()) if _is_flat(rest)]
        if self.kind == "map":
            return _of_map(place, self.stem, self.tail)
        return [index for index, _ in place.by_last.get("v", ())]


def _places(parents: set[_Steps], candidates: Sequence[Candidate]) -> dict[_Steps, _Place]:
    places = {parent: _Place() for parent in parents}
    depths = sorted({len(parent) for parent in parents})
    for index, one in enumerate(candidates):
        if one.kind != "number" or one.unit_text:
            continue
        steps = tuple(_STEP.findall(one.path))
        for depth in depths:
            if depth > len(steps):
                break
            if (place := places.get(steps[:depth])) is not None:
                place.numbers.append((index, steps[depth:]))
    return places


def _may_be_unit(candidate: Candidate) -> bool:
    literal = candidate.literal
    return candidate.kind in ("word", "opaque") and len(literal) <= _MOST_UNIT_CHARS and is_unit(with_characters(literal))


def _plain(key: str) -> str:
    """A key without case and separators."""
    return "".join(char for char in key.casefold() if char.isalnum())


def _claim(steps: _Steps) -> _Claim | None:
    """Which numbers a unit under this path speaks for; None where its key says nothing of units."""
    *before, last = steps
    parent, key = tuple(before), _plain(last)
    if key == _BASE_UNIT:
        return _Claim("base", parent[:-1] if parent and parent[-1].startswith("[") else parent)
    if key in _UNIT_KEYS:
        return _Claim("object", parent)
    for suffix in _SUFFIXES:
        if stem := key.removesuffix(suffix) if key.endswith(suffix) else key.removeprefix(suffix) if key.startswith(suffix) else "":
            return _Claim("key", parent, stem)
    for depth in range(len(parent) - 1, -1, -1):
        name = _plain(parent[depth])
        for suffix in _SUFFIXES:
            if name.endswith(suffix):
                return _Claim("map", parent[:depth], name.removesuffix(suffix), steps[depth + 1 :])
    return None


def _of_object(place: _Place) -> list[int]:
    """The values of the object that holds the unit (in XML its text): under a key that says or may say value, else its only number."""
    for keys in (VALUE_KEYS, VALUE_KEYS | MAYBE_VALUE_KEYS):
        names = [name for name in place.by_first if name in keys]
        if values := [index for name in names for index, rest in place.by_first[name] if _says_value(rest[-1])]:
            return values
    text = [index for index, rest in place.numbers if not rest]
    own = [index for index, rest in place.numbers if len(rest) == 1]
    return text or (own if len(own) == 1 else [])


def _says_value(step: str) -> bool:
    return step.startswith("[") or _plain(step) in VALUE_KEYS or _plain(step) in MAYBE_VALUE_KEYS


def _is_flat(rest: _Steps) -> bool:
    return all(_says_value(step) for step in rest[1:])


def _of_map(place: _Place, stem: str, tail: _Steps) -> list[int]:
    """The values under the same key as in a map of units: in the object named ``stem``, or anywhere beside the map where it has no name."""
    found = []
    for index, rest in place.by_last.get(tail[-1], ()):
        keys = rest
        while keys[-1].startswith("["):
            keys = keys[:-1]
        if keys[-len(tail) :] == tail and (not stem or _plain(rest[0]) == stem):
            found.append(index)
    return found
