"""The names that devices give to quantities, and the things that are no readings, from ``quantities/*.toml``."""

import random
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from agent.domain.quantity import quantities
from agent.domain.unit import codes
from agent.errors import DataError
from models.data.values import ValueSpec, parse_value

QUANTITIES = Path(__file__).parent / "quantities"
LANGUAGES = "en de fr es nl it pl pt sv cs ru zh ja vi da no fi hu ro tr uk ko id sk".split()


@dataclass(frozen=True, slots=True)
class Word:
    """What a quantity may be called, and the values it takes by unit."""

    quantity: str
    values: tuple[tuple[str | None, ValueSpec], ...]
    names: dict[str, tuple[str, ...]]
    """By language; ``symbols``, ``title``, ``topic`` and ``parts`` stand beside the languages."""
    by_unit: dict[str, tuple[str, ...]] = field(default_factory=dict)
    inverted: tuple[str, ...] = ()
    inverted_values: tuple[tuple[str | None, ValueSpec], ...] = ()
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """State words by language, ``on|off`` each."""


@dataclass(frozen=True, slots=True)
class Negative:
    """Names of something that is no reading, and its values."""

    names: tuple[str, ...]
    values: tuple[ValueSpec, ...]


def _valued(specs: Iterable[str]) -> tuple[tuple[str | None, ValueSpec], ...]:
    done = []
    for spec in specs:
        code, _, rest = spec.partition(" ")
        if code != "-" and code not in codes():
            raise DataError(f"no unit {code!r} in units.tsv")
        done.append((None if code == "-" else code, parse_value(rest)))
    return tuple(done)


def _word(name: str, table: dict[str, Any]) -> Word:
    if name not in quantities():
        raise DataError("not in the ontology")
    names = {key: tuple(value) for key, value in table.items() if key in (*LANGUAGES, "parts", "topic", "title", "symbols")}
    words = {key.removeprefix("words_"): tuple(value) for key, value in table.items() if key.startswith("words_")}
    by_unit = {code: tuple(value) for code, value in table.get("by_unit", {}).items() if code in codes()}
    return Word(
        name,
        _valued(table.get("values", ())),
        names,
        by_unit,
        tuple(table.get("inverted", ())),
        _valued(table.get("inverted_values", ())),
        words,
    )


@cache
def read_lexicon(folder: Path = QUANTITIES) -> tuple[dict[str, Word], tuple[Negative, ...]]:
    """All words by quantity, and the negatives. Raises ``DataError`` naming file and table."""
    lexicon: dict[str, Word] = {}
    negatives: list[Negative] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise DataError(f"{path.name}: {error}") from error
        for name, table in tables.items():
            try:
                if name == "negative":
                    negatives += [Negative(tuple(row["names"]), tuple(parse_value(value) for value in row["values"])) for row in table]
                else:
                    lexicon[name] = _word(name, table)
            except DataError as error:
                raise DataError(f"{path.name}: [{name}]: {error}") from error
    return lexicon, tuple(negatives)


CASES = ("snake", "snake", "camel", "pascal", "flat", "kebab", "upper", "blank", "as_is")


def cased(name: str, case: str) -> str:
    """A name of several words in a casing; one that has its own (``TempC``) keeps it."""
    if case == "as_is" or (re.search(r"[A-Z]", name) and " " not in name):
        return name.replace(" ", "_") if case != "blank" else name
    parts = name.split(" ")
    if case == "camel":
        return parts[0] + "".join(part[:1].upper() + part[1:] for part in parts[1:])
    if case == "pascal":
        return "".join(part[:1].upper() + part[1:] for part in parts)
    if case == "flat":
        return "".join(parts)
    if case == "kebab":
        return "-".join(parts)
    if case == "upper":
        return "_".join(parts).upper()
    if case == "blank":
        return " ".join(part[:1].upper() + part[1:] for part in parts)
    return "_".join(parts)


def pick_language(rng: random.Random) -> str:
    """English half of the time, else one of the others."""
    return "en" if rng.random() < 0.55 else rng.choice(LANGUAGES[1:])
