"""JSON's escapes in a string."""

import re

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def unescape(text: str) -> str:
    """A key or a unit without its escapes; a lone surrogate stays as it was written."""
    return _ESCAPE.sub(_plain, text) if "\\" in text else text


def unescape_placed(text: str) -> tuple[str, list[int]]:
    """A text without its escapes, and for each of its characters the offset where it is written; last the end of the text."""
    parts: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in _ESCAPE.finditer(text):
        plain = _plain(match)
        parts += (text[at : match.start()], plain)
        offsets += (*range(at, match.start()), *[match.start()] * len(plain))
        at = match.end()
    parts.append(text[at:])
    offsets += range(at, len(text) + 1)
    return "".join(parts), offsets


def _plain(match: re.Match[str]) -> str:
    if match[1] is None:
        return _SIMPLE.get(match[2], match[2])
    char = chr(int(match[1], 16))
    return match[0] if "\ud800" <= char <= "\udfff" else char
