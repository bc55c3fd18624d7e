"""Pairs: ``key=value`` in any separator, ``key: value`` lines, query strings, logfmt -> leaves under their keys.

The separator is found, not configured: the text is cut at the first of a few delimiters that leaves pairs behind, and
a piece that still holds several pairs is cut again with the next one. Where too little of the text is pairs, or the
values read like sentences, the text is left to prose.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from agent.decode.decimals import comma_measures
from agent.decode.gather import Gather
from agent.decode.kinds import classify
from agent.decode.leaf import add_leaf, trim
from agent.decode.lexer import BLANK_GROUPS, PLAIN_NUMBER, tokens
from agent.decode.measure import is_unit, unit_behind
from agent.decode.phrases import is_status
from agent.decode.times import TIME, is_time

_QUOTED = r"\"[^\"\n]{0,4000}\"|'[^'\n]{0,4000}'"
_COMMA = (
    r",(?!(?<=\d,)\d{1,9}+(?![\w.-]{0,32}\s?[=:]"
    r"|\s?(?:[cmkµu]?m|ft|in|hr?|min|days?|d|st|nd|rd|th)\b[^,;|=:\n]{0,32}[=:]))"
)
"""Not between the digits of a decimal (``21,5 hum=40``), unless a key begins behind it: ``lux=5,24h rain=3``."""
_CUTS = tuple(
    re.compile(rf"(?<!\w)(?:{_QUOTED})|(?P<cut>{cut})")
    for cut in (
        r"&",
        r";",
        r"\|",
        _COMMA,
        r"[ ]/[ ]",
        r"[ ][-–—][ ](?=[^\s=:]{1,32}(?: [^\s=:]{1,16}){0,2} ?[=:](?![/\\]))",
        r"(?<![:=\t])\t+|(?<![:= ])[ ]{2,}+(?![:=])",
        r"[ ]+(?!\d{1,2}:[0-5]\d)(?=[^\s=:]{1,64}[=:](?![/\\]))",
    )
)
_KEY_CHARS = r"[^\s=:;,&|\"'<>{}!?]"
_KEY = rf"{_KEY_CHARS}{{1,64}}(?:[ ]{_KEY_CHARS}{{1,32}}){{0,4}}"
_PAIR = {
    "=": re.compile(r"\s*+[\"']?(?P<key>[^=\n\"'<>{}!?]{1,96}?)[\"']?\s{0,8}=\s*"),
    ":": re.compile(rf"\s*+(?!\[)[\"']?(?P<key>{_KEY})[\"']?\s{{0,24}}:(?!//|[()])\s*"),
}
_SIGN = {
    "=": re.compile(r"="),
    ":": re.compile(r"(?<=[^\W\d_])[\])\d°%]{0,8}(?<!\dT\d\d)[\"']?[ ]{0,24}:(?!//|[()])|(?<=\w)[ ]{1,24}:[ ]"),
}
_UNIT_IN_KEY = re.compile(r"[(\[]([^)\]]{1,16})[)\]]\s*\Z|\A[(\[]([^)\]]{1,16})[)\]]")
_ATOM_CUT = re.compile(r"\s*[,/|;]\s*|\s+")
_SENTENCE = re.compile(r"[!?]|\sis\s|[.]\s|\s\S*[.]\Z|[\u2600-\u27bf\U0001f300-\U0001faff]|\s[-/>|]+\s|>>")
_NO_KEY = re.compile(r"\A\d{4}-\d\d-\d\d|\A[A-Z][a-z]{2} {1,2}\d{1,2} \d|:\s|\]:|\d\[|#(?!\Z)|[*$@|\u2600-\u27bf\U0001f300-\U0001faff]")
_LOG_LINE = re.compile(rf"\s*\[?{TIME}\]?[ ]+[^\s=:]+[ ]")
_MARK = re.compile(r"[,/|;]")
_ONE_MEASURE = re.compile(rf"[+\-−]?(?:{PLAIN_NUMBER}|{BLANK_GROUPS})[ \u00a0\u202f]{{0,2}}([^\d\s].{{0,15}})")
_STAMP = re.compile(rf"\[?(?P<time>{TIME})(?:\]|(?=[ ])|\Z)")
_LEADING_STAMP = {
    sign: re.compile(
        rf"\s*\[?(?P<time>{TIME}|1\d{{9}}(?:\.\d{{1,9}}|\d{{3}})?)\]?[ ]?[:,;|-]?[ ]{{0,8}}(?<=[] :,;|])"
        rf"(?=[^\W\d][^\s=:,;|]{{0,63}}[ ]{{0,8}}{behind_key})"
    )
    for sign, behind_key in (("=", "="), (":", r":[ \t]{0,8}[+\-−.]?\d"))
}
"""A time or seconds since 1970 before a line's first key: ``[10:00:00] temp=21.5``, ``1714557600.123: temp=21.5``."""
_OTHER_PAIR = r"(?!T\d\d:\d\d)[^\W\d_]\w{0,31}:[^\s,;:=/][^\s,;:=]{0,63}"
_OTHER_SIGN = re.compile(rf"(?P<first>[^\s,;:=]{{1,32}})[\s,;]\s*(?P<rest>(?:{_OTHER_PAIR}(?:[\s,;]\s*|\s*\Z))+)")
"""The value of a pair with ``=`` and pairs with ``:`` behind it: ``5 T:21.3 H:45 BAT:OK``."""
_OTHERS_BEFORE = re.compile(rf"(?P<rest>(?:{_OTHER_PAIR}[\s,;]\s*)+)(?P<key>[^\s,;:=]{{1,64}})")
_ONE_OTHER = re.compile(_OTHER_PAIR)
_CLOSING = re.compile(r"[)\]]")
_QUERY = re.compile(r"[\w./-]{0,120}\?(?=[\w.%-]{1,40}=[^&\s]{0,200}&)")
"""The path before a query string."""
_DIGIT_FIRST = re.compile(r"[+\-−.]?\d")
_LINE = re.compile(r"[^\r\n]+")
_WORD = re.compile(r"[^\s\[\]]+(?:\[\w*\])?")
_DUMP = re.compile(r"(?P<name>[^\W\d][\w.$]{0,63})[ ]?(?P<open>[({\[])")
_PARTNERS = {"(": ")", "{": "}", "[": "]"}
_NAMED_STATE = re.compile(r"([^\W\d]\w{0,23}) ([^\W\d]\w{0,23})")
_NAMED_MEASURE = re.compile(
    rf"([^\W\d]\w{{0,23}}(?: [^\W\d]\w{{0,23}}){{0,2}}) ([+\-−]?(?:{PLAIN_NUMBER}|{BLANK_GROUPS}))[ \u00a0\u202f]{{0,2}}([^\d\s].{{0,15}})"
)
"""Words, a number and its unit in a piece of their own: ``heute 12,3 kWh`` behind ``PV: 3,5 kW``."""
_CLOCK_HOUR = re.compile(r"\s\d{1,2}\Z")
_LEAST_SHARE = 0.6
_MOST_REST_CHARS = 40
_MOST_VALUE_WORDS = 7
_MOST_ATOMS = 512
_MOST_STATE_WORDS = 4
_MOST_STATEMENT_CHARS = 200
_MOST_DUMP_CHARS = 4000


