"""One leaf of a structured or delimited payload -> its candidates, which never overlap.

The leaf itself, the number in front of its unit, or the numbers in its text, each under the words before it
(``status.Humidity``).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from agent.decode.escapes import characters_placed
from agent.decode.gather import Gather
from agent.decode.kinds import classify
from agent.decode.lexer import BLANK_GROUPS, PLAIN_NUMBER, tokens
from agent.decode.limits import MAX_KEY_CHARS, MAX_PHRASE_CHARS
from agent.decode.measure import is_unit, token_behind, unit_before_next, unit_behind
from agent.domain.document import Kind

_MEASURE = re.compile(
    rf"([+\-−]?(?:{PLAIN_NUMBER}(?:[eE][+-]?\d{{1,3}})?|{BLANK_GROUPS}))(?:'|[ \u00a0\u202f]{{0,2}})([^\d\s].{{0,40}})", re.DOTALL
)
_SPACE = " \t\r\n\u00a0\x00"
_HEX_LIKE = re.compile(r"[0-9A-Fa-f]{2,}")
_HEX_TAIL = re.compile(r"[abef]|(?!db\Z)[a-f]{2,}")
_PERCENT = re.compile(r"%3[dD]|%3[bB]|%26|%2[cC]|[=;&,]")
_ANGLE = r"\d{1,3}[ ]?[°ºd][ ]?\d{1,2}(?:\.\d{1,8})?[ ]?['′’](?:[ ]?\d{1,2}(?:\.\d{1,8})?[ ]?(?:\\?\"|″|''))?"
_POSITION = re.compile(rf"[NSEW][ ]?{_ANGLE}|{_ANGLE}[ ]?[NSEW]")
"""A latitude or a longitude in degrees, minutes and perhaps seconds: ``33°52.12'S``."""
_IDENTIFIER = re.compile(r"[^\s:=]{1,40}:[0-9A-Fa-f]{1,20}|\d{1,8}(?:[abef]|[a-f]{2,8})")
_WORDS_WITH_DIGITS = frozenset("2D 3D 2WD 4WD 4X4 3G 4G 5G 4K 8K".split())
"""A digit and what could be a unit, and yet one word: the kind of a fix, a drive, a network, a picture."""
_MOST_NAME_WORDS = 4
_MOST_LEAF_CHARS = 256
_SIGNS = ("=", ":")


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the white space around it."""
    while start < end and text[start] in _SPACE:
        start += 1
    while end > start and text[end - 1] in _SPACE:
        end -= 1
    return start, end


def add_leaf(gather: Gather, path: str, start: int, end: int, unit_text: str | None = None) -> None:
    r"""The candidates of ``text[start:end]``, which stands under ``path``; ``unit_text`` is a unit stated elsewhere.

    Where characters are written as ``\u00b0`` or ``&deg;`` beside digits, they are read in a copy that has them.
    """
    start, end = trim(gather.text, start, end)
    literal = gather.text[start:end]
    if "\\u" in literal or "&" in literal:
        plain, offsets = characters_placed(literal)
        if plain != literal and any(char.isdecimal() for char in plain):
            copy = Gather(plain)
            _add_plain(copy, path, *trim(plain, 0, len(plain)), unit_text)
            gather.add_placed(copy.candidates(), start, offsets)
            gather.drop(copy.dropped)
            return
    _add_plain(gather, path, start, end, unit_text)


def _add_plain(gather: Gather, path: str, start: int, end: int, unit_text: str | None) -> None:
    literal = gather.text[start:end]
    kind = classify(literal)
    if kind != "word" or literal.upper() in _WORDS_WITH_DIGITS or not any(char.isdecimal() for char in literal):
        if kind == "word" and len(literal) > MAX_PHRASE_CHARS:
            kind = "opaque"
        gather.add(path, start, end, kind, unit_text if kind == "number" else None)
    elif _POSITION.fullmatch(literal):
        gather.add(path, start, end, "word")
    elif (stroke := _stroke(gather.text, start, end)) is not None:
        _add_plain(gather, path, *trim(gather.text, start, stroke), unit_text)
        _add_plain(gather, path, *trim(gather.text, stroke + 1, end), unit_text)
    elif not _add_measure(gather, path, start, end, unit_text) and not _add_numbers(gather, path, start, end):
        gather.add(path, start, end, "word" if " " in literal and len(literal) <= MAX_PHRASE_CHARS else "opaque")


def _stroke(text: str, start: int, end: int) -> int | None:
    """Where a leaf of two measurements has its stroke: ``3.6V/87%``."""
    match = _MEASURE.fullmatch(text, start, end)
    unit = unit_before_next(text, match.end(1), end) if match else None
    if match is None or unit is None:
        return None
    behind = text.index(unit, match.end(1)) + len(unit)
    return next(at for at in range(behind, end) if text[at] in "/|")


def _add_measure(gather: Gather, path: str, start: int, end: int, unit_text: str | None) -> bool:
    """True where the leaf is a number and the rest is its unit."""
    match = _MEASURE.fullmatch(gather.text, start, end)
    if match is None:
        return False
    number_end, rest = match.end(1), match[2]
    if match.start(2) == number_end and match[1].isdigit() and _HEX_TAIL.fullmatch(rest):
        return False
    unit = unit_behind(gather.text, match.start(2), end)
    if unit is None and " " in match[1]:
        return False
    if unit is None or len(unit) < len(rest.rstrip()):
        if rest[0] == "(" and rest.rstrip().endswith(")"):
            inner = rest.rstrip()[1:-1].strip()
            unit = inner if is_unit(inner) else None
        elif unit is None or rest[len(unit)] not in " (,;/" or any(char.isdigit() for char in rest[len(unit) :]):
            unit = token_behind(gather.text, match.start(2), end)
            if unit is None or len(unit) < len(rest) or (match.start(2) == number_end and _is_identifier(match[1], unit)):
                return False
    gather.add(path, start, number_end, "number", unit or unit_text, _leaf(gather, start, end))
    return True


def _is_identifier(number: str, rest: str) -> bool:
    """True where digits and letters are one identifier (``03f``, ``4ch``), not a number and its unit."""
    if not rest.isascii() or not rest[-1].isalnum():
        return not is_unit(rest) and "_" in rest
    if number.isdigit() and ((number[0] == "0" and len(number) > 1) or any(char.isdigit() for char in rest)):
        return True
    return not is_unit(rest) and (len(rest) > 3 or _HEX_LIKE.fullmatch(rest) is not None)


def _add_numbers(gather: Gather, path: str, start: int, end: int) -> bool:
    """True where the leaf is a text that states measurements; they, its times and nothing else become candidates."""
    text = gather.text
    if "%3D" in text[start:end] or "%3d" in text[start:end]:
        return _add_percent_pairs(gather, path, start, end)
    found = list(_stated(text, start, end))
    if not any(item.is_telling for item in found) or (len(found) == 1 and _IDENTIFIER.fullmatch(text, start, end)):
        return False
    leaf = _leaf(gather, start, end)
    for item in found:
        name = item.name[:MAX_KEY_CHARS]
        item_path = f"{path}.{name}" if name and path else path or name
        gather.add(item_path, item.start, item.end, item.kind, item.unit_text, leaf)
    return True


def _leaf(gather: Gather, start: int, end: int) -> str:
    return gather.text[start:end] if end - start <= _MOST_LEAF_CHARS else ""


class _Stated(NamedTuple):
    """A number or a time in a text, under the words before it; telling where it must be a value."""

    name: str
    start: int
    end: int
    kind: Kind
    unit_text: str | None
    is_telling: bool


def _stated(text: str, start: int, end: int) -> Iterator[_Stated]:
    words: list[str] = []
    read_until = start
    for token in tokens(text, start, end):
        if token.kind == "word" and token.start >= read_until and len(words) < _MOST_NAME_WORDS:
            words.append(text[token.start : token.end])
        if token.kind == "time":
            yield _Stated(" ".join(words), token.start, token.end, "time", None, is_telling=False)
        elif token.kind == "number":
            unit = unit_behind(text, token.end, end)
            has_point = "." in text[token.start : token.end]
            if not unit and not has_point and token.end < end and (text[token.end].isalpha() or text[token.end] == "_"):
                continue
            is_telling = unit is not None or has_point or text[max(start, token.start - 2) : token.start].strip()[-1:] in _SIGNS
            yield _Stated(" ".join(words), token.start, token.end, "number", unit, is_telling)
            read_until = text.index(unit, token.end) + len(unit) if unit else token.end
        else:
            continue
        words = []


def _add_percent_pairs(gather: Gather, path: str, start: int, end: int) -> bool:
    """The values of pairs whose signs are percent-encoded: ``l%3D0.22%3Bt%3D21.2``; False where there is none."""
    at, name = start, ""
    count = len(gather)
    for cut in [*_PERCENT.finditer(gather.text, start, end), None]:
        piece = (at, cut.start() if cut else end)
        is_key = cut is not None and cut[0].upper() in ("%3D", "=")
        if is_key:
            name = gather.text[slice(*piece)][:MAX_KEY_CHARS]
        elif (kind := classify(gather.text[slice(*piece)])) not in ("word", "null"):
            gather.add(f"{path}.{name}" if name else path, *piece, kind)
        at = cut.end() if cut else end
    return len(gather) > count or gather.is_full
