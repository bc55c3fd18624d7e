"""What decoding makes of a payload: its text and the literals in it that could be values."""

from dataclasses import dataclass, field
from typing import Literal

Format = Literal["json", "kv", "csv", "xml", "telegram", "text", "scalar"]
Kind = Literal["number", "word", "bool", "time", "null", "opaque"]
"""number: parses as a number (decimal comma, exponent and sign included); bool: true/false/yes/no/on/off;
time: a date, a time of day or both; word: any other text; null: null, NaN, empty, "unknown", "n/a";
opaque: hexadecimal, base64, MAC, IP, UUID, URL, version and other text that is never a value."""

NAMED_COLUMNS = ("header", "toa5")
"""Dialects of CSV whose columns have names."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A literal of the payload that could be a value.

    ``text[start:start + len(literal)] == literal`` holds for every candidate of a document, by construction and by
    test. The literal has no quotes and no unit: of ``"20.6 °C"`` it is ``20.6``.
    """

    path: str
    """Where it stands: the JSON path (``a.b[0].c``), the key, ``column 3`` or the header's name, the XML path
    (attributes as ``@name``), or the words of a text that stand before it; empty for a bare scalar."""
    literal: str
    start: int
    """Offset in the document's text, in characters."""
    kind: Kind
    unit_text: str | None = None
    """The unit that stands directly behind (or, for a column or key, in brackets with) the value, as it is written."""
    leaf: str = field(default="", compare=False)
    """The whole text of its key where the literal is a part of it: ``ns=2;s=Line1.Temp`` of ``2``. Empty for longer texts than names."""


@dataclass(frozen=True, slots=True)
class Document:
    """A decoded payload.

    Candidates stand in the order of their offsets, none twice, none overlapping in a structured format; in prose a phrase and
    a word in it may both be candidates.
    """

    text: str
    format: Format
    candidates: tuple[Candidate, ...]
    encoding: str = "utf-8"
    dialect: str = ""
    """Constant text that names the shape where the format has it: ``nmea:GPRMC``, ``influx``, ``dsmr``, ``ndjson``."""
    dropped: int = 0
    """Candidates that nobody will read, being beyond the limit of one payload or cut off at its end; counted, never silent."""

    @property
    def is_coded(self) -> bool:
        """True where a value's place says what it is, more than a name beside it: telegrams, and columns without a header."""
        return self.format == "telegram" or (self.format == "csv" and self.dialect not in NAMED_COLUMNS)


@dataclass(frozen=True, slots=True)
class Undecodable:
    """The answer for bytes that hold no readable text: a reason from a closed set, and a sentence for a person."""

    reason: Literal["empty", "too_large", "binary", "charset", "compression", "malformed"]
    detail: str
