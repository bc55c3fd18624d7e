"""Commas inside numbers, which no delimiter may cut: a unit behind the digits tells (``21,5 °C``), or a name before them (``Temp 21,5``).

Elsewhere a comma between digits stays what the format makes of it, in CSV a delimiter: ``21,45,1013``, ``node1,45%``.
"""

import re
from collections.abc import Iterator

from agent.decode.lexer import CJK, PLAIN_NUMBER
from agent.decode.measure import unit_behind

_NUMBER = re.compile(rf"(?:(?<![\w.,])|(?<=[{CJK}]))(?<!\d:)(?<![A-Za-z][-+])[+\-−]?{PLAIN_NUMBER}")
_NAMED = re.compile(r"(?<![^\s;|])([^\W\d]\w{0,23})[ \t]{1,4}[+\-−]?\d{1,9},\d{1,9}(?![^\s;|])")


def comma_measures(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of numbers with a comma and a known unit behind, from the number's first digit or sign to the unit's end."""
    for number in _NUMBER.finditer(text, start, end):
        commas = number[0].count(",")
        if commas == 1 or (commas and "." in number[0]):
            unit = unit_behind(text, number.end(), end)
            if unit is not None:
                yield number.start(), text.index(unit, number.end()) + len(unit)


def has_named_decimals_only(text: str) -> bool:
    """True where each comma stands in a number behind a name of its own: ``Temp 21,5``; not in ``Room 1,45`` above ``Room 2,47``."""
    names = [match[1] for match in _NAMED.finditer(text)]
    return 0 < len(names) == text.count(",") and len(set(names)) == len(names)
