"""Identities out of recorded traffic, its shape kept: the same identity gives the same pseudonym, of the same length and form.

Letters become letters and digits become digits, by a key that is forgotten after the run unless it is given. What is an identity
is told by its form (e-mail addresses, UUIDs, MAC and IP addresses, hexadecimal and serial numbers), by the key that it stands
behind (``serial``, ``imei``), or by name on request. Coordinates are not replaced but cut, to about a kilometre: what follows the
second decimal becomes 0. Times, values, units and words stay, and so does what is inside compressed or binary payloads.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from simulators.checksums import nmea, p1
from simulators.faults.rewrite import resealed

Form = Literal["kept", "identity", "address", "cut"]
HEX_LETTERS = "abcdf"
"""For identities that are hexadecimal; without e: digits around it would be a number with an exponent."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of identity: what it becomes, and the pattern that finds it (its group ``id``, where it has one)."""

    form: Form
    pattern: re.Pattern[str]


_L, _R = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"
"""The edges of a run of letters and digits."""
_KEYED = r"""["']?\s*[:=]\s*["'\[]*"""
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_H = "[0-9A-Fa-f]"
_DAY = r"(?:19|20)\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])"
_HOUR = r"(?:[01]\d|2[0-3]):?[0-5]\d:?[0-5]\d"
_SHORT = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d[SW]?"
"""An instant as DSMR and many loggers write it: ``yymmddhhmmss``."""
_AXIS = rf"{_L}(?:lat|lon|lng|long)(?:itude)?"
_SPOT = rf"{_L}(?:gps|geo|location|coord)[a-z_]*"
_PAIR = rf"(?:{_AXIS}|{_SPOT}|{_L}(?:loc|pos|position))"
KINDS = (
    Kind("kept", re.compile(rf"{_L}{_DAY}[T ]?{_HOUR}(?:\.\d+)?(?!\d)|{_L}{_SHORT}{_R}|{_L}1[4-9]\d{{8}}(?:\d{{3}}){{0,3}}{_R}")),
    Kind("cut", re.compile(rf"(?:{_AXIS}|{_SPOT}){_KEYED}-?\d+\.\d\d(?P<id>\d+)", re.IGNORECASE)),
    Kind("cut", re.compile(rf"{_PAIR}{_KEYED}-?\d+\.\d\d(?P<id>\d+)(?=\s*[,;]\s*-?\d+\.\d)", re.IGNORECASE)),
    Kind("cut", re.compile(rf"{_PAIR}{_KEYED}-?\d+\.\d+\s*[,;]\s*-?\d+\.\d\d(?P<id>\d+)", re.IGNORECASE)),
    Kind("cut", re.compile(rf"{_L}\d{{4,5}}\.(?P<id>\d+)(?=,[NSEW]{_R})")),
    Kind("identity", re.compile(rf"{_L}ssid[\"']?\s*[:=]\s*[\"'](?P<id>[^\"'\\]+)", re.IGNORECASE)),
    Kind("identity", re.compile(
        r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,}")),
    Kind("identity", re.compile(rf"{_L}{_H}{{8}}(?:-{_H}{{4}}){{3}}-{_H}{{12}}{_R}")),
    Kind("identity", re.compile(rf"{_L}{_H}{{2}}([:_-])(?:{_H}{{2}}\1){{4}}(?:{_H}{{2}}\1{_H}{{2}}\1)?{_H}{{2}}{_R}")),
    Kind("identity", re.compile(rf"{_L}(?=[\d.]*[A-Fa-f]){_H}{{4}}\.{_H}{{4}}\.{_H}{{4}}{_R}")),
    Kind("identity", re.compile(rf"{_L}(?:{_H}{{1,4}}:){{7}}{_H}{{1,4}}{_R}|{_L}(?:{_H}{{1,4}}:)+(?::{_H}{{1,4}})+{_R}")),
    Kind("address", re.compile(rf"(?<![0-9A-Za-z.]){_OCTET}(?:\.{_OCTET}){{3}}(?![0-9A-Za-z]|\.\d)")),
    Kind("identity", re.compile(
        rf"{_L}(?:serial(?:[_ -]?(?:no|number|nr))?|s/?n|imei|imsi|iccid|meter_?id|passkey|ssid){_KEYED}"
        rf"(?P<id>[0-9A-Za-z][0-9A-Za-z_-]{{3,}})", re.IGNORECASE)),
    Kind("identity", re.compile(
        rf"{_L}(?:device|dev|node|sensor|gateway)[_ -]?(?:id|addr|address|no|number){_KEYED}(?P<id>\d{{6,}})(?![0-9A-Za-z]|\.\d)",
        re.IGNORECASE)),
    Kind("identity", re.compile(rf"{_L}0x(?P<id>{_H}{{8,}}){_R}")),
    Kind("identity", re.compile(rf"(?<!\d\.){_L}(?!\d+[eE][+-]?\d+{_R})(?=\d*[A-Fa-f])(?=[A-Fa-f]*\d){_H}{{6,}}{_R}")),
    Kind("identity", re.compile(rf"{_L}(?=(?:[A-Z]*\d){{4}})(?=\d*[A-Z])[0-9A-Z]{{8,}}{_R}")),
    Kind("identity", re.compile(r"(?<![0-9A-Za-z.])\d{11,}(?![0-9A-Za-z]|\.\d)")),
)  # fmt: skip
"""In the order in which they claim their places of a text: instants, coordinates, then identities from the surest form on."""
_IS_HEX = re.compile("[0-9A-Fa-f]*")
_TOPIC_KINDS = (Kind("identity", re.compile(rf"{_L}\d{{6,}}{_R}")),)
_PLACE_TOPIC = re.compile(rf"{_AXIS}$|{_SPOT}", re.IGNORECASE)
_PLACE_KINDS = (Kind("cut", re.compile(r"(?<![\d.])-?\d+\.\d\d(?P<id>\d+)")),)


class Redactor:
    """Replaces identities. One ``salt``, the same pseudonyms; ``names`` are words that are replaced wherever they stand."""

    def __init__(self, salt: bytes, names: Sequence[str] = ()) -> None:
        self._salt = salt
        words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
        self._kinds = (*KINDS, *([Kind("identity", re.compile(words, re.IGNORECASE))] if words else []))

    def topic(self, topic: str) -> str:
        """A topic without identities."""
        return self._redacted(topic, (*self._kinds, *_TOPIC_KINDS))

    def payload(self, topic: str, payload: bytes) -> bytes:
        """A payload without identities, of as many characters; checksums of telegrams fit again. ``topic`` is the original one."""
        try:
            text, encoding = payload.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            text, encoding = payload.decode("latin-1"), "latin-1"
        kinds = (*self._kinds, *_PLACE_KINDS) if _PLACE_TOPIC.search(topic) else self._kinds
        redacted = self._redacted(text, kinds)
        return (resealed(text, redacted, (nmea, p1)) if text.isascii() else redacted).encode(encoding)

    def _redacted(self, text: str, kinds: Sequence[Kind]) -> str:
        parts: list[str] = []
        at = 0
        for start, end, form in sorted(claims(text, kinds)):
            parts += (text[at:start], self._pseudonym(text[start:end], form))
            at = end
        return "".join((*parts, text[at:]))

    def _pseudonym(self, identity: str, form: Form) -> str:
        if form == "cut":
            return "0" * len(identity)
        key = "".join(filter(str.isalnum, identity.casefold()))
        for attempt in range(1000):
            if (found := self._masked(identity, form, f"{key} {attempt}")) != identity:
                return found
        raise AssertionError(f"every pseudonym of {form} {len(identity)} characters long is the identity itself")

    def _masked(self, identity: str, form: Form, key: str) -> str:
        stream = self._stream(key)
        if form == "address":
            return ".".join(octet(part, next(stream)) for part in identity.split("."))
        letters = HEX_LETTERS if _IS_HEX.fullmatch("".join(filter(str.isalnum, identity))) else LETTERS
        text, is_first = [], True
        for character in identity:
            if not character.isalnum():
                text.append(character)
                continue
            number = next(stream)
            if character.isdecimal():
                text.append(str(1 + number % 9) if is_first and character != "0" else str(number % 10))
            else:
                letter = letters[number % len(letters)]
                text.append(letter.upper() if character.isupper() else letter)
            is_first = False
        return "".join(text)

    def _stream(self, key: str) -> Iterator[int]:
        block = 0
        while True:
            yield from hashlib.blake2b(f"{block} {key}".encode(), key=self._salt, digest_size=64).digest()
            block += 1


def octet(part: str, number: int) -> str:
    """Another octet of as many digits."""
    low, high = {1: (0, 10), 2: (10, 100), 3: (100, 256)}[len(part)]
    return str(low + number % (high - low))


def claims(text: str, kinds: Sequence[Kind]) -> Iterator[tuple[int, int, Form]]:
    """The places of a text that are replaced, and how; what a kind has claimed belongs to no later one."""
    taken: list[tuple[int, int]] = []
    for kind in kinds:
        group = "id" if "id" in kind.pattern.groupindex else 0
        for found in kind.pattern.finditer(text):
            start, end = found.span(group)
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            taken.append((start, end))
            if kind.form != "kept":
                yield start, end, kind.form
