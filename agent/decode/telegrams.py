"""Fixed line protocols that say by their first characters what they are.

NMEA 0183, DSMR and other OBIS telegrams, Linky TIC, MySensors, GRBL, WITS, SHDR, APRS weather. Each reader leaves a text that is not its
own to the next.
"""

import re

from agent.decode.cell import add_cell
from agent.decode.gather import Gather
from agent.decode.kinds import OBIS
from agent.decode.leaf import add_leaf, trim
from agent.decode.lexer import tokens
from agent.decode.measure import unit_behind
from agent.decode.times import TIME
from agent.domain.document import Kind

_NMEA = re.compile(
    r"(?P<before>[^$!\r\n]{0,64})(?P<start>[$!])(?P<name>[A-Z]{2,5}[A-Z0-9]{0,3}),(?P<body>[^*\r\n]*)(?:\*[0-9A-Fa-f]{1,2})?[ \t]*"
)
_OBIS = re.compile(
    r"(?P<code>\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}(?:\.\d{1,3})?(?:[*&]\d{1,3})?|(?<![\d.])(?:[0-9CFLP]{1,2}\.[0-9F]{1,2}(?:\.\d{1,3})?(?:[*&]\d{1,3})?|F))(?=\()"
)
_OBIS_VALUE = re.compile(r"[(&]([^()*&\r\n]{0,256})(?:\*([^()&\r\n]{1,16}))?(?:\)|(?=&))")
_OBIS_CODE = rf"(?:{OBIS}|\d{{1,3}}(?:\.\d{{1,3}}){{5}}|\d{{1,2}}\.\d{{1,2}}\.\d{{1,3}}(?:\*\d{{1,3}})?)"
_OBIS_PAIR = re.compile(
    rf"[ \t]*(?P<code>{_OBIS_CODE})[ \t]*=[ \t]*(?P<value>[^=;|\r\n]{{0,256}}?)[ \t]*(?:[;|\r\n]+|,?[ \t]*(?={_OBIS_CODE}[ \t]*=)|\Z)"
)
_IDENTITY_CODES = re.compile(r"(?:.*:)?(?:0\.0\.|C\.1\b|96\.1\.)")
_LONG_DIGITS = re.compile(r"\d{10,}")
_TIC = re.compile(r"[\x02\x03]*(?P<label>[A-Z][A-Z0-9+-]{2,8})(?P<mark>[ \t])(?P<value>[^\r\n]{0,98})(?P=mark)(?P<check>[ -_])[\x03]*")
_TIC_TIME = re.compile(r"[HEShes ](\d{12})\t")
_DSMR_TIME = re.compile(r"\d{12}[SW]|\d{10}")
_MYSENSORS = re.compile(r"(\d{1,3});(\d{1,3});([0-4]);([01]);(\d{1,3});([^\r\n]*)")
_MYSENSORS_COMMANDS = ("presentation", "set", "req", "internal", "stream")
_GRBL = re.compile(
    r"<([A-Za-z]{2,12})((?::\d{1,3})?)((?:\|[A-Za-z]{1,8}:[^|<>]{1,200}){1,32}+|(?:,[A-Za-z]{1,8}:[\d.+-]{1,40}+(?:,[\d.+-]{1,40}+){0,9}+){1,32}+)>"
)
_GRBL_FIELD = re.compile(r"[|,]([A-Za-z]{1,8}):((?:[^|<>,]|,(?![A-Za-z]{1,8}:))*+)")
_SHDR = re.compile(rf"({TIME})\|([^|\r\n]{{1,64}})\|([^\r\n]*)")
_APRS = re.compile(r"(?P<from>[A-Z0-9]{1,9}(?:-[A-Z0-9]{1,2})?)>(?P<path>[A-Z0-9a-z,*-]{1,80}):|(?=(?:_\d{8}c|\d{3}/\d{3}g)[\d.])")
_APRS_STAMP = re.compile(r"[@/](\d{6})[zh/]|_(\d{8})")
_APRS_POSITION = re.compile(r"(\d{4}\.[\d ]{1,2})([NS])[^\s](\d{5}\.[\d ]{1,2})([EW])(.)?")
_APRS_MOTION = re.compile(r">?(\d{3})/(\d{3})")
_APRS_PAIR = re.compile(r"(?<![A-Za-z])([A-Za-z][A-Za-z0-9]{0,11})=(-?\d{1,7}(?:\.\d{1,4})?)")
_APRS_GROUP = re.compile(r"([cgtrpPhbLlsFf#])(-?\d{1,5}(?:\.\d{1,3})?)|([a-zA-Z])[. ]{2,5}|s(\d\.\d)|/A=(-?\d{6})")
_WITS = re.compile(r"\s*&&[ \t]*[\r\n]+((?:\d{4}[^\r\n]*[\r\n]+)+)!![\s\x00]*")
_WITS_ITEM = re.compile(r"(\d{4})([^\r\n]*)")
_LINE = re.compile(r"[^\r\n]+")


