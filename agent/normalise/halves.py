"""A date and a time of day that stand side by side as two candidates: one time."""

import re
from collections.abc import Sequence

from agent.domain.document import Document
from agent.domain.reading import Label

_DATE_ALONE = re.compile(
    r"\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2})|20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", re.ASCII
)
_CLOCK_ALONE = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?: ?[AaPp]\.?[Mm]\.?)?(?:Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_HALVES = frozenset(
    "date dat day time tim clock datum dato zeit uhrzeit tag fecha dia hora jour heure data giorno ora tijd tid czas godzina cas utc gmt"
    " local lokal 日期 时间 時間 時刻 ngày giờ".split()
)
"""Words of which the name of half a time is made, where the other half is a column or a key beside it."""


def time_text(document: Document, labels: Sequence[Label], index: int) -> str:
    """What a candidate says of the time, with its other half where date and time of day are two candidates side by side.

    They stand in one line or under one parent. A neighbour that has another name, or is a reading by itself as the time of sunrise, is no
    half.
    """
    chosen = document.candidates[index]
    parent = chosen.path.rpartition(".")[0]

    def beside(place: int) -> str:
        if not 0 <= place < len(labels) or labels[place].role == "reading":
            return ""
        other = document.candidates[place]
        first, last = sorted((chosen.start, other.start))
        above, _, key = other.path.rpartition(".")
        is_near = above == parent and (document.format in ("json", "xml") or not {"\n", "\r"} & set(document.text[first:last]))
        is_named = labels[place].role == "time" or key.startswith("column ") or _HALVES.issuperset(re.split(r"[ _-]+", key.lower()))
        return other.literal if is_near and is_named and not key.endswith("]") else ""

    return join_halves(chosen.literal, beside(index - 1), beside(index + 1))


def join_halves(literal: str, before: str, after: str) -> str:
    """A date alone with the time of day that stands beside it, or the other way round, as one text; else the literal as it is.

    ``before`` and ``after`` are the literals next to it.
    """
    if _CLOCK_ALONE.fullmatch(literal):
        date, clock = next(filter(_DATE_ALONE.fullmatch, (before, after)), ""), literal
    else:
        date, clock = literal, next(filter(_CLOCK_ALONE.fullmatch, (after, before)), "")
    return f"{date} {clock}" if _DATE_ALONE.fullmatch(date) and clock else literal
