"""Leaves with meaning -> payload text, in every format and many stylings, with the offset of each literal.

Every renderer takes (path, Drawn, mark) triples in order and returns the text and where each literal stands in it; the
mark is the caller's own. Paths are those of the data files: ``a.b[0].c``, ``__`` for a blank.
"""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from models.data.values import Drawn

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value to be written; a list of samples has several draws under one path."""

    path: str
    draws: tuple[Drawn, ...]
    mark: Any
    listed: bool = False

    @property
    def key(self) -> str:
        """The path as it is written, blanks restored."""
        return self.path.replace("__", " ")


@dataclass(frozen=True, slots=True)
class Placed:
    """A literal in the rendered text."""

    literal: str
    start: int
    leaf: Leaf


class Writer:
    """Text being built, and the literals placed in it so far."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.placed: list[Placed] = []

    def write(self, text: str) -> None:
        """Append text."""
        self.parts.append(text)
        self.length += len(text)

    def place(self, drawn: Drawn, leaf: Leaf, before: str = "", shown: str | None = None) -> None:
        """Append a drawn value (or ``shown``, its escaped form, ``before`` being the escaped text before the literal)."""
        text = drawn.text if shown is None else shown
        offset = drawn.start if shown is None else len(before)
        self.placed.append(Placed(drawn.literal, self.length + offset, leaf))
        self.write(text)

    def text(self) -> str:
        """All that was written."""
        return "".join(self.parts)


def steps(path: str) -> list[str | int]:
    """``a.b[0].c`` -> ["a", "b", 0, "c"], blanks restored."""
    return [int(index) if index else key.replace("__", " ") for key, index in _STEP.findall(path)]


def build_tree(leaves: Sequence[Leaf]) -> Any:
    """Nested dicts and lists with leaves at their ends; a leaf whose way is blocked by another is put under its flat key."""
    root: dict[Any, Any] = {}
    for leaf in leaves:
        node, way = root, steps(leaf.path) or [leaf.path]
        for step in way[:-1]:
            child = node.setdefault(step, {})
            if not isinstance(child, dict):
                node, way = root, [leaf.key]
                break
            node = child
        if isinstance(node.get(way[-1]), dict):
            root[leaf.key] = leaf
        else:
            node[way[-1]] = leaf
    return _lists(root)


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    done = {key: _lists(child) for key, child in node.items()}
    if done and all(isinstance(key, int) for key in done):
        return [done[key] for key in sorted(done)]
    return done


def _json_scalar(drawn: Drawn, leaf: Leaf, writer: Writer, ascii_only: bool) -> None:
    if not drawn.quoted:
        writer.place(drawn, leaf)
        return
    before = json.dumps(drawn.text[: drawn.start], ensure_ascii=ascii_only)[1:-1]
    literal = json.dumps(drawn.literal, ensure_ascii=ascii_only)[1:-1]
    after = json.dumps(drawn.text[drawn.start + len(drawn.literal) :], ensure_ascii=ascii_only)[1:-1]
    writer.write('"')
    writer.place(Drawn(drawn.text, literal, drawn.start, True), leaf, before, before + literal + after)
    writer.write('"')