@dataclass(slots=True)
class _Piece:
    start: int
    end: int
    key: tuple[int, int] | None = None
    is_stamp: bool = False


class _Counts(NamedTuple):
    words: int
    numbers: int
    others: int


def read_pairs(gather: Gather) -> str | None:
    """Fill the gather; None where the text is not mainly pairs."""
    text = gather.text
    start, end = trim(text, 0, len(text))
    prefix = ""
    if text[start] in "{[<" and text[end - 1] in "}]>":
        start, end = start + 1, end - 1
    elif (dump := _DUMP.match(text, start, end)) and _is_closed_by_end(text, dump.start("open"), end):
        prefix, start, end = dump["name"], dump.end(), end - 1
    if path := _QUERY.match(text, start, end):
        start = path.end()
    for sign in "=:":
        if sign not in text or (sign == ":" and _LOG_LINE.match(text)):
            continue
        pieces = [piece for line in _LINE.finditer(text, start, end) for piece in _line(text, *line.span(), sign)]
        pairs = [piece for piece in pieces if piece.key is not None]
        rests = [piece for piece in pieces if piece.key is None and not piece.is_stamp]
        is_mainly_pairs = len(pairs) >= max(1.0, _LEAST_SHARE * (len(pairs) + len(rests)))
        if is_mainly_pairs and _are_plain(text, pairs) and not any(_is_long_rest(piece) for piece in rests):
            if sign == ":" and len(pieces) == 1 and _is_statement(text, pieces[0]):
                return None
            if sign == ":" and any(piece.is_stamp for piece in pieces) and not all(_DIGIT_FIRST.match(text, one.start) for one in pairs):
                return None
            joined = _joined(text, pieces)
            if any(piece.key is None and not piece.is_stamp and _is_wordy(text[piece.start : piece.end]) for piece in joined):
                return None
            for piece in joined:
                _add(gather, piece, prefix)
            return ""
    return None


