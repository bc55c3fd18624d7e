"""A value with its unit in one string: ``20.6 °C``, ``45 %``, ``12.5V``, ``1,013 hPa``, ``2.3(low battery)``."""

import re
from functools import lru_cache

from agent.domain.unit import parse_unit

_UNIT = re.compile(r"[ \u00a0\u202f]{0,2}([^\s\d,;:=<>{}\[\]\"'&?!#|~()+@\\-][^\s,;:=<>{}\[\]\"'&?!#|~()@\\]{0,15})")
_SPACED_UNIT = re.compile(r"[ \u00a0\u202f]{0,2}([^\s\d,;:=<>{}\[\]\"'&?!#|~()+@\\-][^\n\t,;:=<>{}\[\]\"'&?!#|~@\\]{0,23})")
_MOST_WORDS = 3


@lru_cache(maxsize=4096)
def is_unit(text: str) -> bool:
    """True for a unit's spelling that the ontology knows."""
    return parse_unit(text) is not None


def unit_behind(text: str, position: int, end: int) -> str | None:
    """The known unit that stands directly behind a number, one to three words of it; None where there is none."""
    match = _SPACED_UNIT.match(text, position, min(end, position + 28))
    if match is None:
        return None
    words = match[1].split(" ")[:_MOST_WORDS]
    for count in range(len(words), 0, -1):
        unit = " ".join(words[:count]).rstrip(".)/*-+ ")
        if unit and is_unit(unit) and not _goes_on(text, match.start(1) + len(unit), end):
            return unit
    return None


def _goes_on(text: str, position: int, end: int) -> bool:
    """True where a letter follows: ``m`` is not the unit of ``5 minutes``."""
    return position < end and (text[position].isalpha() or text[position] == "_")


def token_behind(text: str, position: int, end: int) -> str | None:
    """Whatever stands behind a number like a unit, known or not: the rest of ``10n``, of ``3 foo``."""
    match = _UNIT.match(text, position, end)
    return match[1] if match else None