def render_json(tree: Any, rng: random.Random) -> Writer:
    """JSON in one of several stylings: compact, spaced, indented; non-ASCII escaped or not."""
    style = rng.choice(["compact", "compact", "spaced", "spaced", "indent2", "indent4", "loose"])
    ascii_only = rng.random() < 0.2
    comma, colon = {"compact": (",", ":"), "loose": (" , ", " : ")}.get(style, (", ", ": "))
    width = {"indent2": 2, "indent4": 4}.get(style, 0)
    writer = Writer()

    def newline(depth: int) -> None:
        if width:
            writer.write("\n" + " " * (width * depth))

    def walk(node: Any, depth: int) -> None:
        if isinstance(node, dict):
            writer.write("{")
            for index, (key, child) in enumerate(node.items()):
                if index:
                    writer.write("," if width else comma)
                newline(depth + 1)
                writer.write(json.dumps(str(key), ensure_ascii=ascii_only) + colon)
                walk(child, depth + 1)
            newline(depth)
            writer.write("}")
        elif isinstance(node, list):
            writer.write("[")
            for index, child in enumerate(node):
                if index:
                    writer.write("," if width else comma)
                newline(depth + 1)
                walk(child, depth + 1)
            newline(depth)
            writer.write("]")
        elif isinstance(node, Leaf):
            if node.listed:
                writer.write("[")
                for index, drawn in enumerate(node.draws):
                    if index:
                        writer.write(comma)
                    _json_scalar(drawn, node, writer, ascii_only)
                writer.write("]")
            else:
                _json_scalar(node.draws[0], node, writer, ascii_only)
        else:
            writer.write(json.dumps(node, ensure_ascii=ascii_only))

    walk(tree, 0)
    return writer


def render_kv(leaves: Sequence[Leaf], rng: random.Random) -> Writer:
    """``key=value`` and ``key: value`` in lines, or with ``;``, ``,``, ``&``, ``|`` or blanks between."""
    equals, between = rng.choice(
        [("=", "\n"), (": ", "\n"), ("=", ";"), ("=", ","), ("=", "&"), (":", ","), (":", ";"), ("=", " "), (" = ", "\n"),
         (": ", ", "), ("=", "|"), (":", " "), (" : ", "\n"), ("=", "; "), ("\t", "\n"), (": ", " | ")]
    )  # fmt: skip
    quote = '"' if between == " " and equals == "=" else ""
    writer = Writer()
    for index, leaf in enumerate(flat(leaves)):
        if index:
            writer.write(between)
        key = leaf.key
        if between in (" ", "&", ",", "|") and equals in ("=", ":"):
            key = key.replace(" ", "_")
        writer.write(key + equals)
        drawn = leaf.draws[0]
        blanks = " " in drawn.text and between == " "
        writer.write(quote if blanks else "")
        writer.place(drawn, leaf)
        writer.write(quote if blanks else "")
    return writer


def render_influx(leaves: Sequence[Leaf], rng: random.Random, measurement: str, stamp: str | None) -> Writer:
    """InfluxDB line protocol: text without digits become tags, the rest fields; integers with ``i`` at times."""
    writer = Writer()
    writer.write(measurement.replace(" ", "_"))
    all_leaves = flat(leaves)
    tags = [leaf for leaf in all_leaves if leaf.draws[0].quoted and getattr(leaf.mark, "role", "none") != "reading"]
    fields = [leaf for leaf in all_leaves if leaf not in tags]
    for leaf in tags:
        text = leaf.draws[0].text.replace(" ", "\\ ").replace(",", "\\,").replace("=", "\\=")
        writer.write("," + leaf.key.replace(" ", "_") + "=")
        if text == leaf.draws[0].text:
            writer.place(leaf.draws[0], leaf)
        else:
            writer.write(text)
    integers = rng.random() < 0.5
    for index, leaf in enumerate(fields):
        writer.write(" " if index == 0 else ",")
        writer.write(leaf.key.replace(" ", "_") + "=")
        drawn = leaf.draws[0]
        quote = '"' if drawn.quoted else ""
        writer.write(quote)
        writer.place(drawn, leaf)
        writer.write(quote)
        if integers and re.fullmatch(r"-?\d+", drawn.text) and not quote:
            writer.write("i")
    if stamp:
        writer.write(" " + stamp)
    return writer


