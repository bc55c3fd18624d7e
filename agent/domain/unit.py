"""UCUM codes and the spellings that devices give them, from ``units.tsv`` beside this file.

Only look-up lives here; conversion is the work of ``agent.normalise``.
"""

import unicodedata
from functools import cache
from importlib.resources import files


@cache
def _table() -> dict[str, tuple[str, ...]]:
    text = files("agent.domain").joinpath("units.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line.strip() and not line.startswith("#"))
    header = next(rows)
    assert header == ["code", "spellings"], header
    return {row[0]: tuple(part.strip() for part in (row[1] if len(row) > 1 else "").split(" | ") if part.strip()) for row in rows}


@cache
def codes() -> tuple[str, ...]:
    """Every UCUM code, in the order of the file, which is the order of the model's label set."""
    return tuple(_table())


def spellings(code: str) -> tuple[str, ...]:
    """How devices write the unit, the commonest first."""
    return _table()[code]


def _key(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().strip("[]()").strip().rstrip(".")


@cache
def _exact() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, names in _table().items():
        for name in (code, *names):
            found.setdefault(_key(name), code)
    return found


@cache
def _folded() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, code in _exact().items():
        found.setdefault(name.replace(" ", "").casefold(), code)
    return found


def parse_unit(text: str) -> str | None:
    """The UCUM code that a spelling stands for, or None. Case decides only where it has to (``mW``, ``MW``)."""
    key = _key(text)
    if not key:
        return None
    return _exact().get(key) or _folded().get(key.replace(" ", "").casefold())
