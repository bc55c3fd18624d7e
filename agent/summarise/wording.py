"""How facts are written: the words of a language, numbers with sensible digits, the site's units, local times."""

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from agent.domain.quantity import quantities
from agent.domain.unit import spellings
from agent.summarise.facts import FactBase, Facts, field_kinds
from agent.summarise.tables import read_tsv, rule_of

Language = Literal["en", "de", "vi"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
Conversion = Callable[[str, str], tuple[float, float] | None]
"""(unit, other unit) -> (factor, offset) from one to the other, None where there is no way."""
SIGNIFICANT = 3
MAX_DECIMALS = 6
MAX_NAME_CHARS = 60
MAX_NAMES = 3
SHORT_WINDOW = timedelta(minutes=5)
"""Times of a shorter one are written with seconds."""
SYMBOLS = {"1": "", "{#}": "", "[pH]": "", "/min": "/min", "[g]": "g", "bit/s": "bit/s"}
"""Where a sentence needs another form than devices write most."""


@dataclass(frozen=True, slots=True)
class Words:
    """A language."""

    decimal: str
    lead: str
    """How a device's name stands before a clause."""
    also: str
    """How the names of other devices stand behind a clause."""
    durations: Mapping[str, str]
    up: tuple[str, ...]
    down: tuple[str, ...]
    numerals: tuple[str, ...]
    clauses: Mapping[str, str]
    quantities: Mapping[str, str]
    states: Mapping[tuple[str, str], str]
    """The word of (quantity, "on" or "off")."""

    own: frozenset[str]
    """Every word of ours: a device's text that consists of them alone is put in quotation marks."""


@cache
def words(language: Language) -> Words:
    """The words of a language."""
    table = tomllib.loads(files("agent.summarise").joinpath(f"words/{language}.toml").read_text(encoding="utf-8"))
    names = {row["name"]: row[language] for row in read_tsv("words/quantities.tsv")}
    states = {(row["name"], state): row[f"{language}_{state}"] for row in read_tsv("words/states.tsv") for state in ("on", "off")}
    texts = [*(re.sub(r"\{\w+\}", "", clause) for clause in (*table["clauses"].values(), table["also"])), *names.values(), *states.values()]
    own = frozenset(word for text in texts for word in re.findall(r"\w+", text.casefold()))
    return Words(
        decimal=table["decimal"],
        lead=table["lead"],
        also=table["also"],
        durations=table["durations"],
        up=tuple(table["up"]),
        down=tuple(table["down"]),
        numerals=tuple(table["numerals"]),
        clauses=table["clauses"],
        quantities=names,
        states=states,
        own=own,
    )


def no_conversion(unit: str, other: str) -> tuple[float, float] | None:
    """Units stay as they are."""
    del unit, other
    return None


@dataclass(frozen=True, slots=True)
class Style:
    """How a site wants its sentences."""

    language: Language = "en"
    zone: tzinfo | None = None
    """None: the machine's."""
    units: tuple[str, ...] = ()
    """UCUM codes to write in, instead of those that convert to them."""
    convert: Conversion = no_conversion

    @property
    def words(self) -> Words:
        """The language's words."""
        return words(self.language)


def written(fact: FactBase, facts: Facts, style: Style) -> dict[str, str]:
    """Every field of a fact as a sentence writes it."""
    unit = _Unit.of(fact, style)
    decimals = unit.decimals
    apart = [getattr(fact, name) for name in fact.apart if getattr(fact, name, None) is not None]
    while decimals is not None and decimals < MAX_DECIMALS and len({unit.number(v, decimals) for v in apart}) < len(set(apart)):
        decimals += 1
    clock = _Clock.of(facts, style.zone)
    found = {}
    for name, kind in field_kinds(fact).items():
        value = getattr(fact, name)
        match kind:
            case "number":
                found[name] = unit.number(value, decimals)
            case "change":
                found[name] = unit.change(value)
            case "rate":
                found[name] = unit.rate(value)
            case "count":
                found[name] = str(value)
            case "time":
                found[name] = clock.time(value)
            case "duration":
                found[name] = _duration(value, style.words)
            case "quantity":
                found[name] = _quantity(value, getattr(fact, "name", None), style.words)
            case "state":
                found[name] = style.words.states.get((getattr(fact, "quantity", ""), value)) or shown_name(value, style.words)
            case "name":
                found[name] = shown_name(value, style.words)
            case "names":
                found[name] = _names(value, style.words)
            case "word":
                found[name] = f"“{_one_line(value)}”"
    return found


def shown_name(text: str, language: Words) -> str:
    """A device's text on one line, cut where it is long, in quotation marks where it could be taken for our own words."""
    plain = _one_line(text)
    said = re.findall(r"\w+", plain.casefold())
    return f"“{plain}”" if said and language.own.issuperset(said) else plain


def _names(names: tuple[str, ...], language: Words) -> str:
    """A few names, and how many more there are."""
    few = ", ".join(shown_name(name, language) for name in names[:MAX_NAMES])
    return language.also.format(names=few if len(names) <= MAX_NAMES else f"{few} +{len(names) - MAX_NAMES}")


def _one_line(text: str) -> str:
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split()) or "?"
    return plain if len(plain) <= MAX_NAME_CHARS else plain[: MAX_NAME_CHARS - 1] + "…"


