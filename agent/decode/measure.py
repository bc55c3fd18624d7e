"""A value with its unit in one string: ``20.6 °C``, ``45 %``, ``12.5V``, ``1,013 hPa``, ``2.3(low battery)``."""

import re
from functools import lru_cache

from agent.decode.lexer import CJK
from agent.domain.unit import parse_unit

_END = r",;:=<>{}\[\]\"'&?!#|~@\\，。；：、！？（）【】"
_UNIT = re.compile(rf"[ \u00a0\u202f]{{0,2}}([^\s\d()+{_END}-][^\s(){_END}]{{0,15}})")
_SPACED_UNIT = re.compile(rf"[ \u00a0\u202f]{{0,2}}([^\s\d()+{_END}-][^\n\t{_END}]{{0,23}})")
_BEFORE_NEXT = re.compile(
    r"[ \u00a0]?([^\d\s/|+-][^\d\s/|]{0,3})[ ]?[/|][ ]?[+\-−]?\d{1,9}(?:[.,]\d{1,9})?[ ]?(?:%|°|℃|dB|(?:m?V|hPa|C)(?![^\W_]))"
)
_MOST_WORDS = 3
_MOST_IDEOGRAPHS = 4
_LATIN_THEN_CJK = re.compile(rf"[^\s{CJK}]{{1,15}}(?=[{CJK}])")
_CJK = re.compile(rf"[{CJK}]{{1,{_MOST_IDEOGRAPHS}}}")
_SIGN_OF_KEY = re.compile(r"[:=](?=\S)|:[ \t]{1,4}[+\-−]?\.?\d")


@lru_cache(maxsize=4096)
def is_unit(text: str) -> bool:
    """True for a unit's spelling that the ontology knows."""
    return parse_unit(text) is not None


def unit_behind(text: str, position: int, end: int) -> str | None:
    """The known unit that stands directly behind a number, one to three words of it; None where there is none."""
    if unit := unit_before_next(text, position, end):
        return unit
    match = _SPACED_UNIT.match(text, position, min(end, position + 28))
    if match is None:
        return None
    words = match[1].split(" ")[:_MOST_WORDS]
    is_apart = match.start(1) > position
    for count in range(len(words), 0, -1):
        unit = " ".join(words[:count]).rstrip(".)/*-+ ")
        unit_end = match.start(1) + len(unit)
        if unit and is_unit(unit) and not _goes_on(text, unit_end, end) and not (is_apart and _is_key(unit, text, unit_end, end)):
            return unit
    return _unit_in_run(words[0])


def unit_before_next(text: str, position: int, end: int) -> str | None:
    """The unit before a stroke and a second number with a unit that nothing is measured per: ``V`` of ``3.6V/87%``, not ``5 imp/10l``."""
    match = _BEFORE_NEXT.match(text, position, end)
    return match[1] if match and is_unit(match[1]) else None


def _unit_in_run(word: str) -> str | None:
    """The unit that a word without blanks begins with: ``%`` of ``%です``, ``度`` of ``度以上``, the longest that is known."""
    if latin := _LATIN_THEN_CJK.match(word):
        return latin[0] if is_unit(latin[0]) else None
    run = _CJK.match(word)
    for count in range(len(run[0]) if run else 0, 0, -1):
        if is_unit(word[:count]):
            return word[:count]
    return None


def _goes_on(text: str, position: int, end: int) -> bool:
    """True where a letter follows: ``m`` is not the unit of ``5 minutes``."""
    return position < end and (text[position].isalpha() or text[position] == "_")


def _is_key(word: str, text: str, position: int, end: int) -> bool:
    """True where the word behind a number and a blank names the next value: ``V`` of ``T:21.5 V:3.3``."""
    return word[0].isalpha() and _SIGN_OF_KEY.match(text, position, end) is not None


def token_behind(text: str, position: int, end: int) -> str | None:
    """Whatever stands behind a number like a unit, known or not: the rest of ``10n``, of ``3 foo``."""
    match = _UNIT.match(text, position, end)
    return match[1] if match else None
