"""Units that a structured payload states beside its values.

``{"value": 21, "unit": "°C"}``, ``{"temp": 21, "temp_unit": "C"}``, ``{"current": {"t2m": 21}, "current_units": {"t2m": "°C"}}``, SenML's
``u`` and ``bu`` (RFC 8428).

The value's candidate gets the text as its ``unit_text``, as if it stood behind the number. Nothing is guessed: only a spelling that the
ontology knows counts, and only where one value or a key that says "value" stands beside it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from agent.decode.measure import is_unit
from agent.domain.document import Candidate

_HINT = re.compile(r"uni[tdt]|uom|einheit|enhe[td]|jednotk|jednostk|един|[\"'>@]b?u\b|单位|単位", re.IGNORECASE)
_STEP = re.compile(r"\[\d+\]|[^.\[\]]+")
_UNIT_KEYS = frozenset(
    "unit units uom u unitofmeasurement unitofmeasure measurementunit measureunit unitcode unitname unitsymbol unittext einheit "
    "einheiten unite unites unidad unidades unita eenheid enhet enhed jednostka jednotka unidade ед единица 单位 単位 donvi đơnvị".split()
)
_VALUE_KEYS = frozenset(
    "value values val vals v vb wert werte valeur valeurs valor valores valore valori waarde varde wartosc hodnota значение 值 数値 giatri "
    "reading readings measurement measured measuredvalue sensorvalue data sample samples result state numericvalue amount "
    "min max mean avg average median last latest minimum maximum sum total".split()
)
_SUFFIXES = ("unitofmeasurement", "units", "unit", "uom", "einheit")
_MOST_UNIT_CHARS = 24
_BASE_UNIT = "bu"


def with_sibling_units(text: str, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The candidates of a structured payload, numbers among them with the unit that stands beside them."""
    if _HINT.search(text) is None:
        return candidates
    stated = [(_STEP.findall(one.path), one.literal) for one in candidates if _may_be_unit(one)]
    stated.sort(key=lambda one: one[0][-1:] == [_BASE_UNIT])  # a record's own unit before its pack's
    claims = [claim for steps, unit in stated if steps and (claim := _claim(steps, unit)) is not None]
    if not claims:
        return candidates
    found = list(candidates)
    numbers = [(index, _STEP.findall(one.path)) for index, one in enumerate(candidates) if one.kind == "number" and not one.unit_text]
    for select, unit in claims:
        for index in select(numbers):
            if found[index].unit_text is None:
                found[index] = replace(found[index], unit_text=unit)
    return tuple(found)


_Numbers = Sequence[tuple[int, list[str]]]
_Claim = tuple[Callable[[_Numbers], list[int]], str]


def _may_be_unit(candidate: Candidate) -> bool:
    return candidate.kind in ("word", "opaque") and len(candidate.literal) <= _MOST_UNIT_CHARS and is_unit(candidate.literal)


def _plain(key: str) -> str:
    """A key without case and separators."""
    return "".join(char for char in key.casefold() if char.isalnum())


def _claim(steps: list[str], unit: str) -> _Claim | None:
    """Which numbers a unit under this path speaks for; None where its key says nothing of units."""
    *parent, last = steps
    key = _plain(last)
    if key == _BASE_UNIT:
        return partial(_of_base, parent=parent), unit
    if key in _UNIT_KEYS:
        return partial(_of_object, parent=parent), unit
    for suffix in _SUFFIXES:
        if stem := key.removesuffix(suffix) if key.endswith(suffix) else key.removeprefix(suffix) if key.startswith(suffix) else "":
            return partial(_of_key, parent=parent, stem=stem), unit
    for depth in range(len(parent) - 1, -1, -1):
        name = _plain(parent[depth])
        for suffix in _SUFFIXES:
            if name.endswith(suffix):
                return partial(_of_map, parent=parent[:depth], stem=name.removesuffix(suffix), tail=steps[depth + 1 :]), unit
    return None


def _under(steps: list[str], parent: list[str]) -> list[str] | None:
    """The steps below a parent, or None where the path does not lie below it."""
    return steps[len(parent) :] if len(steps) > len(parent) and steps[: len(parent)] == parent else None


def _of_object(numbers: _Numbers, parent: list[str]) -> list[int]:
    """The values of the object that holds the unit: those whose key says value, or else its only number (in XML its text)."""
    below = [(index, rest) for index, steps in numbers if (rest := _under(steps, parent)) is not None]
    values = [index for index, rest in below if _plain(rest[0]) in _VALUE_KEYS and _says_value(rest[-1])]
    own = [index for index, rest in below if len(rest) == 1]
    text = [index for index, steps in numbers if parent and steps == parent]
    return values or text or (own if len(own) == 1 else [])


def _says_value(step: str) -> bool:
    return step.startswith("[") or _plain(step) in _VALUE_KEYS


def _of_key(numbers: _Numbers, parent: list[str], stem: str) -> list[int]:
    """The siblings whose key is the unit's own without its suffix: ``temp`` of ``temp_unit``."""
    names = (stem, stem + "value")
    return [
        index for index, steps in numbers if (rest := _under(steps, parent)) is not None and _plain(rest[0]) in names and _is_flat(rest)
    ]


def _is_flat(rest: list[str]) -> bool:
    return all(_says_value(step) for step in rest[1:])


def _of_map(numbers: _Numbers, parent: list[str], stem: str, tail: list[str]) -> list[int]:
    """The values under the same key as in a map of units: in the object named ``stem``, or anywhere beside the map where it has no name."""
    found = []
    for index, steps in numbers:
        rest = _under(steps, parent)
        if rest is None or (stem and _plain(rest[0]) != stem):
            continue
        while rest and rest[-1].startswith("["):
            rest = rest[:-1]
        if rest[-len(tail) :] == tail:
            found.append(index)
    return found


def _of_base(numbers: _Numbers, parent: list[str]) -> list[int]:
    """The ``v`` of every SenML record of the list."""
    pack = parent[:-1] if parent and parent[-1].startswith("[") else parent
    return [index for index, steps in numbers if _under(steps, pack) is not None and steps[-1] == "v"]
