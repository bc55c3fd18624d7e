"""The little language of values in the data files: ``0..100:1``, ``on|off``, ``@iso``, ``20..30:1 as {} °C``.

A spec is parsed once into a ``ValueSpec``; ``draw`` gives a ``Drawn``: the text as it stands in a payload, where the
literal lies in that text, and whether JSON would quote it. See README.md beside this file.
"""

import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from agent.errors import DataError

_NUMBER = re.compile(r"^(?P<sign>\+?)(?P<op>[\^~]?)(?P<a>-?\d+(?:\.\d+)?)\.\.(?P<b>-?\d+(?:\.\d+)?)(?::(?P<d>\d+))?(?P<comma>,?)$")
_LIST = re.compile(r"^\[(\d+)\]\s*(.+)$", re.DOTALL)
_BARE = re.compile(r"^(true|false|null|-?\d+(\.\d+)?)$")

_ROOMS = (
    "kitchen living_room bedroom bathroom attic basement garage office hall garden greenhouse workshop cellar "
    "balcony terrace laundry nursery barn shed roof pool lab plant1 hall2 line3 room12 zone1 north south"
).split()
_WORDS = (
    "alpha beacon cedar delta ember falcon gamma harbor iris juniper kestrel lima maple nova orion pine quartz river "
    "sierra tango umbra vega willow zephyr node unit sensor probe main aux box meter station gateway"
).split()


def _hex(rng: random.Random, digits: int) -> str:
    text = "".join(rng.choices("0123456789abcdef", k=digits))
    return text.upper() if rng.random() < 0.4 else text


def _moment(rng: random.Random) -> datetime:
    return datetime(2019, 1, 1, tzinfo=UTC) + timedelta(seconds=rng.randrange(0, 8 * 365 * 86400))


def _mac(rng: random.Random) -> str:
    pairs = [_hex(rng, 2) for _ in range(6)]
    joined = rng.choice([":", ":", "-", ""]).join(pairs)
    return joined.upper() if rng.random() < 0.5 else joined.lower()


def _name(rng: random.Random) -> str:
    word = rng.choice(_WORDS)
    style = rng.randrange(5)
    if style == 0:
        return f"{word}-{rng.randrange(1, 100)}"
    if style == 1:
        return f"{rng.choice(_ROOMS)}_{word}"
    if style == 2:
        return f"{word.title()} {rng.choice(_ROOMS).replace('_', ' ').title()}"
    if style == 3:
        return f"{word}{rng.randrange(1, 1000):03d}"
    return f"{rng.choice('ABCDEFGHKLMPRSTWX')}{rng.choice('ABCDEFGHKLMPRSTWX')}-{_hex(rng, 4).upper()}"


def _version(rng: random.Random) -> str:
    parts = [str(rng.randrange(0, 20)) for _ in range(rng.choice([2, 3, 3, 4]))]
    return rng.choice(["", "", "v", "V"]) + ".".join(parts) + rng.choice(["", "", "", "-rc1", "b", f"-{_hex(rng, 7)}"])


def _sentence(rng: random.Random) -> str:
    return " ".join(rng.choices([*_WORDS, "is", "the", "of", "on", "started", "ready", "updated"], k=rng.randrange(3, 8)))


def _iso(rng: random.Random) -> str:
    text = _moment(rng).strftime("%Y-%m-%dT%H:%M:%S")
    return text + rng.choice(["", "Z", "+00:00", "+02:00", ".123Z", f".{rng.randrange(10**6):06d}"])


