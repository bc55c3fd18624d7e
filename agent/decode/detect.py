"""Text -> its format, and the scanner of that format.

A scanner that finds the text is not its own says so and leaves the next one its turn; prose takes everything.
"""

import re
from collections.abc import Callable

from agent.decode.columns import read_coded, read_columns
from agent.decode.gather import Gather
from agent.decode.influx import read_influx, read_opentsdb, read_prometheus
from agent.decode.key_value import read_pairs
from agent.decode.kinds import classify
from agent.decode.leaf import add_leaf, trim
from agent.decode.lexer import CJK
from agent.decode.metar import read_metar
from agent.decode.prose import read_prose
from agent.decode.runs import read_campbell, read_runs
from agent.decode.sections import read_sections
from agent.decode.siblings import with_sibling_units
from agent.decode.structured import looks_like_json, looks_like_xml, read_json, read_json_behind, read_xml
from agent.decode.telegrams import (
    read_aprs,
    read_grbl,
    read_mysensors,
    read_nmea,
    read_obis,
    read_obis_pairs,
    read_shdr,
    read_tic,
    read_wits,
)
from agent.domain.document import Candidate, Document, Format, Undecodable

Reader = Callable[[Gather], str | None]
_MOST_SCALAR_CHARS = 64
_QUOTED = re.compile(r"\"[^\"\\]+\"|'[^'\\]+'")
_JOINT = re.compile(rf"[ \t:=,;|{{}}\[\]<>/$#，。；：、！？（）【】]|\d\(|[{CJK}]{{2}}[+\-−]?\d{{1,9}}(?:\.\d|[^\w\s])")
"""What joins several words or values, a code before its value, and an ideographic word with a number behind it."""


def read(text: str, encoding: str) -> Document | Undecodable:
    """The document of a text."""
    readers: list[tuple[Format, Reader]] = []
    looks_structured = True
    if looks_like_json(text):
        readers.append(("json", read_json))
    elif looks_like_xml(text):
        readers.append(("xml", read_xml))
    else:
        looks_structured = False
        readers += [("telegram", read_runs), ("scalar", read_scalar)]
    readers += LATER
    for form, reader in readers:
        gather = Gather(text)
        dialect = reader(gather)
        if dialect is None:
            continue
        if looks_structured and form not in ("json", "xml") and not len(gather):
            break
        candidates = gather.candidates()
        if reader in _WITH_PATHS:
            candidates = with_sibling_units(text, candidates)
        return Document(text, form, candidates, encoding, dialect, gather.dropped)
    return Undecodable("malformed", "it opens like JSON or XML and holds no value")


def read_scalar(gather: Gather) -> str | None:
    """One bare value: a number with or without its unit, a state, a time, an identifier."""
    start, end = trim(gather.text, 0, len(gather.text))
    literal = gather.text[start:end]
    if _HEX_BYTES.fullmatch(literal):
        gather.add("", start, end, "opaque")
        return ""
    if end - start > _MOST_SCALAR_CHARS or "\n" in literal:
        return None
    if _QUOTED.fullmatch(literal):
        start, end = start + 1, end - 1
        literal = gather.text[start:end]
    kind = classify(literal)
    if kind == "word" and _JOINT.search(literal):
        attempt = Gather(gather.text)
        add_leaf(attempt, "", start, end)
        first = attempt.candidates()[0]
        if len(attempt) != 1 or first.kind != "number" or first.start != start or _has_rest(literal, first):
            return None
    add_leaf(gather, "", start, end)
    return ""


def _has_rest(literal: str, number: Candidate) -> bool:
    """True where words follow the unit, unless in one pair of brackets."""
    rest = literal[len(number.literal) :].strip()
    return rest != number.unit_text and not (rest.startswith("(") and rest.count("(") == 1)


def read_text(gather: Gather) -> str | None:
    """Whatever it is, as prose."""
    read_prose(gather)
    return ""


_WITH_PATHS = (read_json, read_xml, read_sections)
"""Readers of payloads in which a unit may stand beside its value."""
_HEX_BYTES = re.compile(r"(?=[^A-Fa-f]*[A-Fa-f])[0-9A-Fa-f]{2}(?: [0-9A-Fa-f]{2}){15,}|(?=[^A-Fa-f]*[A-Fa-f])(?:[0-9A-Fa-f]{2}){32,}")
"""A frame of many bytes, with blanks or without; decimals of two digits have no letter among them."""
LATER: list[tuple[Format, Reader]] = [
    ("telegram", read_nmea),
    ("telegram", read_obis),
    ("telegram", read_obis_pairs),
    ("telegram", read_tic),
    ("telegram", read_mysensors),
    ("telegram", read_grbl),
    ("telegram", read_wits),
    ("telegram", read_shdr),
    ("telegram", read_aprs),
    ("telegram", read_metar),
    ("telegram", read_campbell),
    ("kv", read_influx),
    ("kv", read_opentsdb),
    ("kv", read_prometheus),
    ("kv", read_sections),
    ("kv", read_pairs),
    ("json", read_json_behind),
    ("csv", read_columns),
    ("telegram", read_coded),
    ("text", read_text),
]