def render_csv(leaves: Sequence[Leaf], rng: random.Random, header: bool) -> Writer:
    """One row, with or without a header line."""
    delimiter = rng.choice([",", ",", ",", ";", ";", "\t", "|", ", "])
    rows = flat(leaves)
    writer = Writer()
    if header:
        writer.write(delimiter.join(leaf.key for leaf in rows) + rng.choice(["\n", "\r\n"]))
    for index, leaf in enumerate(rows):
        if index:
            writer.write(delimiter)
        drawn = leaf.draws[0]
        quote = '"' if delimiter.strip() and delimiter.strip() in drawn.text else ""
        writer.write(quote)
        writer.place(drawn, leaf)
        writer.write(quote)
    if rng.random() < 0.2:
        writer.write("\n")
    return writer


def _tag(text: str) -> str:
    name = re.sub(r"[^\w.-]", "_", text)
    return name if name[:1].isalpha() else "x" + name


def render_xml(tree: Any, rng: random.Random, root: str) -> Writer:
    """Elements, or the scalars of an object as attributes; with or without declaration and indentation."""
    writer = Writer()
    indent = rng.choice([0, 0, 1, 2, 4])
    as_attributes = rng.random() < 0.3
    if rng.random() < 0.4:
        writer.write('<?xml version="1.0" encoding="UTF-8"?>' + ("\n" if indent else ""))

    def newline(depth: int) -> None:
        if indent:
            writer.write("\n" + " " * indent * depth)

    def place(leaf: Leaf, drawn: Drawn) -> None:
        before, literal = escape(drawn.text[: drawn.start]), escape(drawn.literal)
        after = escape(drawn.text[drawn.start + len(drawn.literal) :])
        writer.place(Drawn(drawn.text, literal, drawn.start, True), leaf, before, before + literal + after)

    def element(name: str, node: Any, depth: int) -> None:
        if isinstance(node, list):
            for child in node:
                element(name, child, depth)
                newline(depth)
            return
        if isinstance(node, Leaf) and node.listed:
            for drawn in node.draws:
                writer.write(f"<{_tag(name)}>")
                place(node, drawn)
                writer.write(f"</{_tag(name)}>")
            return
        writer.write(f"<{_tag(name)}")
        if isinstance(node, Leaf):
            writer.write(">")
            place(node, node.draws[0])
        else:
            inside = dict(node)
            if as_attributes:
                for key, child in list(inside.items()):
                    if isinstance(child, Leaf) and not child.listed and '"' not in child.draws[0].text:
                        writer.write(f' {_tag(str(key))}="')
                        place(child, child.draws[0])
                        writer.write('"')
                        del inside[key]
            writer.write(">")
            for key, child in inside.items():
                newline(depth + 1)
                element(str(key), child, depth + 1)
            newline(depth)
        writer.write(f"</{_tag(name)}>")

    element(root, tree if isinstance(tree, dict) else {"item": tree}, 0)
    return writer


_HOLE = re.compile(r"\{([^{}:]+)(?::(\d+))?\}")


def render_line(template: str, leaves: dict[str, Leaf]) -> Writer:
    """A line of the data files: ``{path}`` and ``{path:5}`` (zero-padded) replaced, other braces kept."""
    writer = Writer()
    position = 0
    for hole in _HOLE.finditer(template):
        leaf = leaves.get(hole[1])
        if leaf is None:
            continue
        writer.write(template[position : hole.start()])
        drawn = leaf.draws[0]
        if hole[2] and drawn.start == 0 and drawn.text == drawn.literal:
            padded = drawn.text.zfill(int(hole[2]))
            drawn = Drawn(padded, padded, 0, drawn.quoted)
        writer.place(drawn, leaf)
        position = hole.end()
    writer.write(template[position:])
    return writer


def flat(leaves: Sequence[Leaf]) -> list[Leaf]:
    """Lists of samples as leaves of their own."""
    done = []
    for leaf in leaves:
        if leaf.listed:
            done += [Leaf(f"{leaf.path}_{index}", (drawn,), leaf.mark) for index, drawn in enumerate(leaf.draws)]
        else:
            done.append(leaf)
    return done
