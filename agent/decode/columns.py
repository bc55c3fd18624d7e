"""Rows of cells: CSV and other delimited lines, with or without a header.

The many trackers and loggers that send one delimited line of their own are read here too. Times are kept
whole before the line is cut: ``12/05/14,07:39:57`` is one cell.
"""

import re
from dataclasses import dataclass

from agent.decode.cell import add_cell
from agent.decode.decimals import comma_measures, has_named_decimals_only
from agent.decode.gather import Gather
from agent.decode.key_value import unit_in_key
from agent.decode.kinds import OBIS, classify
from agent.decode.leaf import trim
from agent.decode.lexer import CJK, PLAIN_NUMBER
from agent.decode.measure import is_unit
from agent.decode.times import PACKED, TIME

_LINE = re.compile(r"[^\r\n]+")
_TIME = re.compile(rf"(?<![\w:.])(?:(?:[0-9A-Fa-f]{{2}}:){{5}}[0-9A-Fa-f]{{2}}|{OBIS}|{TIME}|{PACKED})(?!\w|:\S|\.\d)")
"""What is no two cells though a delimiter stands in it: times, and addresses and codes with a colon."""
_DELIMITERS = (",", ";", "\t", "|")
_CUT = {delimiter: re.compile(rf"\"[^\"\n]{{0,4000}}\"|(?P<cut>{re.escape(delimiter)})") for delimiter in _DELIMITERS}
_CUT[" "] = re.compile(r"(?P<cut>[ \t]*[,;][ \t]+|[ \t]+)")
_CODED_CUT = re.compile(r"(?P<cut>[,;|#$*<>()\s\x02\x03&!]+|(?<=[\w.])(?<!\d[Ee])\+|\+(?!\d)|[=:](?=[^\s]))")
_NUMERIC = re.compile(r"[^\W\d][\w.]{0,31}=\S+|[^\w\s]?[A-Za-z]{0,3}[+\-−]?\d[\d.,]*[A-Za-z%°]{0,3}")
_MEASURE = re.compile(rf"[+\-−]?{PLAIN_NUMBER}[ \u00a0\u202f]([^\s\d][^\t\r\n]{{0,23}})")
_IDEOGRAPHIC = re.compile(rf"[{CJK}]{{2}}")
_DECIMAL_COMMA = re.compile(r"(?<![\d,])\d{1,9},\d{1,9}(?![\d,])")
_NEXT_CELL = re.compile(r",\S")
_DIGITS_AND_MARKS = re.compile(r"[\d,;|#$*+]")
_GRAPHITE = re.compile(r"\s*[A-Za-z][\w-]{0,64}(?:\.[\w-]{1,64}){1,16} [+-]?\d[\d.eE+-]{0,24} 1\d{9}\s*")
"""A line of Graphite's plaintext protocol: a name, its value and the time; the digits of many such lines make no code."""
_TOA5 = re.compile(r"\s*\"?TOA5\"?,[^,\r\n]")
_TOA5_HEADERS = 4
_MARK = re.compile(r"#[ \t]*(?=[^\W\d])")
_CAMPBELL_MARKS = ("TS", "RN")
"""What stands for the units of a time stamp and a record number."""
_LEAST_NUMERIC = 0.4
_SAMPLE_ROWS = 200
_SAMPLE_CHARS = 4000
"""Whether lines are a table is judged by their beginnings."""
_MOST_CELL_WORDS = 3
_MOST_WORD_CHARS = 32
_CHECKS = frozenset("ok ns nc cr nr".split())
"""How ``ipmitool sdr`` ends its rows: ok, no sensor, non-critical, critical, non-recoverable."""
_SHORT_NAME = re.compile(r"[^\W\d_]{1,16}\d{1,3}|[^\W\d_]{3,16}-\d{1,3}")


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[tuple[int, int], ...]

    def texts(self, text: str) -> list[str]:
        return [text[start:end].strip() for start, end in self.cells]


