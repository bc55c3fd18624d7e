"""Document -> the text that the reader sees, and where each candidate stands in it. Training imports this file.

The reader never sees the raw payload of a structured format. It sees one line a leaf under a section line that names
the common parent (as in an INI file), so JSON, XML, key=value and CSV with a header all look alike, and a payload costs
about half its own tokens. Text and telegrams stay as they are. Digits cost a token each, so long numbers, times and
identifiers are shortened to what helps to tell their meaning. Candidates are read where they stand, by their first and
last token, by the last token of their key and by that of the section line that they stand under: there is no second
copy of them as a probe (measured in ``models/LOG.md``).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agent.domain.document import Candidate, Document

PROMPT_VERSION = 2
MAX_TOKENS = 448
"""Tokens of one prompt; a longer document is read in several prompts, each with the topic and its section line."""
SPAN = 4
"""Tokens by which a candidate is read."""
MAX_WORD_CHARS = 28
MAX_KEY_CHARS = 48
MAX_GAP_CHARS = 96
INLINE_FORMATS = ("text", "telegram", "scalar")

Encode = Callable[[Sequence[str]], list[list[int]]]
"""Pieces of text to token ids, a list each, none of them special."""

_NUMBER = re.compile(r"^([+-]?)(\d+)(?:[.,](\d*))?([eE][+-]?\d+)?$")
_MAC = re.compile(r"^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5,7}$")
_UUID = re.compile(r"^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$")
_IP = re.compile(r"^\d{1,3}(\.\d{1,3}){3}(:\d+)?$")
_HEX = re.compile(r"^(0x)?[0-9A-Fa-f]{6,}$")
_VERSION = re.compile(r"^[vV]?\d+(\.\d+){2,}\S*$")
_LEAF = re.compile(r"^(?:(?P<parent>.*)[./](?P<key>[^./\[\]]+)|(?P<list>.*)(?P<index>\[\d+\])|(?P<only>.*))$", re.DOTALL)
_EPOCHS = {10: "epoch", 13: "epochms", 16: "epochus", 19: "epochns"}
_TELLING_PARTS = re.compile(r"[^\W\d_]{3,}")
_LONG_DIGITS = re.compile(r"\d{5,}")
_LONG_HEX = re.compile(r"\b(?=[0-9A-Fa-f]*\d)[0-9A-Fa-f]{8,}\b")


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids of one pass, and the span of each candidate in it.

    ``spans[i]`` holds the token positions of candidate ``indices[i]`` of the document: the last token of the key or the
    words before it, its own first token, its own last token, and the last token of its section line (where it has none, of the topic's
    line, or of the empty line that ends a section).
    """

    ids: tuple[int, ...]
    indices: tuple[int, ...]
    spans: tuple[tuple[int, int, int, int], ...]


def shorten_number(literal: str) -> str:
    """Two decimals at most, long integers as leading digits and length, epochs by their name."""
    match = _NUMBER.match(literal)
    if match is None:
        return literal[:MAX_WORD_CHARS]
    sign, whole, decimals, exponent = match[1], match[2], match[3], match[4] or ""
    if len(whole) >= 7:
        if decimals is None and whole[0] == "1" and len(whole) in _EPOCHS and "3" <= whole[1] <= "9":
            return _EPOCHS[len(whole)]
        return f"{sign}{whole[:2]}~{len(whole)}"
    if not decimals:
        return sign + whole + exponent
    kept = decimals[: max(2, len(decimals) - len(decimals.lstrip("0")) + 1)] if whole.strip("0") == "" else decimals[:2]
    long = "~" if len(decimals) >= 5 else ""
    return f"{sign}{whole}.{kept}{long}{exponent}"


def shorten(candidate: Candidate) -> str:
    """What the reader sees of a literal."""
    literal = " ".join(candidate.literal.split())
    if candidate.kind == "number":
        return shorten_number(literal)
    if candidate.kind == "time":
        return "clock" if len(literal) <= 8 and ":" in literal else "date" if len(literal) <= 10 else "datetime"
    if candidate.kind == "opaque" or len(literal) > MAX_WORD_CHARS:
        for pattern, name in ((_MAC, "mac"), (_UUID, "uuid"), (_IP, "ip"), (_VERSION, "version"), (_HEX, "hex")):
            if pattern.match(literal):
                return name
        if "://" in literal:
            return "url"
        if candidate.kind == "opaque" and len(_TELLING_PARTS.findall(literal)) < 2:
            return literal[:8] + "~"
        return literal if len(literal) <= MAX_WORD_CHARS else "~" + literal[1 - MAX_WORD_CHARS :]
    return literal


def _tidy(text: str, limit: int) -> str:
    """Shorten what is not a candidate: identifiers, long numbers, long stretches."""
    text = _LONG_HEX.sub("hex", text)
    text = _LONG_DIGITS.sub(lambda match: f"{match[0][:2]}~{len(match[0])}", text)
    return text if len(text) <= limit else f"{text[: limit // 2]}…{text[-limit // 2 :]}"


