"""The closed list of quantities, from ``quantities.tsv`` beside this file."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

QuantityKind = Literal["number", "binary", "state", "text", "time"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity's name, the kind of its values, its usual UCUM unit (or None) and its meaning in a few words."""

    name: str
    kind: QuantityKind
    unit: str | None
    meaning: str


@cache
def quantities() -> dict[str, Quantity]:
    """Every quantity by name, in the order of the file, which is the order of the model's label set."""
    text = files("agent.domain").joinpath("quantities.tsv").read_text(encoding="utf-8")
    rows = csv.reader((line for line in text.splitlines() if line and line[0] != "#"), delimiter="\t")
    header = next(rows)
    assert header == ["name", "kind", "unit", "meaning"], header
    return {
        name: Quantity(name, kind, None if unit == "-" else unit, meaning)  # type: ignore[arg-type]
        for name, kind, unit, meaning in rows
    }


@cache
def units_of() -> dict[str, frozenset[str]]:
    """The UCUM codes that each quantity is known to be sent in, from ``quantity_units.tsv``; a quantity without units is not in it."""
    text = files("agent.domain").joinpath("quantity_units.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and line[0] != "#"]
    assert rows[0] == ["quantity", "units"], rows[0]
    return {name: frozenset(units.split()) for name, units in rows[1:]}
