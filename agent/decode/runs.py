"""Lines without blanks in which a sign or a letter begins the next value, and fixed-width lines.

SDI-12 ``0+21.3-4.5``, DCON ``>+720.69``, poll answers ``15T+39.3H+44.6``, ``L051.6P11.05``, LLAP ``aT3TEMP19.3---``. A sign
belongs to its value: it is how these protocols begin one. What could as well be a date, a version or an identifier is left to
the scalar.
"""

import re

from agent.decode.gather import Gather
from agent.decode.kinds import classify
from agent.decode.measure import is_unit

_NUMBER = r"\d{1,12}+(?:\.\d{0,12}+)?+(?:E[+-]\d{1,3}+)?+"
_SIGNED = rf"[+-]{_NUMBER}"
_COMMAND = r"[0-9A-Za-z](?:RC?\d{1,3}|D\d{1,3}|M[C\d]{0,2})!"
_ECHO = rf"(?:{_COMMAND}[ ]{{0,4}})?"
"""The command that an SDI-12 recorder repeats before the answer, or in a line of its own."""
_TAIL = r"(?P<unit>[A-Za-z%°][A-Za-z%°/0-9]{0,4})?"
_GROUPS = rf"(?:[A-Z]{{1,4}}[+-]?{_NUMBER}){{2,16}}"
_TK103 = (
    r"\((?P<address>\d{9,12})B[A-Z]\d\d(?:\d{15})?(?P<date>\d{6})A(?P<latitude>\d{4}\.\d{4})[NS](?P<longitude>\d{5,7}\.\d{2,4})[EW]"
    r"(?P<speed>\d{3}\.\d)(?P<time>\d{6})(?P<course>\d{3}\.\d\d)[01]{8}L[0-9A-F]{8}\)"
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (dialect, re.compile(pattern))
    for dialect, pattern in (
        ("llap", r"(?=.{11,14}\Z)a(?P<address>[A-Z0-9-]{2})(?P<name>[A-Z]{2,7})(?P<value>[+-]?\d{1,7}(?:\.\d{1,5})?)-{0,7}"),
        ("llap", r"(?=.{11,14}\Z)a(?P<address>[A-Z0-9-]{2})(?P<word>[A-Z]{2,9})-{0,7}"),
        ("sdi12", rf"{_ECHO}(?=.*(?:\+|\.))(?P<address>\d)(?P<values>(?:{_SIGNED}){{1,32}})(?:[@-\x7f]{{3}})?"),
        ("sdi12", rf"{_ECHO}(?=.*\+)(?P<address>[A-Za-z])(?P<values>(?:{_SIGNED}){{2,32}})(?:[@-\x7f]{{3}})?"),
        ("dcon", rf"[>!*](?P<address>[0-9A-F]{{2}})?(?P<values>(?:{_SIGNED}){{1,32}})"),
        ("coded", rf"[#@>]?(?P<address>\d{{1,3}})(?P<groups>[A-Z]{{1,4}}{_SIGNED}){_TAIL}"),
        ("coded", rf"\*[A-Z](?P<address>[0-9A-Z]{{1,6}})(?P<values>{_SIGNED}){_TAIL}"),
        ("coded", r"(?P<groups>[A-Z][+-]\d{1,9}\.\d{1,9})(?: ?(?P<unit>[A-Za-z%°]{1,4}))?"),
        ("coded", rf"(?!V)(?=[^.+-]*[.+-])[#@>]?(?P<address>\d{{1,3}})?(?P<groups>{_GROUPS}){_TAIL}"),
        ("at", r"\+(?P<name>C[A-Z]{2,5}): (?P<list>\d{1,9}(?:,\d{1,9}){1,9})"),
        ("mks", rf"@(?P<address>\d{{1,3}})ACK(?P<values>{_NUMBER});FF"),
        ("maxbotix", r"(?P<groups>R\d{3,4})"),
        ("weight", r"(?P<groups>w[nwt][+-]?[\d.]{5,8})(?P<unit>kg|g|lb|t)"),
        ("tk103", _TK103),
    )
)
_COMMAND_LINE = re.compile(rf"\s*{_COMMAND}\s*")
_DIGITS = re.compile(r"\d+")
_ONE_VALUE = re.compile(rf"[+-]?{_NUMBER}")
_ONE_GROUP = re.compile(rf"([A-Za-z]{{1,4}})([+-]?{_NUMBER})")
_AT_OK = re.compile(r"(?<=[\r\n])OK\s*+\Z")
_LINE = re.compile(r"[^\r\n\x02\x03]+")
_CAMPBELL = re.compile(r"(?<!\S)(\d\d)\+(-?\d{1,10}(?:\.\d{1,10})?)\.?(?!\S)")
_MOST_CHARS = 400
_MOST_LINES = 1000


def read_runs(gather: Gather) -> str | None:
    """Fill the gather; None where a line is of none of these protocols."""
    ends = _AT_OK.search(gather.text) if gather.text.startswith("+") else None
    lines = [line for line in _LINE.finditer(gather.text, 0, ends.start() if ends else len(gather.text)) if line[0].strip()]
    if len(lines) > 1:
        lines = [line for line in lines if not _COMMAND_LINE.fullmatch(line[0])]
    if not 0 < len(lines) <= _MOST_LINES:
        return None
    found = []
    for line in lines:
        match = _match(line[0].rstrip(), gather.text, line.start())
        if match is None:
            return None
        found.append(match)
    for _, parts in found:
        _fill(gather, parts)
    return found[0][0]


def read_campbell(gather: Gather) -> str | None:
    """A logger's printable array ``01+101. 02+-5.95``: each value under its two digits."""
    found = list(_CAMPBELL.finditer(gather.text))
    if len(found) < 2 or sum(len(one[0]) for one in found) != sum(1 for char in gather.text if not char.isspace()):
        return None
    for one in found:
        gather.add(one[1], *one.span(2), "number")
    return "campbell"


def _match(line: str, text: str, start: int) -> tuple[str, re.Match[str]] | None:
    """The first protocol that explains the whole line, unless it is a date or an identifier by its spelling."""
    if len(line) > _MOST_CHARS or classify(line) not in ("word", "opaque"):
        return None
    for dialect, pattern in _PATTERNS:
        if match := pattern.fullmatch(text, start, start + len(line)):
            return dialect, match
    return None


def _fill(gather: Gather, match: re.Match[str]) -> None:
    """The named parts of a line: an address, a list of values, letters with their numbers, fields by their names."""
    parts = match.groupdict()
    unit = parts.get("unit")
    unit = unit if unit and is_unit(unit) else None
    for part, literal in parts.items():
        if literal is None or part in ("unit", "name"):
            continue
        start, end = match.span(part)
        if part == "address":
            gather.add("address", start, end, "opaque")
        elif part == "list":
            for index, value in enumerate(_DIGITS.finditer(gather.text, start, end), 1):
                gather.add(f"{parts['name']}[{index}]", *value.span(), "number")
        elif part == "values":
            values = list(_ONE_VALUE.finditer(gather.text, start, end))
            for index, value in enumerate(values, 1):
                gather.add(f"value {index}", *value.span(), "number", unit if index == len(values) else None)
        elif part == "groups":
            groups = list(_ONE_GROUP.finditer(gather.text, start, end))
            for index, group in enumerate(groups, 1):
                gather.add(group[1], *group.span(2), "number", unit if index == len(groups) else None)
        elif part == "value":
            gather.add(parts["name"] or "", start, end, "number")
        else:
            gather.add(part, start, end, "word" if part == "word" else "time" if part in ("date", "time") else "number")
