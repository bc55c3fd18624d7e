"""Characters that a payload writes as something else: JSON's escapes, and HTML's entities, which XML and web services use."""

import html
import re
from collections.abc import Callable

_CODE = r"u(?P<high>[Dd][89ABab][0-9A-Fa-f]{2})\\u(?P<low>[Dd][C-Fc-f][0-9A-Fa-f]{2})|u(?P<code>[0-9A-Fa-f]{4})"
_ESCAPE = re.compile(rf"\\(?:{_CODE}|(?P<char>.))", re.DOTALL)
_CHARACTER = re.compile(rf"\\{{1,4}}(?:{_CODE})|(?P<entity>&(?:#[xX]?[0-9A-Fa-f]{{1,7}}|[A-Za-z][A-Za-z0-9]{{1,31}});)")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def unescape(text: str) -> str:
    """A key without JSON's escapes; a lone surrogate stays as it was written."""
    return _ESCAPE.sub(_plain, text) if "\\" in text else text


def unescape_placed(text: str) -> tuple[str, list[int]]:
    """A text without JSON's escapes, and for each of its characters the offset where it is written; last the end of the text."""
    return _placed(text, _ESCAPE, _plain)


def with_characters(text: str) -> str:
    r"""A unit with the characters that ``\u00b0``, ``&deg;`` and ``&#176;`` stand for; other escapes stay."""
    return _CHARACTER.sub(_character, text) if "\\u" in text or "&" in text else text


def characters_placed(text: str) -> tuple[str, list[int]]:
    """The same of a longer text, with offsets as those of ``unescape_placed``."""
    return _placed(text, _CHARACTER, _character)


def _placed(text: str, pattern: re.Pattern[str], plain: Callable[[re.Match[str]], str]) -> tuple[str, list[int]]:
    parts: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in pattern.finditer(text):
        chars = plain(match)
        parts += (text[at : match.start()], chars)
        offsets += (*range(at, match.start()), *[match.start()] * len(chars))
        at = match.end()
    parts.append(text[at:])
    offsets += range(at, len(text) + 1)
    return "".join(parts), offsets


def _plain(match: re.Match[str]) -> str:
    return _SIMPLE.get(match["char"], match["char"]) if match["char"] is not None else _coded(match)


def _character(match: re.Match[str]) -> str:
    return html.unescape(match["entity"]) if match["entity"] is not None else _coded(match)


def _coded(match: re.Match[str]) -> str:
    if match["high"] is not None:
        return chr(0x10000 + ((int(match["high"], 16) & 0x3FF) << 10) + (int(match["low"], 16) & 0x3FF))
    char = chr(int(match["code"], 16))
    return match[0] if "\ud800" <= char <= "\udfff" else char