FILLERS: dict[str, Callable[[random.Random], str]] = {
    "iso": _iso,
    "isoz": lambda rng: _moment(rng).strftime("%Y-%m-%dT%H:%M:%S") + rng.choice(["Z", ".000Z", f".{rng.randrange(10**9):09d}Z"]),
    "epoch": lambda rng: str(int(_moment(rng).timestamp())),
    "epochms": lambda rng: str(int(_moment(rng).timestamp() * 1000) + rng.randrange(1000)),
    "datetime": lambda rng: _moment(rng).strftime(
        rng.choice(["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%d.%m.%y %H:%M"])
    ),
    "date": lambda rng: _moment(rng).strftime(rng.choice(["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y%m%d"])),
    "clock": lambda rng: _moment(rng).strftime(rng.choice(["%H:%M:%S", "%H:%M"])),
    "nmeatime": lambda rng: _moment(rng).strftime("%H%M%S") + rng.choice(["", ".00", ".000"]),
    "mac": _mac,
    "hex8": lambda rng: _hex(rng, 8),
    "hex16": lambda rng: _hex(rng, 16),
    "hex32": lambda rng: _hex(rng, 32),
    "hex2": lambda rng: _hex(rng, 2).upper(),
    "hex4": lambda rng: _hex(rng, 4),
    "uuid": lambda rng: "-".join(_hex(rng, n).lower() for n in (8, 4, 4, 4, 12)),
    "serial": lambda rng: rng.choice(["", "", "SN", "A", "WM", "EM-"]) + str(rng.randrange(10**4, 10 ** rng.choice([6, 8, 10]))),
    "ip": lambda rng: f"192.168.{rng.randrange(0, 4)}.{rng.randrange(2, 255)}",
    "url": lambda rng: f"http://{rng.choice(_WORDS)}.local/{rng.choice(_WORDS)}",
    "version": _version,
    "name": _name,
    "room": lambda rng: rng.choice(_ROOMS),
    "base64": lambda rng: "".join(rng.choices("ABCDEFGHabcdefgh0123456789+/", k=4 * rng.randrange(2, 9))) + rng.choice(["", "=", "=="]),
    "word": lambda rng: rng.choice(_WORDS),
    "int": lambda rng: str(rng.randrange(0, 10 ** rng.choice([1, 2, 3, 5]))),
    "bytes": lambda rng: " ".join(_hex(rng, 2) for _ in range(rng.randrange(3, 9))),
    "sentence": _sentence,
    "imei": lambda rng: str(rng.randrange(35 * 10**13, 36 * 10**13)),
    "email": lambda rng: f"{rng.choice(_WORDS)}@{rng.choice(_WORDS)}.example",
}
_NUMERIC_FILLERS = {"epoch", "epochms", "int"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawn value: ``text[start:start + len(literal)] == literal``; ``quoted`` tells whether JSON quotes it."""

    text: str
    literal: str
    start: int
    quoted: bool


@dataclass(frozen=True, slots=True)
class ValueSpec:
    """A parsed spec. ``samples`` > 0 makes a list of so many draws; ``maybe`` means sometimes absent or null."""

    source: str
    draw: Callable[[random.Random], Drawn] = field(repr=False)
    samples: int = 0
    maybe: bool = False


def _number(match: re.Match[str], quoted: bool, form: str | None) -> Callable[[random.Random], Drawn]:
    low, high = float(match["a"]), float(match["b"])
    decimals = int(match["d"] or 0)
    op, comma, signed = match["op"], bool(match["comma"]), bool(match["sign"])

    def draw(rng: random.Random) -> Drawn:
        if op == "^":
            floor = max(low, 10.0 ** -max(decimals, 1))
            value = math.exp(rng.uniform(math.log(floor), math.log(max(high, floor * 1.01))))
        elif op == "~":
            value = rng.gauss(low, high)
        else:
            value = rng.uniform(low, high)
        text = f"{value:.{decimals}f}"
        if float(text) == 0:
            text = text.lstrip("-")
        if signed:
            text = text if text.startswith("-") else "+" + text
        elif not comma and decimals and rng.random() < 0.15:
            text = text.rstrip("0").rstrip(".") or "0"
        if comma:
            text = text.replace(".", ",")
        if form is None:
            return Drawn(text, text, 0, quoted or comma)
        before, _, after = form.partition("{}")
        return Drawn(before + text + after, text, len(before), True)

    return draw


def _choice(words: list[str], form: str | None) -> Callable[[random.Random], Drawn]:
    """One of some words; ``@name`` among them is drawn as the filler that it names."""
    fillers = {word: _filler(word[1:], form) for word in words if word.startswith("@")}
    before, _, after = (form or "{}").partition("{}")

    def draw(rng: random.Random) -> Drawn:
        word = rng.choice(words)
        if word in fillers:
            return fillers[word](rng)
        if len(word) >= 2 and word[0] == word[-1] == '"':
            return Drawn(before + word[1:-1] + after, word[1:-1], len(before), True)
        return Drawn(before + word + after, word, len(before), form is not None or not _BARE.match(word))

    return draw


def _filler(name: str, form: str | None) -> Callable[[random.Random], Drawn]:
    make = FILLERS[name]

    def draw(rng: random.Random) -> Drawn:
        text = make(rng)
        if form is None:
            return Drawn(text, text, 0, name not in _NUMERIC_FILLERS)
        before, _, after = form.partition("{}")
        return Drawn(before + text + after, text, len(before), True)

    return draw


def parse_value(source: str) -> ValueSpec:
    """A ``ValueSpec`` from its text. Raises ``DataError`` with the text where it is none."""
    spec = source.strip()
    maybe = spec.endswith(" ?")
    if maybe:
        spec = spec[:-2].rstrip()
    samples = 0
    if match := _LIST.match(spec):
        samples, spec = int(match[1]), match[2].strip()
    core, _, form = spec.partition(" as ")
    form_or_none = form.strip() or None
    if form_or_none is not None and form_or_none.count("{}") != 1:
        raise DataError(f"value {source!r}: the text behind 'as' must hold {{}} once")
    core = core.strip()
    quoted = len(core) > 2 and core[0] == core[-1] == '"' and ("|" not in core) and bool(_NUMBER.match(core[1:-1]))
    number = _NUMBER.match(core[1:-1] if quoted else core)
    if number:
        if number["op"] != "~" and float(number["a"]) > float(number["b"]):
            raise DataError(f"value {source!r}: the range is upside down")
        return ValueSpec(source, _number(number, quoted, form_or_none), samples, maybe)
    if core.startswith('"@') and core[2:-1] in FILLERS:
        core = core[1:-1]
    if core.startswith("@"):
        if core[1:] not in FILLERS:
            raise DataError(f"value {source!r}: no such filler; there are {', '.join(sorted(FILLERS))}")
        return ValueSpec(source, _filler(core[1:], form_or_none), samples, maybe)
    if re.search(r"\d\.\.+\d", core):
        raise DataError(f"value {source!r}: not a range such as 0..100:1")
    if not spec:
        raise DataError(f"value {source!r}: empty")
    words = [word.strip() for word in (core if form_or_none else spec).split("|")]
    if unknown := [word for word in words if word.startswith("@") and word[1:] not in FILLERS]:
        raise DataError(f"value {source!r}: no such filler as {unknown[0]}; there are {', '.join(sorted(FILLERS))}")
    if any(not word for word in words):
        raise DataError(f"value {source!r}: an empty word between bars")
    return ValueSpec(source, _choice(words, form_or_none), samples, maybe)
