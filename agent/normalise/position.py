"""Latitude and longitude as receivers write them -> degrees with a sign.

NMEA 0183, APRS and many trackers write degrees and minutes as one number and the hemisphere as a letter beside it: ``3352.128,S``,
``S3352.128``, ``33.8688 S``, ``"lat": 33.8688, "ns": "S"``; people write ``33°52'7.7"S``. A sign that the number has stays.
"""

import re

from agent.domain.document import Document

_LETTERS = {"latitude": "NS", "longitude": "EW"}
_MOST_DEGREES = {"latitude": 90, "longitude": 180}
_MINUTES_IN_IT = re.compile(r"([+-]?)(\d{1,3})([0-5]\d\.\d+)", re.ASCII)
_PARTS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_LETTER_BEHIND = re.compile(r"[ \t]?°?[ \t]?([NSEW])(?![^\W_]|[ \t]?[=:])")
_LETTER_BEFORE = re.compile(r"(?<!\w)([NSEW])[ \t]?\Z")
_HEMISPHERE_KEY = re.compile(r"hemi|lat|lon|lng|\A(?:n[_/]?s|e[_/]?w)(?![a-z])", re.IGNORECASE)
_COLUMN = re.compile(r"(?:\Acolumn \d+|\A[A-Z]{2,8}\[\d+\])\Z")


def degrees_of_text(literal: str) -> float | None:
    """``33°52.12'S`` in degrees, south and west below nought; None where it is no degrees and minutes with their letter."""
    parts = [float(part) for part in _PARTS.findall(literal)]
    letter = next((letter for letter in "NSEW" if literal.strip().startswith(letter) or literal.strip().endswith(letter)), None)
    if letter is None or not 2 <= len(parts) <= 3 or parts[0] > 180 or max(parts[1:]) >= 60:
        return None
    size = round(sum(part / 60.0**power for power, part in enumerate(parts)), 8)
    return -size if letter in "SW" else size


def degrees(document: Document, index: int, quantity: str, value: float) -> float:
    """The value of a latitude or longitude in degrees, south and west of nought below it; as it is where the payload says no more."""
    literal = document.candidates[index].literal
    parts = _MINUTES_IN_IT.fullmatch(literal)
    is_padded = len(literal.lstrip("+-").partition(".")[0]) > 3
    if parts and (is_padded or abs(value) > _MOST_DEGREES[quantity]) and int(parts[2]) <= _MOST_DEGREES[quantity]:
        size = round(int(parts[2]) + float(parts[3]) / 60, 8)
        value = -size if parts[1] == "-" else size
    return -value if value > 0 and _hemisphere(document, index, quantity) in ("S", "W") else value


def _hemisphere(document: Document, index: int, quantity: str) -> str | None:
    """The letter beside a number that says on which side of nought it lies: in its own cell, or alone in the next one."""
    one, text = document.candidates[index], document.text
    if one.unit_text in tuple(_LETTERS[quantity]):
        return one.unit_text
    end = one.start + len(one.literal)
    beside = _LETTER_BEHIND.match(text, end) or _LETTER_BEFORE.search(text, max(0, one.start - 3), one.start)
    if beside is not None and beside[1] in _LETTERS[quantity]:
        return beside[1]
    if index + 1 < len(document.candidates):
        following = document.candidates[index + 1]
        key = following.path.rpartition(".")[2]
        if following.literal in tuple(_LETTERS[quantity]) and (_COLUMN.match(key) or _HEMISPHERE_KEY.search(key)):
            return following.literal
    return None
