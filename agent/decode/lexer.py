"""Text -> times, numbers, identifiers, words and signs, with their offsets. Prose and telegrams are read from these.

One pattern, bounded in every repeat, so that the time is linear in the text. Deciding what a token means is left to
the callers; here only the edges are drawn: which sign belongs to a number, where a word ends. Chinese, Japanese and Korean
words end where digits or Latin letters begin, since no blank does it for them: ``湿度56%``, ``待机775r/min``.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from agent.decode.kinds import OBIS
from agent.decode.times import DURATION, TIME

TokenKind = Literal["time", "opaque", "number", "word", "emoji"]


class Token(NamedTuple):
    """A stretch of the text."""

    kind: TokenKind
    start: int
    end: int


_POINT_GROUPS = r"(?<![\d.,])(?<!\d:)[1-9]\d{0,2}(?:\.\d{3}){1,2},\d{1,20}(?![.,]?\d)"
"""``1.234,56``; no more groups than two, for an IP address has three."""
_MARK_GROUPS = r"(?<![\d.,'’°])[1-9]\d{0,2}(?:['’\u00a0\u202f]\d{3}){1,4}(?:[.,]\d{1,20})?(?![.,'’]?\d)"
BLANK_GROUPS = r"[1-9]\d?(?: \d{3}){1,4}(?:[.,]\d{1,20})?"
"""``1 013,2``; only to be used where it is all that stands before a unit, and not for ``230 231 229 V``, which is a list."""
PLAIN_NUMBER = (
    rf"(?:{_POINT_GROUPS}|{_MARK_GROUPS}|"
    r"\d{1,3}(?:,\d{3}){1,4}\.\d{1,20}(?![\d.,]\d)|(?<!\d,)(?<!\d)\d{1,3}(?:,\d{3}){1,4}(?!\d|[.,]\d|,?\d)"
    r"|(?<!\d,)\d{1,40},\d{1,40}(?!,?\d)|\d{1,400}(?:\.\d{1,400})?|\.\d{1,400})"
)
CJK = r"\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
"""Ranges of letters that are written without blanks, for a character class."""
_MARKS = (
    r"\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd"
    r"\u0a01-\u0a03\u0a3c-\u0a4d\u0a81-\u0a83\u0abc-\u0acd\u0b82\u0bbe-\u0bcd\u0c00-\u0c03\u0c3e-\u0c4d\u0c82\u0c83\u0cbc-\u0ccd"
    r"\u0d02\u0d03\u0d3e-\u0d4d\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
"""Signs that stand on or beside a letter (Hebrew, Arabic, Indian scripts, Thai) and are no letters to ``\\w``."""
_LETTER = rf"[^\W{CJK}]"
_SIGN = rf"(?:(?:(?<![\w)\]%°+\-−])|(?<=[{CJK}]))[+\-−])?"
_TOKEN = re.compile(
    rf"(?P<opaque>\b(?=[A-Za-z0-9+.-]{{2,16}}:)[A-Za-z][A-Za-z0-9+.-]{{1,15}}://[^\s\"'<>]{{1,2000}}"
    rf"|(?<![0-9A-Za-z:-])(?:[0-9A-Fa-f]{{2}}[:-]){{5,7}}[0-9A-Fa-f]{{2}}(?![0-9A-Za-z:])"
    rf"|(?<![0-9A-Za-z-])[0-9A-Fa-f]{{8}}-(?:[0-9A-Fa-f]{{4}}-){{3}}[0-9A-Fa-f]{{12}}(?![0-9A-Za-z])"
    rf"|(?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?::\d{{1,5}})?(?![\w.])|(?<![\w.:-]){OBIS}(?![\w(]|\.\d))"
    rf"|(?P<time>(?:(?<![\w:.])|(?<=[{CJK}]))(?=[\dADFJMNOSTW])(?:{DURATION}|{TIME}))"
    rf"|(?P<number>{_SIGN}{PLAIN_NUMBER}(?:[eE][+-]?\d{{1,3}}(?!\w))?)"
    rf"|(?P<word>[{CJK}]{{1,200}}|[^\W\d{CJK}](?:{_LETTER}{{0,200}}(?:['’._/-](?={_LETTER})|[{_MARKS}]{{1,4}})?){{0,20}})"
    r"|(?P<emoji>[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff]"
    r"(?:[\ufe0e\ufe0f]|\u200d[\u2600-\u27bf\U0001f300-\U0001faff])*)"
)


def tokens(text: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """The tokens of a stretch, in order; what lies between them is spaces and punctuation."""
    for match in _TOKEN.finditer(text, start, len(text) if end is None else end):
        kind = match.lastgroup
        while kind is not None and kind.startswith("sep"):
            kind = "time"
        yield Token(kind, match.start(), match.end())  # type: ignore[arg-type]
