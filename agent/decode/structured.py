"""JSON, JSON texts in a row (NDJSON), JSON behind other words, and XML -> leaves. A payload that breaks off is read as far as it goes."""

import re
from collections.abc import Iterator

from agent.decode.gather import Gather
from agent.decode.json_scanner import JsonScanner
from agent.decode.prose import read_prose
from agent.decode.siblings import with_sibling_units
from agent.decode.xml_scanner import LOOKS_LIKE, XmlScanner
from agent.domain.document import Candidate

DAMAGED = "damaged"
_SPACE = re.compile(r"[\s\x00\ufeff]*+")
_JSON_START = re.compile(
    r"""[\s\ufeff]*+(?:\{[\s]*+["'}]|\[[\s]*+(?:[\]{\["']|(?:[+-]?[\d.]++(?:[eE][+-]?\d++)?|true|false|null|NaN)\s*+[,\]]|\Z)|\{\s*+\Z)"""
)
_ENCODED_TWICE = re.compile(r'[\s\ufeff]*+"\s*+[{\[][^"\\]*+\\"')
_OPENING = re.compile(r"""\{\s*+["}]|\[\s*+\{""")
_CLOSING = re.compile(r"""[\s)\];"'\x00]*+""")
_MOST_CHARS_BEFORE = 200
_MOST_TEXTS = 100_000


def looks_like_json(text: str) -> bool:
    """True where the first characters could open an object or a list, be it in a string."""
    return _JSON_START.match(text) is not None or _ENCODED_TWICE.match(text) is not None


def looks_like_xml(text: str) -> bool:
    """True where the first characters are a declaration, a comment or a whole tag."""
    return LOOKS_LIKE.match(text.lstrip("\ufeff")) is not None and ("</" in text or "/>" in text or text.lstrip().startswith("<?xml"))


def read_json(gather: Gather) -> str | None:
    """Fill the gather; the dialect (``""``, ``ndjson``, ``damaged``), or None where the text is no JSON after all."""
    text = gather.text
    at = _skip(text, 0)
    is_damaged = False
    count = members = 0
    while at < len(text) and count < _MOST_TEXTS:
        if count and text[at] in ",;":
            at, is_damaged = _skip(text, at + 1), True
            continue
        is_encoded = _ENCODED_TWICE.match(text, at) is not None
        if text[at] not in "{[" and not is_encoded:
            is_damaged = True
            if len(text) - at > at:
                return None
            break
        scanner = JsonScanner(gather, at)
        at = _skip(text, scanner.scan(f"[{count}]" if count else ""))
        if is_encoded and not scanner.members:
            return None
        count += 1
        members += scanner.members
        is_damaged = is_damaged or scanner.is_damaged
    if is_damaged and not members:
        return None
    return DAMAGED if is_damaged else "ndjson" if count > 1 else ""


def read_json_behind(gather: Gather) -> str | None:
    """Fill the gather; None where no sound object or list ends the text.

    Before it may stand a few words: a log's time and level, a topic, ``callback(``.
    """
    text = gather.text
    opening = _OPENING.search(text, 0, _MOST_CHARS_BEFORE)
    if opening is None:
        return None
    inner = Gather(text)
    scanner = JsonScanner(inner, opening.start())
    end = scanner.scan()
    if scanner.is_damaged or not scanner.members or not _CLOSING.fullmatch(text, end):
        return None
    before = Gather(text[: opening.start()])
    read_prose(before)
    for one in (*_innermost(before.candidates()), *with_sibling_units(text, inner.candidates())):
        gather.add(one.path, one.start, one.start + len(one.literal), one.kind, one.unit_text)
    gather.drop(before.dropped + inner.dropped)
    return ""


def _innermost(candidates: tuple[Candidate, ...]) -> Iterator[Candidate]:
    """Those that hold no other: prose offers a phrase and the words in it, a structured payload one of them."""
    spans = [(one.start, one.start + len(one.literal)) for one in candidates]
    for one, (start, end) in zip(candidates, spans, strict=True):
        if not any(start <= other[0] and other[1] <= end and other != (start, end) for other in spans):
            yield one


def read_xml(gather: Gather) -> str | None:
    """Fill the gather; the dialect, or None where the text has no element."""
    scanner = XmlScanner(gather)
    scanner.scan()
    if scanner.is_damaged and not len(gather):
        return None
    return DAMAGED if scanner.is_damaged else ""


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()