def _is_closed_by_end(text: str, opening: int, end: int) -> bool:
    """True where the bracket that opens here is closed by the last character: ``Name(temp=21.5, hum=40)``, an object in a log."""
    depth = 0
    for at in range(opening, min(end, opening + _MOST_DUMP_CHARS)):
        depth += (text[at] == text[opening]) - (text[at] == _PARTNERS[text[opening]])
        if depth == 0:
            return at == end - 1
    return False


def add_pairs(gather: Gather, prefix: str, start: int, end: int, sign: str) -> bool:
    """The pairs of one line under a path; False, and nothing added, where a value of it reads like a sentence."""
    joined = _joined(gather.text, _cut(gather.text, start, end, sign))
    if not _are_plain(gather.text, [piece for piece in joined if piece.key is not None]):
        return False
    for piece in joined:
        _add(gather, piece, prefix)
    return True


def _is_statement(text: str, piece: _Piece) -> bool:
    """True for a name before words of several meanings, which prose tells apart: ``Fault F3012: oil 82 °C``, ``node1: battery low``."""
    key_start, key_end = piece.key or (piece.start, piece.start)
    words, numbers, others = _counts(text, piece.start, piece.end)
    if others or "\n" in text[piece.start : piece.end]:
        return False
    if numbers:
        return words > 0
    in_key = _counts(text, key_start, key_end)
    return 2 <= words <= _MOST_STATE_WORDS or (words > 0 and in_key.words > 0 and in_key.numbers > 0)


def _counts(text: str, start: int, end: int) -> _Counts:
    """How many words, numbers and other things a stretch has; a unit belongs to its number."""
    words = numbers = others = 0
    read_until = start
    for token in tokens(text, start, min(end, start + _MOST_STATEMENT_CHARS)):
        if token.start < read_until:
            continue
        if token.kind == "number":
            numbers += 1
            unit = unit_behind(text, token.end, end)
            read_until = text.index(unit, token.end) + len(unit) if unit else token.end
        elif token.kind == "word":
            words += 1
        else:
            others += 1
    return _Counts(words, numbers, others)


def _is_long_rest(piece: _Piece) -> bool:
    return piece.end - piece.start > _MOST_REST_CHARS


def _is_wordy(rest: str) -> bool:
    """True for words outside every pair, which only prose can read."""
    return " " in rest and sum(1 for char in rest if char.isalpha()) * 2 > len(rest)


def _line(text: str, start: int, end: int, sign: str) -> list[_Piece]:
    """The pieces of a line, a time before its first pair apart."""
    stamp = _LEADING_STAMP[sign].match(text, start, end)
    if stamp is None:
        return _cut(text, start, end, sign)
    return [_Piece(*stamp.span("time"), is_stamp=True), *_cut(text, stamp.end(), end, sign)]


def _cut(text: str, start: int, end: int, sign: str, level: int = 0) -> list[_Piece]:
    """The pieces of a stretch; pieces without a key are values that belong to the pair before them."""
    start, end = trim(text, start, end)
    if start >= end:
        return []
    signs = 0
    for _ in _SIGN[sign].finditer(text, start, end):
        signs += 1
        if signs > 1:
            break
    if level < len(_CUTS) and signs > 1:
        bounds = [match.span("cut") for match in _CUTS[level].finditer(text, start, end) if match["cut"]]
        if not bounds:
            return _cut(text, start, end, sign, level + 1)
        pieces: list[_Piece] = []
        at = start
        for cut_start, cut_end in [*bounds, (end, end)]:
            pieces += _cut(text, at, cut_start, sign, level + 1)
            at = cut_end
        return pieces
    if sign == "=" and _ONE_OTHER.fullmatch(text, start, end):
        sign = ":"
    pair = _PAIR[sign].match(text, start, end)
    if pair is None or not any(char.isalpha() for char in pair["key"]) or _NO_KEY.search(pair["key"]):
        return [_Piece(start, end)]
    key = trim(text, *pair.span("key"))
    if sign == "=" and (before := _OTHERS_BEFORE.fullmatch(text, *key)):
        return [*_cut(text, *before.span("rest"), ":"), _Piece(pair.end(), end, before.span("key"))]
    if text[key[0]] in "([" and not _CLOSING.search(text, *key):
        key = trim(text, key[0] + 1, key[1])
    if sign == "=" and (mixed := _OTHER_SIGN.fullmatch(text, pair.end(), end)):
        return [_Piece(*mixed.span("first"), key), *_cut(text, *mixed.span("rest"), ":")]
    if text[pair.end() - 1] == ":" and _CLOCK_HOUR.search(pair["key"]) and text[pair.end() : pair.end() + 1].isdecimal():
        return [_Piece(start, end)]
    return [_Piece(pair.end(), end, key)]


