"""Pairs in lines under sections: ``[name]`` of an INI file, or YAML's keys with deeper lines below them.

A line that is neither a section, a pair nor a comment ends the attempt: then the text is read otherwise.
"""

import re
from dataclasses import dataclass

from agent.decode.gather import Gather
from agent.decode.key_value import unit_in_key
from agent.decode.leaf import add_leaf, trim
from agent.decode.limits import MAX_KEY_CHARS, MAX_PATH_CHARS

_LINE = re.compile(r"[^\r\n]+")
_COMMENT = re.compile(r"\s*(?:[#;]|---\s*\Z)")
_SECTION = re.compile(r"\s*\[([^\[\]=:,\"{}]{1,64})\]\s*\Z")
_PAIR = re.compile(
    r"(?P<indent>[ \t]*)(?P<items>(?:-[ ]+)*)[\"']?(?P<key>[^\s:=\-\[{\"'][^:=\"{}]{0,63}?)[\"']?[ \t]*(?P<sign>[:=])(?P<value>.*)\Z"
)


@dataclass(slots=True)
class _Parent:
    indent: int
    path: str
    is_item: bool = False
    items: int = -1
    """Index of the last list item below it."""


def read_sections(gather: Gather) -> str | None:
    """Fill the gather; the dialect (``ini``, ``yaml``), or None where the text has no sections or other lines among them."""
    section = ""
    parents = [_Parent(-1, "")]
    leaves: list[tuple[str, str, int, int]] = []
    is_nested = False
    for line in _LINE.finditer(gather.text):
        if not line[0].strip() or _COMMENT.match(line[0]):
            continue
        if named := _SECTION.match(line[0]):
            section, parents = named[1].strip(), [_Parent(-1, named[1].strip())]
            continue
        pair = _PAIR.match(line[0])
        if pair is None:
            return None
        indent = len(pair["indent"])
        if pair["items"]:
            _begin_item(parents, indent)
        else:
            while parents[-1].indent >= indent:
                parents.pop()
        is_nested = is_nested or len(parents) > 1
        path = f"{parents[-1].path}.{pair['key']}".lstrip(".")[:MAX_PATH_CHARS]
        start, end = trim(gather.text, line.start() + pair.start("value"), line.end())
        if start < end:
            leaves.append((path, pair["key"], *_unquoted(gather.text, start, end)))
        elif pair["sign"] == ":":
            parents.append(_Parent(indent + len(pair["items"]), path))
    if not leaves or not (section or is_nested):
        return None
    for path, key, start, end in leaves:
        add_leaf(gather, path, start, end, unit_in_key(key[:MAX_KEY_CHARS]))
    return "ini" if section else "yaml"


def _begin_item(parents: list[_Parent], indent: int) -> None:
    """A new list item at this indent, which may be that of the list's own key."""
    while parents[-1].indent > indent or (parents[-1].indent == indent and parents[-1].is_item):
        parents.pop()
    above = parents[-1]
    above.items += 1
    parents.append(_Parent(indent, f"{above.path}[{above.items}]", is_item=True))


def _unquoted(text: str, start: int, end: int) -> tuple[int, int]:
    return (start + 1, end - 1) if end - start > 1 and text[start] == text[end - 1] and text[start] in "\"'" else (start, end)
