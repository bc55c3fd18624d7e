"""What kind of thing a whole literal is. One function, by table: it is asked once for every leaf."""

import re

from agent.decode.times import is_time
from agent.domain.document import Kind

NUMBER = re.compile(
    r"[+\-−]?(?:\d{1,3}(?:,\d{3}){1,4}\.\d{1,40}|[1-9]\d{0,2}(?:\.\d{3}){1,2},\d{1,40}|\d{1,3},\d{3}"
    r"|[1-9]\d{0,2}(?:['’\u00a0\u202f]\d{3}){1,4}(?:[.,]\d{1,40})?|\d{1,400}(?:[.,]\d{0,400})?|[.,]\d{1,400})(?:[eE][+-]?\d{1,4})?"
)
_NULLS = frozenset({"", "null", "nan", "-nan", "unknown", "n/a", "undefined", "nil", "infinity", "-infinity", "-"})
_BLANK = re.compile(r"[-–—./:*_?]{2,12}|#?N/?A|N\.A\.")
"""What a display, a telegram or a spreadsheet shows where it has no value: ``--.-``, ``--:--``, ``////``, ``***``, ``NA``."""
_BOOLS = frozenset({"true", "false", "yes", "no", "on", "off"})
OBIS = r"\d{1,3}-\d{1,3}:[0-9CFLP]{1,3}\.[0-9F]{1,3}\.\d{1,3}(?:[*&.]\d{1,3})?"
"""A meter's code for what it counts (IEC 62056-61), ``1-0:1.8.0*255``."""
_OPAQUE = re.compile(
    r"(?:[0-9A-Fa-f]{2}[:-]){2,31}[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2,4}){0,4}"  # MAC, EUI-64, raw bytes
    r"|(?:0[xX])[0-9A-Fa-f]{1,}"
    r"|(?=[^\W\d_]*+\d)[0-9A-Fa-f]{6,}(?<![.,])"  # hexadecimal with a digit in it
    r"|[0-9A-Fa-f]{4,}(?:-[0-9A-Fa-f]{4,}){1,7}"  # UUID
    r"|\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d{1,5})?"  # IPv4
    r"|[0-9A-Fa-f:]*::[0-9A-Fa-f:]*"
    r"|[vV]?\d{1,8}(?:[._]\d{1,8}){2,}[\w.+-]*|[vV]\d{1,8}(?:\.\d{1,8})+[\w.+-]*"  # version
    r"|[A-Za-z][A-Za-z0-9+.-]{1,15}://\S*"
    r"|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}"
    r"|(?=[^\d]*+\d)(?=[^A-Z]*+[A-Z])[A-Za-z0-9+/]{12,}={0,2}"  # base64, serial numbers
    r"|(?:[0-9A-Fa-f]{2} ){3,}[0-9A-Fa-f]{2}"
    rf"|{OBIS}"
)
_MOST_CHARS = 256


def classify(literal: str) -> Kind:
    """The kind of a literal that stands alone, as one leaf or one cell."""
    folded = literal.lower() if len(literal) <= 12 else literal
    if folded in _NULLS or _BLANK.fullmatch(literal):
        return "null"
    if folded in _BOOLS:
        return "bool"
    if len(literal) > _MOST_CHARS:
        return "word" if " " in literal else "opaque"
    if NUMBER.fullmatch(literal):
        return "number"
    if is_time(literal):
        return "time"
    if _OPAQUE.fullmatch(literal):
        return "opaque"
    return "word"
