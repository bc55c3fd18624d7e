"""A text with slots -> the text filled in, and where each slot came to stand."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from simulators.moment import Value

SLOT = re.compile("«([^»]+)»")
_ZERO = re.compile(r"-0(?:\.0*)?")


class Place(NamedTuple):
    """A slot as it was filled: ``text[start:start + len(literal)] == literal``."""

    slot: str
    literal: str
    start: int


def literal(value: Value, form: str) -> str:
    """A value as a device writes it. A rounded zero has no sign."""
    if not form:
        return value if isinstance(value, str) else str(value)
    if form.endswith("d"):
        value = int(value)
    text = format(value, form)
    return text[1:] if text[0] == "-" and _ZERO.fullmatch(text) else text


@cache
def cut(template: str) -> tuple[str, ...]:
    """Text and slots in turn: the names of slots stand at the odd places."""
    return tuple(SLOT.split(template))


def fill(template: str, literal_of: Callable[[str], str]) -> tuple[str, list[Place]]:
    """The text of a template. Raises ``KeyError`` with the name of a slot that no field fills."""
    pieces = cut(template)
    parts = [pieces[0]]
    places: list[Place] = []
    length = len(pieces[0])
    for at in range(1, len(pieces), 2):
        slot, behind = pieces[at], pieces[at + 1]
        text = literal_of(slot)
        places.append(Place(slot, text, length))
        parts += (text, behind)
        length += len(text) + len(behind)
    return "".join(parts), places


@cache
def json_paths(template: str) -> dict[str, str]:
    """For every slot that is (or is in) a value of a JSON template its path: ``a.b[0].c``. Raises ``ValueError`` for what is no JSON."""
    quoted = re.sub('"[^"]*"', lambda text: text[0].replace("«", "\x01").replace("»", "\x02"), template)
    whole = SLOT.sub(lambda slot: f'"{slot[0]}"', quoted).replace("\x01", "«").replace("\x02", "»")
    return {slot: path for path, text in _leaves(json.loads(whole), "") for slot in SLOT.findall(text)}


def _leaves(node: Any, path: str) -> Iterator[tuple[str, str]]:
    join: Callable[[str], str] = lambda key: f"{path}.{key}" if path else key  # noqa: E731  (a name for one expression)
    if isinstance(node, dict):
        for key, inner in node.items():
            yield from _leaves(inner, join(key))
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _leaves(inner, f"{path}[{index}]")
    elif isinstance(node, str):
        yield path, node
