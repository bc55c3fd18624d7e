"""JSON text -> leaves with their offsets, by one loop and a stack of its own: 10,000 nested lists are no recursion.

``json`` of the standard library gives no offsets and nothing of a broken payload. This scanner notes what is not JSON
(``is_damaged``) and reads on: a payload cut by a small buffer, a trailing comma, Python's quotes, bare words.
"""

import re
from dataclasses import dataclass

from agent.decode.escapes import unescape, unescape_placed
from agent.decode.gather import Gather
from agent.decode.leaf import add_leaf
from agent.decode.limits import MAX_KEY_CHARS, MAX_PATH_CHARS
from agent.decode.siblings import with_sibling_units

_SPACE = re.compile(r"[ \t\r\n]*+")
_LOOSE_SPACE = re.compile(r"[\s\x00\ufeff\u00a0]*+")
_STRING = re.compile(r'"((?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+)"')
_LOOSE_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)("?)', re.DOTALL)
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*+)('?)", re.DOTALL)
_NUMBER = re.compile(r"-?+(?:0|[1-9]\d*+)(?:\.\d++)?+(?:[eE][+-]?\d++)?+(?=[\s,\]}]|\Z)", re.ASCII)
_NAME = re.compile(r"(?:true|false|null|NaN|-?Infinity)(?=[\s,\]}]|\Z)")
_ENCODED = re.compile(r'\s*+(?:[{\[](?=[^"\\]*+\\")|\[[\d\s.,eE+-]++\]\s*+\Z)')
"""The beginning of JSON that is itself a string in JSON, ``{\\"temp\\":21}``; of a list of numbers all of it, ``[412,87]``."""
_BARE = re.compile(r"[^\s,:{}\[\]\"']++")


@dataclass(slots=True)
class _Frame:
    """An open object or list."""

    path: str
    is_object: bool
    index: int = 0
    key: str | None = None
    wants_comma: bool = False
    after_comma: bool = False

    def child(self) -> str:
        """The path of the next value; it stops growing at the limit."""
        if len(self.path) >= MAX_PATH_CHARS:
            return self.path
        if not self.is_object:
            return f"{self.path}[{self.index}]"
        key = self.key or ""
        return f"{self.path}.{key}" if self.path else key


class JsonScanner:
    """One JSON text from ``position`` on. ``scan`` fills the gather and returns where the text ends."""

    def __init__(self, gather: Gather, position: int = 0, end: int | None = None) -> None:
        self.is_damaged = False
        self.members = 0
        self._gather = gather
        self._text = gather.text
        self._at = position
        self._end = len(gather.text) if end is None else end
        self._stack: list[_Frame] = []

    def scan(self, path: str = "") -> int:
        """Read one value, whatever is nested in it."""
        self._value(path)
        while self._stack:
            self._skip()
            if self._at >= self._end:
                self.is_damaged = True
                break
            self._step(self._stack[-1])
        return self._at

    def _skip(self) -> None:
        at = _SPACE.match(self._text, self._at, self._end).end()  # type: ignore[union-attr]
        if at < self._end and (self._text[at] in "\x00\ufeff\u00a0" or self._text[at].isspace()):
            self.is_damaged = True
            at = _LOOSE_SPACE.match(self._text, at, self._end).end()  # type: ignore[union-attr]
        self._at = at

    def _step(self, frame: _Frame) -> None:
        char = self._text[self._at]
        if char in "}]":
            self._close(frame, char)
        elif char == ",":
            self.is_damaged = self.is_damaged or not frame.wants_comma
            frame.wants_comma, frame.after_comma, frame.key = False, True, None
            self._at += 1
        elif frame.is_object and frame.key is None:
            self._key(frame)
        elif char == ":":
            self.is_damaged = True
            self._at += 1
        else:
            self.is_damaged = self.is_damaged or frame.wants_comma
            path = frame.child()
            frame.index += 1
            frame.key, frame.wants_comma, frame.after_comma = None, True, False
            self.members += 1
            self._value(path)

    def _close(self, frame: _Frame, char: str) -> None:
        self.is_damaged = self.is_damaged or frame.after_comma or frame.key is not None or (char == "}") != frame.is_object
        self._stack.pop()
        self._at += 1

    def _key(self, frame: _Frame) -> None:
        char = self._text[self._at]
        self.is_damaged = self.is_damaged or frame.wants_comma
        if char in "\"'":
            start, end = self._string()
        elif bare := _BARE.match(self._text, self._at, self._end):
            self.is_damaged = True
            start, end = bare.span()
            self._at = end
        else:
            self.is_damaged = True
            self._at += 1
            return
        frame.key = unescape(self._text[start : min(end, start + MAX_KEY_CHARS)])
        frame.wants_comma = frame.after_comma = False
        self._skip()
        if self._at < self._end and self._text[self._at] == ":":
            self._at += 1
        else:
            self.is_damaged = True
            if self._at < self._end and self._text[self._at] in "\"'":
                frame.key = None

    def _value(self, path: str) -> None:
        self._skip()
        if self._at >= self._end:
            self.is_damaged = True
            return
        char = self._text[self._at]
        if char in "{[":
            self._stack.append(_Frame(path, char == "{"))
            self._at += 1
        elif char in "\"'":
            start, end = self._string()
            if end >= self._end:
                self._gather.drop(1)
            elif not self._encoded(path, start, end):
                add_leaf(self._gather, path, start, end)
        elif number := _NUMBER.match(self._text, self._at, self._end):
            if self._is_whole(number):
                self._gather.add(path, self._at, number.end(), "number")
            self._at = number.end()
        else:
            self._bare(path)

    def _encoded(self, path: str, start: int, end: int) -> bool:
        """True where a string is JSON encoded once more; its leaves stand under the string's path, at their places in the payload."""
        if not _ENCODED.match(self._text, start, end):
            return False
        plain, offsets = unescape_placed(self._text[start:end])
        inner = Gather(plain)
        scanner = JsonScanner(inner)
        if plain[scanner.scan(path) :].strip() or scanner.is_damaged or not scanner.members:
            return False
        self._gather.add_placed(with_sibling_units(plain, inner.candidates()), start, offsets)
        self._gather.drop(inner.dropped)
        self.members += scanner.members
        return True

    def _bare(self, path: str) -> None:
        name = _NAME.match(self._text, self._at, self._end)
        self.is_damaged = self.is_damaged or name is None
        match = name or _BARE.match(self._text, self._at, self._end)
        if match is None:
            if self._text[self._at] not in "}],":
                self._at += 1
            return
        if name is not None or self._is_whole(match):
            add_leaf(self._gather, path, *match.span())
        self._at = match.end()

    def _is_whole(self, value: re.Match[str]) -> bool:
        """False, and counted, for a value that ends where a cut payload does: ``10`` may be the beginning of ``1013.2``."""
        if value.end() < self._end or not self._stack:
            return True
        self._gather.drop(1)
        return False

    def _string(self) -> tuple[int, int]:
        """The span inside the quotes."""
        if strict := _STRING.match(self._text, self._at, self._end):
            self._at = strict.end()
            return strict.span(1)
        self.is_damaged = True
        pattern = _LOOSE_STRING if self._text[self._at] == '"' else _QUOTED
        loose = pattern.match(self._text, self._at, self._end)
        assert loose is not None
        self._at = loose.end()
        return loose.span(1)
