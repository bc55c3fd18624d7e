"""Pairs in lines under sections: ``[name]`` of an INI file, or YAML's keys with deeper lines below them.

A line that is neither a section, pairs, an item nor a comment ends the attempt: then the text is read otherwise.
"""

import re
from dataclasses import dataclass

from agent.decode.gather import Gather
from agent.decode.key_value import add_pairs
from agent.decode.leaf import add_leaf, trim
from agent.decode.limits import MAX_PATH_CHARS

_LINE = re.compile(r"[^\r\n]+")
_COMMENT = re.compile(r"\s*(?:[#;]|---\s*\Z)")
_SECTION = re.compile(r"\s*\[([^\[\]=:,\"{}]{1,64})\]\s*\Z")
_QUOTED = r"\"[^\"]{0,4000}\"|'[^']{0,4000}'"
_PAIR = re.compile(
    rf"(?P<indent>[ \t]*+)(?P<items>(?:-[ ]+)?)[\"']?(?P<key>[^\s:=\-\[{{\"'][^:=\"{{}}]{{0,63}}?)[\"']?[ \t]*"
    rf"(?P<sign>[:=])(?P<value>(?:{_QUOTED}|[^\"'])*?)(?P<comment>\s[#;].*)?\Z"
)
_ITEM = re.compile(rf"(?P<indent>[ \t]*+)-[ ]+(?P<value>(?:{_QUOTED}|[^:\"'])+?)(?:\s#.*)?\Z")


@dataclass(slots=True)
class _Parent:
    indent: int
    path: str
    is_item: bool = False
    items: int = -1
    """Index of the last list item below it."""


def read_sections(gather: Gather) -> str | None:
    """Fill the gather; None where the text has no sections or other lines among them."""
    parents = [_Parent(-1, "")]
    has_sections = False
    for line in _LINE.finditer(gather.text):
        if not line[0].strip() or _COMMENT.match(line[0]):
            continue
        if section := _SECTION.match(line[0]):
            has_sections, parents = True, [_Parent(-1, section[1].strip())]
        elif pair := _PAIR.match(line[0]):
            parent = _place(parents, pair)
            has_sections = has_sections or bool(parent)
            if pair["value"].strip() and not add_pairs(
                gather, parent, line.start() + pair.end("items"), line.start() + pair.end("value"), pair["sign"]
            ):
                return None
        elif (item := _ITEM.match(line[0])) and len(parents) > 1:
            has_sections = True
            _begin_item(parents, len(item["indent"]))
            add_leaf(
                gather, parents.pop().path, *_unquoted(gather.text, line.start() + item.start("value"), line.start() + item.end("value"))
            )
        else:
            return None
    return "" if has_sections and len(gather) else None


def _place(parents: list[_Parent], pair: re.Match[str]) -> str:
    """The path that a line stands under; one without a value becomes the parent of deeper lines."""
    indent = len(pair["indent"])
    if pair["items"]:
        _begin_item(parents, indent)
    else:
        while parents[-1].indent >= indent:
            parents.pop()
    above = parents[-1].path[:MAX_PATH_CHARS]
    if not pair["value"].strip() and pair["sign"] == ":":
        parents.append(_Parent(indent + len(pair["items"]), f"{above}.{pair['key']}".lstrip(".")))
    return above


def _begin_item(parents: list[_Parent], indent: int) -> None:
    """A new list item at this indent, which may be that of the list's own key."""
    while parents[-1].indent > indent or (parents[-1].indent == indent and parents[-1].is_item):
        parents.pop()
    above = parents[-1]
    above.items += 1
    parents.append(_Parent(indent, f"{above.path}[{above.items}]", is_item=True))


def _unquoted(text: str, start: int, end: int) -> tuple[int, int]:
    start, end = trim(text, start, end)
    return (start + 1, end - 1) if end - start > 1 and text[start] == text[end - 1] and text[start] in "\"'" else (start, end)
