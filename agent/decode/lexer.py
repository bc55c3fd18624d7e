"""Text -> times, numbers, identifiers, words and signs, with their offsets. Prose and telegrams are read from these.

One pattern, bounded in every repeat, so that the time is linear in the text. Deciding what a token means is left to
the callers; here only the edges are drawn: which sign belongs to a number, where a word ends.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from agent.decode.times import DURATION, TIME

TokenKind = Literal["time", "opaque", "number", "word", "emoji"]


class Token(NamedTuple):
    """A stretch of the text."""

    kind: TokenKind
    start: int
    end: int


PLAIN_NUMBER = (
    r"(?:\d{1,3}(?:,\d{3}){1,4}\.\d{1,20}(?![\d.,]\d)|(?<!\d,)(?<!\d)\d{1,3}(?:,\d{3}){1,4}(?!\d|[.,]\d|,?\d)"
    r"|(?<!\d,)\d{1,40},\d{1,40}(?!,?\d)|\d{1,400}(?:\.\d{1,400})?|\.\d{1,400})"
)
_SIGN = r"(?:(?<![\w)\]%°+\-−])[+\-−])?"
_TOKEN = re.compile(
    rf"(?P<opaque>\b(?=[A-Za-z0-9+.-]{{2,16}}:)[A-Za-z][A-Za-z0-9+.-]{{1,15}}://[^\s\"'<>]{{1,2000}}"
    rf"|(?<![0-9A-Za-z:-])(?:[0-9A-Fa-f]{{2}}[:-]){{5,7}}[0-9A-Fa-f]{{2}}(?![0-9A-Za-z:])"
    rf"|(?<![0-9A-Za-z-])[0-9A-Fa-f]{{8}}-(?:[0-9A-Fa-f]{{4}}-){{3}}[0-9A-Fa-f]{{12}}(?![0-9A-Za-z])"
    rf"|(?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?::\d{{1,5}})?(?![\w.]))"
    rf"|(?P<time>(?<![\w:.])(?=[\dADFJMNOSTW])(?:{DURATION}|{TIME}))"
    rf"|(?P<number>{_SIGN}{PLAIN_NUMBER}(?:[eE][+-]?\d{{1,3}}(?!\w))?)"
    r"|(?P<word>[^\W\d](?:\w{0,200}(?:['’._/-](?=\w))?){0,20})"
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