def _quantity(quantity: str, name: str | None, language: Words) -> str:
    told = language.quantities.get(quantity, quantity)
    return f"{told} ({shown_name(name, language)})" if name else told


@dataclass(frozen=True, slots=True)
class _Clock:
    """How times are written: with seconds where the window is short, with the date where it is not that of the window's last instant."""

    zone: tzinfo | None
    today: date | None
    has_seconds: bool

    @classmethod
    def of(cls, facts: Facts, zone: tzinfo | None) -> "_Clock":
        if facts.window is None:
            return cls(zone, None, has_seconds=False)
        last = facts.window.end - timedelta(microseconds=1)
        return cls(zone, last.astimezone(zone).date(), facts.window.end - facts.window.start < SHORT_WINDOW)

    def time(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        written = local.strftime("%H:%M:%S" if self.has_seconds else "%H:%M")
        return written if self.today in (None, local.date()) else f"{local.date().isoformat()} {written}"


def _duration(seconds: float, language: Words) -> str:
    name, size = next((pair for pair in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)) if seconds >= 1.5 * pair[1]), ("s", 1.0))
    amount = seconds / size
    if name == "s" and amount < 0.5:
        return f"< 1 {language.durations[name]}"
    plain = f"{amount:.1f}" if amount < 10 and name != "s" else f"{amount:.0f}"
    return f"{plain.removesuffix('.0').replace('.', language.decimal)} {language.durations[name]}"


@dataclass(frozen=True, slots=True)
class _Unit:
    """A fact's unit as it is written, and the way to it."""

    symbol: str
    factor: float
    offset: float
    decimals: int | None
    point: str

    @classmethod
    def of(cls, fact: FactBase, style: Style) -> "_Unit":
        quantity, code = getattr(fact, "quantity", None), getattr(fact, "unit", None)
        decimals = rule_of(quantity).decimals if quantity in quantities() else None
        if code is not None and quantity in quantities() and code != quantities()[quantity].unit:
            decimals = None
        factor, offset = 1.0, 0.0
        for wanted in style.units:
            if code is not None and code != wanted and (found := style.convert(code, wanted)) is not None:
                code, (factor, offset) = wanted, found
                break
        return cls(unit_symbol(code), factor, offset, decimals, style.words.decimal)

    def number(self, value: float, decimals: int | None) -> str:
        return self._with_symbol(value * self.factor + self.offset, decimals)

    def change(self, value: float) -> str:
        scaled = value * self.factor
        decimals = self.decimals
        if decimals is not None and 0 < abs(scaled) < 10.0**-decimals:  # a small step is worth its digits
            decimals = min(MAX_DECIMALS, 1 - math.floor(math.log10(abs(scaled))))
        return self._with_symbol(scaled, decimals)

    def rate(self, value: float) -> str:
        plain = _digits(value * self.factor, None, self.point)
        return f"{plain} {self.symbol}/h" if self.symbol else f"{plain} /h"

    def _with_symbol(self, value: float, decimals: int | None) -> str:
        plain = _digits(value, decimals, self.point)
        space = "" if self.symbol in ("", "°") else " "
        return f"{plain}{space}{self.symbol}"


def _digits(value: float, decimals: int | None, point: str) -> str:
    if decimals is None:
        magnitude = math.floor(math.log10(abs(value))) if value else 0
        decimals = min(MAX_DECIMALS, max(0, SIGNIFICANT - 1 - magnitude))
        text = f"{value:.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{value:.{decimals}f}"
    if not text.strip("-0."):
        text = text.lstrip("-")
    return text.replace(".", point)


@cache
def unit_symbol(code: str | None) -> str:
    """How a unit is written: the commonest spelling of its UCUM code; empty for none."""
    if not code or code in SYMBOLS:
        return SYMBOLS[code] if code else ""
    try:
        return spellings(code)[0]
    except (KeyError, IndexError):
        return code