def _are_plain(text: str, pairs: list[_Piece]) -> bool:
    """True where no value reads like a sentence or like several statements."""
    if len(pairs) == 1 and " " in text[slice(*pairs[0].key or (0, 0))] and is_time(text[pairs[0].start : pairs[0].end].strip()):
        return False
    odd = 0
    for piece in pairs:
        value = text[piece.start : min(piece.end, piece.start + 200)].strip("\"'")
        if classify(value.strip()) == "word" and (value.count(" ") >= _MOST_VALUE_WORDS or _SENTENCE.search(value)):
            odd += 1
    return odd * 16 <= len(pairs)


def _joined(text: str, pieces: list[_Piece]) -> list[_Piece]:
    """Pieces without a key joined to the pair before them on the same line: ``location="Somewhere, TX"``, ``0/0,1``."""
    joined: list[_Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if (
            piece.key is None
            and last is not None
            and (named := _NAMED_STATE.fullmatch(text, piece.start, piece.end))
            and is_status(named[2])
        ):
            piece = _Piece(*named.span(2), named.span(1))
        elif (
            piece.key is None
            and last is not None
            and (named := _NAMED_MEASURE.fullmatch(text, piece.start, piece.end))
            and is_unit(named[3])
        ):
            piece = _Piece(named.start(2), piece.end, named.span(1))
        is_rest = piece.key is None and not piece.is_stamp
        if is_rest and last is not None and last.key is not None and "\n" not in text[last.end : piece.start]:
            last.end = piece.end
        else:
            joined.append(piece)
    return joined


def _add(gather: Gather, piece: _Piece, prefix: str = "") -> None:
    text = gather.text
    key = text[piece.key[0] : piece.key[1]] if piece.key else ""
    path = ".".join(part for part in (prefix, key) if part)
    start, end = trim(text, piece.start, piece.end)
    if end - start > 2 and text[start] == "[" and text[end - 1] == "]":
        start, end = start + 1, end - 1
    if end - start >= 2 and text[start] in "\"'" and text[end - 1] == text[start]:
        add_leaf(gather, path, start + 1, end - 1, unit_in_key(key))
        return
    while end > start and (text[end - 1] in ",;&|" or (text[end - 1] == "#" and text[start : end - 1].isdigit())):
        end -= 1
    if not key and (time := _STAMP.match(text, start, end)):  # the words between a line's time and its first pair
        gather.add("", *time.span("time"), "time")
        for word in _WORD.finditer(text, time.end(), end):
            add_leaf(gather, "", *word.span())
        return
    atoms = _atoms(text, start, end)
    if len(atoms) < 2:
        add_leaf(gather, path, start, end, unit_in_key(key))
    for index, (atom_start, atom_end) in enumerate(atoms if len(atoms) > 1 else []):
        add_leaf(gather, f"{path}[{index}]" if path else "", atom_start, atom_end, unit_in_key(key))


def _atoms(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The elements of a list of scalars, ``0/0/1`` or ``29,30,31``; one element where the value is none.

    A number and its unit (``9.0 km/h``) are one element; a comma in a number before a unit (``21,5 °C``) is the number's own.
    """
    measure = _ONE_MEASURE.fullmatch(text, start, end)
    if classify(text[start:end]) != "word" or (measure and is_unit(measure[1])):
        return [(start, end)]
    spans: list[tuple[int, int]] = []
    at = start
    measures = list(comma_measures(text, start, end))
    for cut in _ATOM_CUT.finditer(text, start, end):
        if text[cut.start()] == "," and any(first < cut.start() < last for first, last in measures):
            continue
        spans.append((at, cut.start()))
        at = cut.end()
        if len(spans) >= _MOST_ATOMS:
            break
    spans.append((at, end))
    spans = _with_units(text, spans)
    numbers = sum(1 for span in spans if text[span[0] : span[0] + 1] in "+-.0123456789" and text[span[0] : span[1]])
    least = 0.5 if _MARK.search(text, start, end) else 1.0
    return spans if numbers >= least * len(spans) and len(spans) > 1 else [(start, end)]


def _with_units(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans with a unit joined to the number right before it."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        before = joined[-1] if joined else None
        if before and text[before[1] : start].isspace() and classify(text[slice(*before)]) == "number" and is_unit(text[start:end]):
            joined[-1] = (before[0], end)
        else:
            joined.append((start, end))
    return joined


def unit_in_key(key: str) -> str | None:
    """The unit in the brackets of a key or of a column's header: ``Temp (°C)``."""
    match = _UNIT_IN_KEY.search(key)
    if match is None:
        return None
    unit = (match[1] or match[2]).strip()
    return unit if is_unit(unit) else None
