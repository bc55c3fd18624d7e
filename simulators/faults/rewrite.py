"""Changes a message's text while the labels stay at their places: what every fault that touches a payload stands on."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from agent.domain.quantity import quantities
from simulators.catalogue import dialects
from simulators.truth import Simulated, TrueReading

Seal = Callable[[str], str]
_NUMBER = re.compile(r"([+-]?)(\d+)(?:([.,])(\d+))?")
_PLACES = frozenset({"latitude", "longitude"})
"""Written in forms in which not every number is one (degrees and minutes)."""


@dataclass(frozen=True, slots=True)
class Edit:
    """``text[start:start + length]`` becomes ``text``."""

    start: int
    length: int
    text: str

    @property
    def end(self) -> int:
        """Where the replaced text ends."""
        return self.start + self.length


def rewrite(message: Simulated, edits: Iterable[Edit], **changes: Any) -> Simulated:
    """The message with its text changed by edits that do not overlap; ``changes`` are further fields.

    A label whose literal is replaced as a whole has the new one; a label that an edit cuts into is gone. A checksum behind the text
    is made anew, as the device would have done.
    """
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.length))
    parts: list[str] = []
    at = 0
    for edit in ordered:
        parts += (message.payload[at : edit.start], edit.text)
        at = edit.end
    payload = resealed(message.payload, "".join((*parts, message.payload[at:])), _seals(message.dialect))
    return replace(
        message,
        payload=payload,
        **{"readings": _moved(message.readings, ordered), "optional": _moved(message.optional, ordered), **changes},
    )


def _moved(readings: Iterable[TrueReading], edits: Sequence[Edit]) -> tuple[TrueReading, ...]:
    found = (_moved_one(one, edits) for one in readings)
    return tuple(one for one in found if one is not None)


def _moved_one(one: TrueReading, edits: Sequence[Edit]) -> TrueReading | None:
    end, shift, literal = one.start + len(one.literal), 0, one.literal
    for edit in edits:
        if edit.end <= one.start:
            shift += len(edit.text) - edit.length
        elif (edit.start, edit.end) == (one.start, end):
            literal = edit.text
        elif edit.start < end:
            return None
    return replace(one, start=one.start + shift, literal=literal)


def unstated(message: Simulated, payload: str) -> Simulated:
    """The message with another payload, which states its time and device no longer where their text is not in it."""
    time = message.time if message.time is not None and message.time in payload else None
    was_in_payload = message.device is not None and message.device in message.payload and message.device not in message.topic
    device = None if was_in_payload and message.device is not None and message.device not in payload else message.device
    return replace(message, payload=payload, time=time, device=device)


@cache
def _seals(dialect: str) -> tuple[Seal, ...]:
    known = dialects().get(dialect)
    return tuple({kind.seal for kind in known.sends if kind.seal is not None}) if known else ()


def resealed(before: str, after: str, seals: Iterable[Seal]) -> str:
    """``after`` with the checksum that its text has, where ``before`` ended with the one of its own; each is of one length."""
    for seal in seals:
        length = len(seal(""))
        if before[-length:] == seal(before[:-length]):
            return after[:-length] + seal(after[:-length])
    return after


def is_number(one: TrueReading) -> bool:
    """True for a reading whose literal is a plain number that may become another one."""
    return quantities()[one.quantity].kind == "number" and one.quantity not in _PLACES and bool(_NUMBER.fullmatch(one.literal))


def number_of(literal: str) -> float:
    """The value of a plain number, decimal comma included. Raises ``ValueError``."""
    return float(literal.replace(",", "."))


def in_form_of(literal: str, value: float) -> str:
    """A value as the device writes it that wrote ``literal``: the same decimals, sign of the decimals and leading zeros.

    Without a place for a sign (leading zeros) a negative value is written as 0. Raises ``ValueError`` for a literal that is no number.
    """
    form = _NUMBER.fullmatch(literal)
    if form is None:
        raise ValueError(f"{literal!r} is no plain number")
    sign, whole, mark, decimals = form.groups()
    is_padded = len(whole) > 1 and whole.startswith("0")
    if is_padded and sign != "-":
        value = max(0.0, value)
    places = len(decimals or "")
    width = (len(whole) + places + bool(mark) + (value < 0)) if is_padded else 0
    text = f"{value:0{width}.{places}f}" if width else f"{value:.{places}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    if sign == "+" and not text.startswith("-"):
        text = f"+{text}"
    return text.replace(".", mark) if mark else text
