"""Aviation weather reports (METAR, SPECI): groups whose numbers are glued together, ``30010G20KT``, ``M01/M02``."""

import re
from collections.abc import Iterator

from agent.decode.gather import Gather
from agent.domain.document import Kind

_HEAD = re.compile(r"\s*(?:(?:METAR|SPECI)\s+(?:COR\s+)?)?([A-Z][A-Z0-9]{3})\s+(\d{6}Z)\s+")
_PHENOMENON = r"(?:DZ|RA|SN|SG|IC|PL|GR|GS|UP|BR|FG|FU|VA|DU|SA|HZ|PY|PO|SQ|FC|SS|DS)"
_WEATHER = rf"(?:[-+]|VC)?(?:MI|BC|PR|DR|BL|SH|TS|FZ)?{_PHENOMENON}{{1,3}}"
_PHRASE = re.compile(rf"(?<!\S)(?:{_WEATHER}(?:\s{_WEATHER}){{0,3}}|CAVOK|NSW|SKC|CLR|NSC)(?!\S)")
_GROUPS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), names)
    for pattern, names in (
        (r"(\d{3}|VRB)(\d{2,3})(?:G(\d{2,3}))?(?:KT|MPS|KMH)", ("wind direction", "wind speed", "wind gust")),
        (r"(\d{3})V(\d{3})", ("wind direction from", "wind direction to")),
        (r"[PM]?((?:\d{1,2} )?\d{1,2}(?:/\d{1,2})?)SM", ("visibility",)),
        (r"(\d{4})(?:[NSEW]{1,2}|NDV)?", ("visibility",)),
        (r"R\d\d[LCR]?/[PM]?(\d{4})(?:V[PM]?(\d{4}))?(?:FT)?[UDN]?", ("runway visual range", "runway visual range to")),
        (r"(?:FEW|SCT|BKN|OVC|VV)(\d{3})(?:CB|TCU)?", ("cloud base",)),
        (r"(M?\d\d)/(M?\d\d)?", ("temperature", "dew point")),
        (r"Q(\d{4})", ("pressure",)),
        (r"A(\d{4})", ("altimeter",)),
        (r"SLP(\d{3})", ("sea level pressure",)),
        (r"T([01]\d{3})([01]\d{3})?", ("temperature", "dew point")),
        (r"P(\d{4})", ("precipitation 1 h",)),
        (r"([126])(\d{4})", ("", "group")),
        (r"4([01]\d{3})([01]\d{3})", ("max temperature 24 h", "min temperature 24 h")),
        (r"4/(\d{3})", ("snow depth",)),
        (r"5(\d)(\d{3})", ("", "pressure tendency")),
    )
)
_SIGNED = {"1": "max temperature 6 h", "2": "min temperature 6 h", "6": "precipitation 6 h"}
_CELL = re.compile(r"(?:\d{1,2} \d/\d{1,2}SM|\S{1,64})")


def read_metar(gather: Gather) -> str | None:
    """Fill the gather; None where the text is no report."""
    text = gather.text
    head = _HEAD.match(text)
    if head is None:
        return None
    gather.add("station", *head.span(1), "opaque")
    gather.add("time", *head.span(2), "time")
    for phrase in _PHRASE.finditer(text, head.end()):
        gather.add("weather", *phrase.span(), "word")
    for cell in _CELL.finditer(text, head.end()):
        for path, start, end, kind in _cell(text, cell):
            gather.add(path, start, end, kind)
    return "metar"


def _cell(text: str, cell: re.Match[str]) -> Iterator[tuple[str, int, int, Kind]]:
    for pattern, names in _GROUPS:
        match = pattern.fullmatch(text, cell.start(), cell.end())
        if match is None:
            continue
        for index, name in enumerate(names, 1):
            if name == "" or match[index] is None:
                continue
            path = _SIGNED.get(match[1], name) if name == "group" else name
            yield path, match.start(index), match.end(index), "number" if match[index].isdigit() else "word"
        return
