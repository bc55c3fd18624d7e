"""Document -> its shape: the part of a message that stays when only values change. The key of a template.

The shape holds the format, the dialect, the topic (long identifiers masked), and for every slot the path and
the kind of value; in text also the words between the values. A list of samples is one slot however long it is, unless its elements are
told apart. Words that are no readings are not in the shape but in the template (``Template.constants``): only an answer tells which they
are. A telegram's paths are codes and stand as they are; so does the text of line protocol, whose measurements stand between the values.
"""

import hashlib
import re
from dataclasses import dataclass

from agent.domain.document import Candidate, Document
from agent.domain.keys import GENERIC_LEVELS

INLINE_FORMATS = ("text", "telegram", "scalar")
_DIGITS = re.compile(r"\d+")
_IDENTIFIER = re.compile(r"\b(?=[0-9A-Fa-f]*\d)(?=[0-9A-Fa-f]*[A-Fa-f])[0-9A-Fa-f]{8,}\b")
_CHECKSUM = re.compile(r"\*[0-9A-Fa-f]{2}(?!\S)")
"""Of an NMEA sentence. Half of them have letters, which would make another shape of each."""
_KINDS = {"number": "n", "word": "w", "bool": "w", "opaque": "w", "time": "t", "null": "0"}
_INDEX = re.compile(r"\[\d+\]$")


@dataclass(frozen=True, slots=True)
class Shape:
    """``key`` is equal for messages of one shape; ``slots[i]`` is the slot of the document's candidate i."""

    key: str
    slots: tuple[int, ...]
    size: int
    identity: str = ""
    """The level of the topic that tells most, where it is an identifier and so masked in the key: it may say what is measured."""


def mask_text(text: str) -> str:
    """Words with their numbers, identifiers and checksums masked."""
    return _DIGITS.sub("#", _IDENTIFIER.sub("*", _CHECKSUM.sub("*", text)))


def _element(candidate: Candidate, gap: str) -> str:
    path = _INDEX.sub("[]", candidate.path)
    return f"{path}\x1f{_KINDS[candidate.kind]}\x1f{candidate.unit_text or ''}\x1f{gap}"


def shape_of(document: Document, topic: str, *, apart: bool = False) -> Shape:
    """The shape of a document that came on a topic; with ``apart`` every element of a list has a slot of its own."""
    inline = document.format in INLINE_FORMATS
    is_line_protocol = document.dialect == "influx"
    elements: list[str] = []
    slots: list[int] = []
    position = 0
    for candidate in document.candidates:
        gap = ""
        if inline or is_line_protocol:
            between = document.text[position : candidate.start]
            gap = "^" if candidate.start < position else mask_text(between) if inline else between
            position = max(position, candidate.start + len(candidate.literal))
        element = _element(mask_path(candidate) if inline and document.format != "telegram" else candidate, gap)
        repeated = not apart and candidate.path.endswith("]") and bool(elements) and elements[-1] == element
        if not repeated:
            elements.append(element)
        slots.append(len(elements) - 1)
    tail = mask_text(document.text[position:]) if inline else ""
    whole = "\x1e".join([document.format, document.dialect, mask_topic(topic), *elements, tail, *["apart"] * apart])
    key = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Shape(key, tuple(slots), len(elements), _identity(topic))


def mask_path(candidate: Candidate) -> Candidate:
    """In text the path is made of the words before the value; numbers in it change from message to message."""
    return Candidate(mask_text(candidate.path), candidate.literal, candidate.start, candidate.kind, candidate.unit_text)


def mask_topic(topic: str) -> str:
    """A topic with its long identifiers masked: devices of one kind share what was learned, ``temp1`` and ``temp2`` do not."""
    return _IDENTIFIER.sub("*", topic)


def _identity(topic: str) -> str:
    """The last level of a topic that tells something, where it is an identifier; else nothing."""
    if _IDENTIFIER.search(topic) is None:
        return ""
    levels = [level for level in topic.split("/") if level.lower() not in GENERIC_LEVELS and any(char.isalpha() for char in level)]
    return levels[-1] if levels and _IDENTIFIER.search(levels[-1]) else ""
