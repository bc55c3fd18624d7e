"""One cell of a telegram or a table -> its candidates.

Unlike a leaf of JSON, a cell's letters may be glued to its number: ``T000.0``, ``26.1C``, ``3201.5517N``, ``GY-6``,
``c220s004g005``.
"""

import re

from agent.decode.decimals import comma_measures, has_named_decimals_only
from agent.decode.gather import Gather
from agent.decode.kinds import NUMBER, classify
from agent.decode.leaf import add_leaf, trim
from agent.decode.lexer import PLAIN_NUMBER, tokens
from agent.decode.measure import is_unit, unit_behind

_PREFIXED = re.compile(r"([A-Za-z]{1,4}:?)([+\-−]?\d{1,20}(?:\.(?![A-Za-z])\d{0,20}|,\d{1,20})?)([A-Za-z%°]{0,6})")
_SUFFIXED = re.compile(rf"([+\-−]?{PLAIN_NUMBER})([^\W\d_]{{1,4}}|%)")
_GROUPS = re.compile(r"(?:[A-Za-z]{1,2}[-+]?[\d.]{1,12}){2,32}[A-Za-z]{0,3}")
_GROUP = re.compile(r"([A-Za-z]{1,2})([-+]?\d[\d.]*)")
_HEX = re.compile(r"(?![A-Fa-f]\d{1,5}\Z)(?=[^A-Fa-f]*[A-Fa-f])(?=\D*\d)[0-9A-Fa-f]{4,}")
_SERIAL = re.compile(r"[A-Z]{2,4}-?\d{5,20}|[A-Z]{2,4}-\d{4}")
_CUT = re.compile(r"[,;|#$*]")
_NUMBER_INSIDE = re.compile(r"(?<![\w.])[+\-−]?\d{1,20}(?:\.\d{1,20})?(?![\w.])")
_PAIR = re.compile(r"([^\W\d][\w.]{0,31})(?:=|:(?![\d]{2}:))([^=;,#|]+)", re.DOTALL)
_TIME_INSIDE = re.compile(r"\d:\d\d")
_MOST_CHARS = 200


def add_cell(gather: Gather, path: str, start: int, end: int, unit_text: str | None = None, *, is_named: bool = False) -> None:
    """The candidates of the cell; an empty one has none. In a named column, and in one of devices, letters before digits are no name."""
    start, end = trim(gather.text, start, end)
    if start == end:
        return
    text = gather.text
    literal = text[start:end]
    if pair := _PAIR.fullmatch(literal):
        add_leaf(gather, pair[1], start + pair.start(2), end)
    elif (
        len(literal) > _MOST_CHARS
        or not any(char.isdigit() for char in literal)
        or NUMBER.fullmatch(literal)
        or (kind := classify(literal)) not in ("word", "opaque")
        or (kind == "opaque" and literal[0] != "V" and not _is_padded(literal))
        or _HEX.fullmatch(literal)
        or (is_named and literal[0].isalpha())
        or _SERIAL.fullmatch(literal)
        or ("," in literal and (start, end) in comma_measures(text, start, end))
    ):
        add_leaf(gather, path, start, end, unit_text)
    elif prefixed := _PREFIXED.fullmatch(literal):
        unit = prefixed[3] if prefixed[3] and is_unit(prefixed[3]) else unit_text
        name = prefixed[1].rstrip(":=")
        gather.add(f"{path} {name}".strip(), start + prefixed.start(2), start + prefixed.end(2), "number", unit)
    elif suffixed := _SUFFIXED.fullmatch(literal):
        gather.add(path, start, start + suffixed.end(1), "number", suffixed[2] if is_unit(suffixed[2]) else unit_text)
    elif _GROUPS.fullmatch(literal):
        for group in _GROUP.finditer(literal):
            gather.add(f"{path} {group[1]}".strip(), start + group.start(2), start + group.end(2), "number")
    elif cuts := _cuts(text, start, end):
        at = start
        for cut in [*cuts, end]:
            add_cell(gather, path, at, cut, unit_text)
            at = cut + 1
    elif " " in literal or (kind == "word" and _TIME_INSIDE.search(literal)):
        _add_tokens(gather, path, start, end)
    elif numbers := list(_NUMBER_INSIDE.finditer(literal)):
        for number in numbers:
            gather.add(
                path,
                start + number.start(),
                start + number.end(),
                "number",
                unit_behind(text, start + number.end(), end),
            )
    else:
        add_leaf(gather, path, start, end, unit_text)


def _cuts(text: str, start: int, end: int) -> list[int]:
    """Offsets of the marks that divide a cell once more."""
    cuts = [cut.start() for cut in _CUT.finditer(text, start, end)]
    if not cuts or has_named_decimals_only(text[start:end]):
        return []
    measures = list(comma_measures(text, start, end))
    return [cut for cut in cuts if not any(first < cut < last for first, last in measures)]


def _is_padded(literal: str) -> bool:
    """True for a number of fixed width and its unit, ``0000018185Hz``, which looks like a serial number."""
    padded = _SUFFIXED.fullmatch(literal)
    return padded is not None and literal[0] == "0" and is_unit(padded[2])


def _add_tokens(gather: Gather, path: str, start: int, end: int) -> None:
    """A cell of several words: its numbers, times and identifiers; all of it where it has none of them apart."""
    is_apart = False
    for token in tokens(gather.text, start, end):
        if token.kind == "word" or token.kind == "emoji":
            continue
        is_apart = True
        unit = unit_behind(gather.text, token.end, end) if token.kind == "number" else None
        gather.add(path, token.start, token.end, token.kind, unit)
    if not is_apart:
        add_leaf(gather, path, start, end)