def _split_path(path: str) -> tuple[str, str]:
    """The parent and the key of a path; an element of a list of scalars has the key ``""`` under the list's own path."""
    match = _LEAF.match(path)
    assert match is not None
    if match["key"] is not None:
        return match["parent"], match["key"]
    if match["index"] is not None:
        return match["list"], ""
    return "", match["only"]


Piece = tuple[str, int]
"""Text, and the index of the candidate that it is; -1 for other text, ``KEY`` for the words that name what follows."""

KEY = -2
_TELLING = re.compile(r"^(.*\w)(\W*)$", re.DOTALL)


def _structured(document: Document) -> Iterator[tuple[str, list[Piece]]]:
    """(section, pieces) of each line; a list of scalars is one line of its elements."""
    line: list[Piece] = []
    line_parent: str | None = None
    section = ""
    for index, candidate in enumerate(document.candidates):
        parent, key = _split_path(candidate.path)
        unit = f" {candidate.unit_text}" if candidate.unit_text else ""
        if line and key == "" and parent == line_parent:
            line += [(" ", -1), (shorten(candidate), index)]
            continue
        if line:
            yield section, [*line, ("\n", -1)]
        if key == "":
            line_parent = parent
            parent, key = _split_path(parent) if parent else ("", "")
        else:
            line_parent = None
        section = parent
        line = [(_tidy(key, MAX_KEY_CHARS), KEY), ("=", -1), (shorten(candidate), index)]
        if unit:
            line.append((unit[:24], -1))
    if line:
        yield section, [*line, ("\n", -1)]


def _inline(document: Document) -> Iterator[tuple[str, list[Piece]]]:
    """The text itself, a group of pieces for every candidate; overlapping candidates share their pieces."""
    text = document.text
    position = 0
    for index, candidate in enumerate(document.candidates):
        start, end = candidate.start, candidate.start + len(candidate.literal)
        if start < position:  # inside the phrase before it: repeat it behind the phrase
            yield "", [(" (", -1), (shorten(candidate), index), (")", -1)]
            continue
        gap = _tidy(text[position:start], MAX_GAP_CHARS)
        telling = _TELLING.match(gap)
        before = [(telling[1], KEY), (telling[2], -1)] if telling else [(gap, -1)]
        yield "", [*(piece for piece in before if piece[0]), (shorten(candidate), index)]
        position = end
    if tail := _tidy(text[position:], MAX_GAP_CHARS).rstrip():
        yield "", [(tail, -1)]


def is_inline(document: Document) -> bool:
    """True where the reader sees the text itself and not a list of leaves."""
    first = document.candidates[0].path if document.candidates else ""
    return document.format in INLINE_FORMATS or (document.format == "csv" and first.startswith("column "))


def tidy_topic(topic: str) -> str:
    """The last levels of a topic with identifiers shortened."""
    return _tidy("/".join(topic.split("/")[-6:]), 80)


def _section_line(section: str) -> str:
    parts = [part for part in re.split(r"[./]", section) if part]
    return "[" + _tidy(".".join(parts[-3:]), MAX_KEY_CHARS) + "]\n"


def build_prompts(document: Document, topic: str, encode: Encode) -> list[Prompt]:
    """The prompts of a document: every candidate stands in exactly one of them.

    A document without candidates has no prompt.
    """
    inline = is_inline(document)
    groups = list(_inline(document) if inline else _structured(document))
    head = f"{document.dialect or document.format} {tidy_topic(topic)}\n"
    sections = [_section_line(section) if section else "" for section, _ in groups]
    texts = [head, *sections, *(text for _, pieces in groups for text, _ in pieces)]
    unique = list(dict.fromkeys(texts))
    ids = dict(zip(unique, encode(unique), strict=True))
    empty = encode(["?"])[0]

    prompts: list[Prompt] = []
    tokens: list[int] = []
    indices: list[int] = []
    spans: list[tuple[int, int, int, int]] = []
    key = under = 0

    def flush() -> None:
        if indices:
            prompts.append(Prompt(tuple(tokens), tuple(indices), tuple(spans)))
        tokens.clear()
        indices.clear()
        spans.clear()

    current: str | None = None
    for (_, pieces), section in zip(groups, sections, strict=True):
        size = len(ids[section]) + sum(len(ids[text]) for text, _ in pieces)
        if tokens and len(tokens) + size > MAX_TOKENS:
            flush()
        if not tokens:
            tokens += ids[head]
            key = under = len(tokens) - 1
            current = ""
        if section != current:
            tokens += ids[section] if section else ids.get("\n", [])
            current, under = section, len(tokens) - 1
        for text, index in pieces:
            if len(tokens) >= MAX_TOKENS and index >= 0:  # one list longer than a prompt
                flush()
                tokens += ids[head] + ids[section]
                key = under = len(tokens) - 1
            piece = ids[text] or (empty if index >= 0 else [])
            if index >= 0:
                indices.append(index)
                spans.append((key, len(tokens), len(tokens) + len(piece) - 1, under))
            tokens += piece
            if index == KEY and piece:
                key = len(tokens) - 1
    flush()
    return prompts
