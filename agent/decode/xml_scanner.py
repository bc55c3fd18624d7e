"""XML text -> leaves with their offsets: attributes as ``a.b.@name``, the text of an element as ``a.b``.

Paths begin below the root; its own text has its name. No parser of the standard library: those give no offsets of
attributes, expand entities, and refuse a payload that was cut. One loop over tags, a stack of open names, no entity is
ever expanded. The second sibling of a name is ``item[1]``; the first stays ``item``, since one pass cannot know whether
another follows. The leaves themselves read HTML's characters (``&deg;``, ``&#176;``) beside numbers.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from agent.decode.gather import Gather
from agent.decode.leaf import add_leaf, trim
from agent.decode.limits import MAX_KEY_CHARS, MAX_PATH_CHARS

_NAME = r"[A-Za-z_:\u00c0-\uffff][\w:.\-]{0,200}"
_TAG = re.compile(
    rf"<(?:!--(?P<comment>.*?)(?:-->|\Z)|!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)|\?.*?(?:\?>|\Z)|![^>]*+>?"
    rf"|/\s*(?P<close>{_NAME})\s*>?|(?P<open>{_NAME}))",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rf"\s*+(?P<name>{_NAME})\s*+=\s*+(?:\"(?P<double>[^\"]*+)\"?|'(?P<single>[^']*+)'?|(?P<bare>[^\s>\"'/]++))")
_TAG_END = re.compile(r"\s*+(/?)>")
LOOKS_LIKE = re.compile(rf"\s*+(?:<\?xml|<!--|<!DOCTYPE|<{_NAME}(?:\s[^<>]{{0,4000}})?/?>)")


@dataclass(slots=True)
class _Element:
    path: str
    label: str
    """What its own text is called: the path, but of the root, which paths leave out, its name."""
    seen: Counter[str] = field(default_factory=Counter)
    text: tuple[int, int] | None = None


@dataclass(slots=True)
class XmlScanner:
    """One XML text. ``scan`` fills the gather; ``is_damaged`` where tags do not match or the text was cut."""

    gather: Gather
    is_damaged: bool = False
    _stack: list[tuple[str, _Element]] = field(default_factory=list)

    def scan(self) -> None:
        """Read all of it."""
        text = self.gather.text
        root = _Element("", "")
        self._stack = [("", root)]
        at = 0
        while (tag := _TAG.search(text, at)) is not None:
            self._text(at, tag.start())
            at = tag.end()
            if tag["cdata"] is not None:
                self._text(*tag.span("cdata"))
            elif tag["close"] is not None:
                self._close(tag["close"])
            elif tag["open"] is not None:
                at = self._open(tag["open"], at)
        if len(self._stack) == 1:
            self._text(at, len(text))
        elif text[at:].strip():
            self.gather.drop(1)  # ``<t>10`` may be the beginning of ``<t>1013.2</t>``
        self.is_damaged = self.is_damaged or len(self._stack) > 1
        while len(self._stack) > 1:
            self._leave()

    def _open(self, name: str, at: int) -> int:
        parent = self._stack[-1][1]
        count = parent.seen[name]
        parent.seen[name] += 1
        own = self._path(parent.path, name, count)
        path = own if len(self._stack) > 1 else ""
        element = _Element(path, own)
        text = self.gather.text
        while (attribute := _ATTRIBUTE.match(text, at)) is not None:
            group = "double" if attribute["double"] is not None else "single" if attribute["single"] is not None else "bare"
            label = f"@{attribute['name'][:MAX_KEY_CHARS]}"
            if attribute.end(group) < len(text):
                add_leaf(self.gather, f"{path}.{label}" if path else label, *attribute.span(group))
            else:
                self.gather.drop(1)
            at = attribute.end()
        end = _TAG_END.match(text, at)
        if end is None:
            self.is_damaged = True
            close = text.find(">", at)
            self._stack.append((name, element))
            return close + 1 if 0 <= close < at + MAX_PATH_CHARS else at
        if not end[1]:
            self._stack.append((name, element))
        return end.end()

    @staticmethod
    def _path(parent: str, name: str, count: int) -> str:
        if len(parent) >= MAX_PATH_CHARS:
            return parent
        label = f"{name[:MAX_KEY_CHARS]}[{count}]" if count else name[:MAX_KEY_CHARS]
        return f"{parent}.{label}" if parent else label

    def _text(self, start: int, end: int) -> None:
        start, end = trim(self.gather.text, start, end)
        if start == end:
            return
        element = self._stack[-1][1]
        if len(self._stack) == 1:
            self.is_damaged = True
        if element.text is None:
            element.text = (start, end)
        else:
            self._flush(element)
            element.text = (start, end)

    def _flush(self, element: _Element) -> None:
        if element.text is not None:
            add_leaf(self.gather, element.label, *element.text)
            element.text = None

    def _leave(self) -> None:
        self._flush(self._stack.pop()[1])

    def _close(self, name: str) -> None:
        names = [open_name for open_name, _ in self._stack[-64:]]
        if name not in names[1 if len(self._stack) <= 64 else 0 :]:
            self.is_damaged = True
            return
        while len(self._stack) > 1:
            is_this = self._stack[-1][0] == name
            self._leave()
            if is_this:
                return
            self.is_damaged = True