def read_columns(gather: Gather) -> str | None:
    """Fill the gather; None where the lines are no rows of values."""
    text = gather.text
    lines = _without_mark(text, [match.span() for match in _LINE.finditer(text) if match[0].strip()])
    if not lines:
        return None
    times = [match.span() for match in _TIME.finditer(text)]
    if len(lines) > _TOA5_HEADERS and _TOA5.match(text):
        return _read_toa5(gather, lines, times)
    sample = [(start, min(end, start + _SAMPLE_CHARS)) for start, end in lines[:_SAMPLE_ROWS]]
    whole = sorted([*times, *_measures(text)])
    is_named = has_named_decimals_only(text)
    for delimiter in _by_likelihood(text[sample[0][0] : sample[-1][1]]):
        if (delimiter not in text and not (delimiter == " " and "\t" in text)) or (delimiter == "," and is_named):
            continue
        kept = times if _is_even_header(text, _rows(text, sample, times, _CUT[delimiter])) else whole
        rows = _rows(text, sample, kept, _CUT[delimiter])
        units = _units_below(text, rows)
        values = 2 if units else 1
        header = _header(text, [rows[0], *rows[values:]])
        if (
            (not header or (len(header) == 2 and classify(header[1]) == "opaque"))
            and delimiter != " "
            and _is_named(text, rows)
            and _is_named(text, all_rows := _rows(text, lines, kept, _CUT[delimiter]))
        ):
            _fill_named(gather, all_rows)
            return "header"
        if _is_table(text, rows[values:] if header else rows, delimiter, has_header=bool(header)):
            rows = _rows(text, lines, kept, _CUT[delimiter])
            if header:
                rows = _as_wide_as(header, rows, _rows(text, lines, [], _CUT[delimiter]))
            stated = units or [unit_in_key(name) for name in header]
            _fill(gather, rows[values:] if header else rows, header, stated if header else [])
            return "header" if header else ""
    return None