def read_nmea(gather: Gather) -> str | None:
    """Sentences ``$GPRMC,...*hh``, several of them too, a recorder's time stamp in front allowed.

    In ``!AIVDM,...`` the last field but one is armour, six bits a character with marks among them (IEC 61162-1): it stays whole.
    """
    lines = [line for line in _LINE.finditer(gather.text) if line[0].strip()]
    sentences = [_NMEA.fullmatch(gather.text, line.start(), line.end()) for line in lines]
    if not sentences or sentences[0] is None or "," in sentences[0]["before"] or sum(1 for match in sentences if match) * 2 < len(lines):
        return None
    for sentence in sentences:
        if sentence is None:
            continue
        for token in tokens(gather.text, *sentence.span("before")):
            kind: Kind = token.kind if token.kind == "time" or token.kind == "number" else "opaque"
            gather.add("", token.start, token.end, kind)
        at = sentence.start("body")
        cells = sentence["body"].split(",")
        armour = len(cells) - 1 if sentence["start"] == "!" else 0
        for index, cell in enumerate(cells, 1):
            path = f"{sentence['name']}[{index}]"
            if index == armour and cell:
                gather.add(path, at, at + len(cell), "opaque")
            else:
                add_cell(gather, path, at, at + len(cell))
            at += len(cell) + 1
    return f"nmea:{sentences[0]['name']}"


def read_obis(gather: Gather) -> str | None:
    """DSMR P1 and IEC 62056-21: ``1-0:1.8.1(001581.123*kWh)`` under its OBIS code."""
    text = gather.text
    codes = list(_OBIS.finditer(text))
    if len(codes) < 2 and not (codes and not text[: codes[0].start()].strip()):
        return None
    for code, end in zip(codes, [*(later.start() for later in codes[1:]), len(text)], strict=True):
        at, index = code.end(), 0
        while (value := _OBIS_VALUE.match(text, at, end)) is not None:
            path = code["code"] if index == 0 else f"{code['code']}[{index}]"
            if value[2] is None and _is_stamp(code["code"], value[1]):
                gather.add(path, *value.span(1), "time")
            elif _IDENTITY_CODES.match(code["code"]) and _LONG_DIGITS.fullmatch(value[1]):  # a serial number, not seconds since 1970
                gather.add(path, *value.span(1), "opaque")
            elif value[1].strip():
                add_leaf(gather, path, *value.span(1), value[2])
            at, index = value.end(), index + 1
            while at < end and text[at] in " \t\r\n" and index:
                at += 1
    return "dsmr" if text.lstrip()[:1] == "/" or "0-0:" in text else "obis"


def read_obis_pairs(gather: Gather) -> str | None:
    """``1.0.1.8.0.255=12034.512 kWh; 1-0:16.7.0=412``: registers as pairs under their OBIS codes, two at least."""
    start, end = trim(gather.text, 0, len(gather.text))
    pairs = []
    while start < end:
        pair = _OBIS_PAIR.match(gather.text, start, end)
        if pair is None:
            return None
        pairs.append(pair)
        start = pair.end()
    if len(pairs) < 2:
        return None
    for pair in pairs:
        if pair["value"]:
            add_leaf(gather, pair["code"], *pair.span("value"))
    return "obis"


def read_tic(gather: Gather) -> str | None:
    """A Linky meter's customer output (Enedis-NOI-CPT_54E): ``HCHC 014460852 $``, or with tabs and perhaps a time before the value.

    The last character of a line is its checksum; most lines must bear it out.
    """
    lines = [line for line in _LINE.finditer(gather.text) if line[0].strip("\x02\x03 \t")]
    groups = [group for line in lines if (group := _TIC.fullmatch(gather.text, *line.span())) is not None]
    if len(groups) < 2 or len(groups) < len(lines) or sum(1 for group in groups if _is_checked(group)) * 2 <= len(groups):
        return None
    for group in groups:
        at = group.start("value")
        if group["mark"] == "\t" and (time := _TIC_TIME.match(gather.text, at, group.end("check"))):
            gather.add(group["label"], *time.span(1), "time")
            at = time.end()
        if gather.text[at : group.end("value")].strip():
            add_leaf(gather, group["label"], at, group.end("value"))
    return "tic"


def _is_checked(group: re.Match[str]) -> bool:
    """True where the checksum is right; of the form with tabs it counts the last one too."""
    summed = group.string[group.start("label") : group.end("value") + (group["mark"] == "\t")]
    return chr((sum(summed.encode()) & 0x3F) + 0x20) == group["check"]


