"""JSON's escapes in a string."""

import re

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def unescape(text: str) -> str:
    """A key or a unit without its escapes; a lone surrogate stays as it was written."""
    if "\\" not in text:
        return text

    def plain(match: re.Match[str]) -> str:
        if match[1] is None:
            return _SIMPLE.get(match[2], match[2])
        char = chr(int(match[1], 16))
        return match[0] if "\ud800" <= char <= "\udfff" else char

    return _ESCAPE.sub(plain, text)