def _without_mark(text: str, lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The lines, the first one without the ``#`` that says that it has names and no values."""
    if len(lines) < 2 or text[lines[1][0]] == "#" or (mark := _MARK.match(text, *lines[0])) is None:
        return lines
    return [(mark.end(), lines[0][1]), *lines[1:]]


def _units_below(text: str, rows: list[_Row]) -> list[str | None]:
    """The unit of each column where the row below the names has nothing but units, as loggers write them; else none."""
    if len(rows) < 3 or len(rows[0].cells) != len(rows[1].cells):
        return []
    cells = rows[1].texts(text)
    known = [cell for cell in cells if is_unit(cell)]
    others = [cell for cell in cells if classify(cell) != "null" and not is_unit(cell)]
    if not known or not set(others).issubset(_CAMPBELL_MARKS) or len(known) + len(others) < 2:
        return []
    return [cell if is_unit(cell) else None for cell in cells]


def _read_toa5(gather: Gather, lines: list[tuple[int, int]], times: list[tuple[int, int]]) -> str:
    """A Campbell logger's file: the station, the names, the units and the kinds of samples, each in a row; then values."""
    station, names, units, _, *rows = _rows(gather.text, lines, times, _CUT[","])
    gather.add("station", *station.cells[1], "opaque")
    header = names.texts(gather.text)
    _fill(gather, rows, header, [unit if is_unit(unit) else None for unit in units.texts(gather.text)])
    return "toa5"


def _by_likelihood(text: str) -> tuple[str, ...]:
    """The delimiters to try; the comma as the last of its kind where each one stands inside a number of its own."""
    has_others = any(delimiter in text for delimiter in _DELIMITERS[1:])
    if has_others and text.count(",") == sum(1 for _ in _DECIMAL_COMMA.finditer(text)):
        return (*_DELIMITERS[1:], ",", " ")
    return (*_DELIMITERS, " ")


def read_coded(gather: Gather) -> str | None:
    """Lines of marks and digits that no table explains: cut at every mark; None where they read like a text.

    The digits of a time make no code of the one line behind it; of several lines, each keeps its time as a row.
    """
    text = gather.text.strip()
    lines = [match.span() for match in _LINE.finditer(gather.text) if match[0].strip()]
    judged = text if len(lines) > 1 else _TIME.sub("", text)
    spaces = sum(1 for char in text if char == " ")
    marks = len(_DIGITS_AND_MARKS.findall(judged))
    if marks * 5 < len(judged) * 2 or spaces * 8 > len(text) or not any(char.isdigit() for char in text) or _IDEOGRAPHIC.search(text):
        return None
    if has_named_decimals_only(text) or all(_GRAPHITE.fullmatch(gather.text, *line) for line in lines):
        return None
    times = [match.span() for match in _TIME.finditer(gather.text)]
    name = ""
    for row in _rows(gather.text, lines, sorted([*times, *_measures(gather.text)]), _CODED_CUT):
        index = 0
        for start, end in row.cells:
            start, end = trim(gather.text, start, end)
            if start == end:
                continue
            index += 1
            literal = gather.text[start:end]
            add_cell(gather, name or f"column {index}", start, end)
            name = literal if literal[0].isalpha() and len(literal) <= 24 and gather.text[end : end + 1] in "=:#" else ""
    return ""


def _measures(text: str) -> list[tuple[int, int]]:
    """Numbers with a comma and a unit, but for those right before another cell: ``21,45%,1013hPa`` are three."""
    return [(start, end) for start, end in comma_measures(text, 0, len(text)) if not _NEXT_CELL.match(text, end)]


def _is_even_header(text: str, rows: list[_Row]) -> bool:
    """True where the first row has names and the others as many cells: each comma is a delimiter in ``Room 1,45%`` below ``room,rh``."""
    return all(len(row.cells) == len(rows[0].cells) for row in rows) and bool(_header(text, rows))


def _rows(text: str, lines: list[tuple[int, int]], whole: list[tuple[int, int]], cut: re.Pattern[str]) -> list[_Row]:
    """The cells of each line; a cut inside what is whole, a time or a number with its unit, is none."""
    rows = []
    next_whole = 0
    for start, end in lines:
        cells = []
        at = start
        for match in cut.finditer(text, start, end):
            if match["cut"] is None:
                continue
            while next_whole < len(whole) and whole[next_whole][1] <= match.start():
                next_whole += 1
            if next_whole < len(whole) and whole[next_whole][0] < match.start():
                continue
            cells.append((at, match.start()))
            at = match.end()
        cells.append((at, end))
        rows.append(_Row(tuple(_unquoted(text, *cell) for cell in cells)))
    return rows


def _unquoted(text: str, start: int, end: int) -> tuple[int, int]:
    start, end = trim(text, start, end)
    if end - start >= 2 and text[start] == text[end - 1] == '"':
        return start + 1, end - 1
    return start, end


def _is_numeric(cell: str) -> bool:
    return _NUMERIC.fullmatch(cell) is not None or classify(cell) in ("number", "time", "null", "bool")


def _is_measure(cell: str) -> bool:
    """True for a number, a blank and its unit. At commas that would be half a decimal, or a clause of a sentence."""
    measure = _MEASURE.fullmatch(cell)
    return measure is not None and is_unit(measure[1])


def _header(text: str, rows: list[_Row]) -> list[str]:
    """The names in the first row, where no cell of it is a value and the next row has values.

    A number with its unit may be a name (``5 min`` of a load), but not above another.
    """
    if len(rows) < 2 or len(rows[0].cells) < 2:
        return []
    names = rows[0].texts(text)
    if any(classify(name) in ("number", "time") or not any(char.isalpha() for char in name) for name in names if name):
        return []
    if any(_is_measure(name) and _is_measure(cell) for name, cell in zip(names, rows[1].texts(text), strict=False)):
        return []
    below = [cell for cell in rows[1].texts(text) if cell]
    is_close = abs(len(rows[1].cells) - len(names)) <= max(1, len(names) // 3)
    return names if below and is_close and any(_is_numeric(cell) for cell in below) else []


def _as_wide_as(header: list[str], rows: list[_Row], plain: list[_Row]) -> list[_Row]:
    """The rows, but cut inside their times too where only that gives each name its cell: a date and a time of day in two columns."""
    return [apart if len(row.cells) < len(header) == len(apart.cells) else row for row, apart in zip(rows, plain, strict=True)]


def _is_table(text: str, rows: list[_Row], delimiter: str, *, has_header: bool) -> bool:
    """True where the cells are values: short, a good part of them numbers, and enough of them a row."""
    cells = [cell for row in rows for cell in row.texts(text) if cell]
    if not cells or sum(1 for row in rows if len(row.cells) > 1) * 2 < len(rows):
        return False
    numeric = sum(1 for cell in cells if _is_numeric(cell) or (delimiter in ";\t|" and _is_measure(cell)))
    words = max((cell.count(" ") for cell in cells if not _TIME.fullmatch(cell)), default=0)
    if words >= _MOST_CELL_WORDS or any(len(cell) > 96 for cell in cells):
        return False
    if delimiter == " ":
        return numeric >= len(cells) * (0.5 if has_header else 0.75) and len(cells) >= 2 and _is_even(rows)
    return numeric >= len(cells) * (0.2 if has_header else _LEAST_NUMERIC) and numeric >= 1


def _is_named(text: str, rows: list[_Row]) -> bool:
    """True where every row is a name of its own, a value and perhaps its unit (``TEMP,21.5``): names stand before their values then.

    Names that all have digits are those of devices. Values may be short words (``LOAD``, ``ON``), half of them at most, where the names
    have no blanks. Rows that all end in a server's check (``12V | 12.06 Volts | ok``) may have any names.
    """
    if len(rows) < 2 or any(not 2 <= len(row.cells) <= 3 for row in rows):
        return False
    texts = [row.texts(text) for row in rows]
    names = [cells[0] for cells in texts]
    words = [value for _, value, *_ in texts if not (_is_numeric(value) or _is_measure(value))]
    if len(set(names)) < len(names) or any(len(word) > _MOST_WORD_CHARS or word.count(" ") > 1 for word in words):
        return False
    if all(cells[2:] and cells[2] in _CHECKS for cells in texts):
        return len(words) < len(texts) and all(any(char.isalpha() for char in name) for name in names)
    return (
        all(name and name[0].isalpha() and classify(name) == "word" for name in names)
        and not all(any(char.isdigit() for char in name) for name in names)
        and len(words) * 2 <= len(texts)
        and not (words and any(" " in name for name in names))
        and all(not cell or is_unit(cell) for cells in texts for cell in cells[2:])
    )


def _fill_named(gather: Gather, rows: list[_Row]) -> None:
    for row in rows:
        (name_start, name_end), (start, end), *rest = row.cells
        name = gather.text[name_start:name_end]
        unit = gather.text[slice(*rest[0])] if rest else ""
        if gather.is_full:
            gather.drop(1)
        elif unit in _CHECKS:
            add_cell(gather, name, start, end, is_named=True)
            add_cell(gather, f"{name} column 3", *rest[0], is_named=True)
        else:
            add_cell(gather, name, start, end, unit or unit_in_key(name), is_named=True)


def _is_even(rows: list[_Row]) -> bool:
    return max(len(row.cells) for row in rows) - min(len(row.cells) for row in rows) <= 2


def _fill(gather: Gather, rows: list[_Row], header: list[str], units: list[str | None]) -> None:
    for row in rows:
        cells = row.cells
        if gather.is_full:
            gather.drop(sum(1 for start, end in cells if start < end))
            continue
        if header and len(cells) > len(header):
            cells = tuple(cell for cell in cells if cell[0] < cell[1])
        device = None if header else _device(row.texts(gather.text))
        for index, (start, end) in enumerate(cells):
            name = header[index] if index < len(header) and header[index] else f"column {index + 1}"
            add_cell(gather, name, start, end, units[index] if index < len(units) else None, is_named=bool(header) or index == device)


def _device(cells: list[str]) -> int | None:
    """Index of the cell that names a device, ``node1``: the first that is no time, where plain values follow (not ``T21,H45,P1013``)."""
    index = next((index for index, cell in enumerate(cells) if classify(cell) != "time"), None)
    if index is None or not _SHORT_NAME.fullmatch(cells[index]) or not any(_is_plain_value(cell) for cell in cells[index + 1 :]):
        return None
    return index


def _is_plain_value(cell: str) -> bool:
    """True for a number that no letters stand before, and for a state of two."""
    kind = classify(cell)
    return kind in ("number", "bool") or (kind == "word" and not cell[0].isalpha() and (_is_numeric(cell) or _is_measure(cell)))