def _is_stamp(code: str, value: str) -> bool:
    """True for ``yymmddhhmmss`` with DSMR's mark of summer or winter time, or under the clock's own code."""
    return _DSMR_TIME.fullmatch(value) is not None and (value[-1] in "SW" or code.endswith("1.0.0"))


def read_mysensors(gather: Gather) -> str | None:
    """``node;child;command;ack;type;payload`` lines."""
    rows = [_MYSENSORS.fullmatch(gather.text, line.start(), line.end()) for line in _LINE.finditer(gather.text)]
    if not rows or not all(rows):
        return None
    for row in rows:
        assert row is not None
        name = f"{_MYSENSORS_COMMANDS[int(row[3])]} {row[5]}"
        gather.add("node", *row.span(1), "opaque")
        gather.add("child", *row.span(2), "opaque")
        if row[6].strip():
            add_leaf(gather, name, *row.span(6))
    return "mysensors"


def read_grbl(gather: Gather) -> str | None:
    """A machine's status report ``<Run|MPos:1.0,2.0,3.0|FS:500,8000>``."""
    report = _GRBL.match(gather.text.strip())
    shift = len(gather.text) - len(gather.text.lstrip())
    if report is None:
        return None
    gather.add("state", shift + report.start(1), shift + report.end(1), "word")
    for field in _GRBL_FIELD.finditer(gather.text, shift + report.start(3), shift + report.end(3)):
        at = field.start(2)
        for index, cell in enumerate(field[2].split(",")):
            add_cell(gather, f"{field[1]}[{index}]" if "," in field[2] else field[1], at, at + len(cell))
            at += len(cell) + 1
    return "grbl"


def read_wits(gather: Gather) -> str | None:
    """A record of a drilling rig: between ``&&`` and ``!!`` lines of a code of four digits and its value, ``01083621.4`` (WITS level 0)."""
    record = _WITS.fullmatch(gather.text)
    if record is None:
        return None
    for item in _WITS_ITEM.finditer(gather.text, *record.span(1)):
        add_cell(gather, item[1], *item.span(2), is_named=True)
    return ""


def read_shdr(gather: Gather) -> str | None:
    """MTConnect's adapter lines ``time|key|value|key|value``."""
    lines = [line for line in _LINE.finditer(gather.text) if line[0].strip()]
    rows = [_SHDR.fullmatch(gather.text, line.start(), line.end()) for line in lines]
    if not rows or not all(row is not None and _is_pairs(row) for row in rows):
        return None
    for row in rows:
        assert row is not None
        gather.add("time", *row.span(1), "time")
        at = row.start(row.re.groups - 1)
        cells = gather.text[at : row.end()].split("|")
        key = ""
        for index, cell in enumerate(cells):
            if index % 2:
                add_leaf(gather, key, at, at + len(cell))
            key = cell.strip()
            at += len(cell) + 1
    return "shdr"


def _is_pairs(row: re.Match[str]) -> bool:
    """True where each second cell behind the time is a key, which begins with a letter."""
    cells = row[row.re.groups].split("|")
    return len(cells) % 2 == 1 and all(key.strip()[:1].isalpha() for key in [row[row.re.groups - 1], *cells[1::2]])


def read_aprs(gather: Gather) -> str | None:
    """APRS packets and their weather fields: ``_225/000g000t050r000h50b10138``."""
    text = gather.text
    head = _APRS.match(text)
    if head is None:
        return None
    if head["from"]:
        gather.add("from", *head.span("from"), "opaque")
    at = head.end()
    if stamp := _APRS_STAMP.match(text, at):
        group = 1 if stamp[1] else 2
        gather.add("time", *stamp.span(group), "time")
        at = stamp.end()
    if position := _APRS_POSITION.search(text, at, at + 40):
        gather.add("latitude", *position.span(1), "number", position[2])
        gather.add("longitude", *position.span(3), "number", position[4])
        at = position.end()
    elif head["from"] and not stamp:
        return None
    if motion := _APRS_MOTION.match(text, at):
        is_weather = position is None or position[5] == "_"
        gather.add("wind direction" if is_weather else "course", *motion.span(1), "number")
        gather.add("wind speed" if is_weather else "speed", *motion.span(2), "number")
        at = motion.end()
    for field in _APRS_GROUP.finditer(text, at):
        if field[3]:
            continue
        number = 5 if field[5] else 4 if field[4] else 2
        gather.add("altitude" if number == 5 else field[1] or "s", *field.span(number), "number")
    for pair in _APRS_PAIR.finditer(text, at):
        gather.add(pair[1], *pair.span(2), "number", unit_behind(text, pair.end(), len(text)))
    return "aprs"
