"""InfluxDB line protocol, OpenTSDB's ``put`` and the Prometheus text format: lines whose grammar is fixed, so that no rule has to guess."""

import re

from agent.decode.gather import Gather
from agent.decode.leaf import add_leaf

_NAME = r"(?:[^\s,=\"\\]|\\.){1,400}+"
_QUOTED = r"\"(?:[^\"\\]|\\.)*+\""
_TAGS = re.compile(rf",({_NAME})=((?:[^\s,=\\]|\\.)*+)")
_FIELD = re.compile(rf"({_NAME})=({_QUOTED}|[^\s,\"]++)(,|(?=\s)|\Z)")
_MEASUREMENT = re.compile(r"(?:[^\s,=\"{}:\\]|\\.){1,400}+(?=[, ])")
_STAMP = re.compile(r"[ ]+(-?\d{9,20})?[ ]*(?=\r?\n|\Z)|(?=\r?\n|\Z)")
_INTEGER = re.compile(r"[+-]?\d+[iu]")
_LINE = re.compile(r"[^\r\n]+")
_SAMPLE = re.compile(
    r"([A-Za-z_:][\w:]*+(?:\{[^}\n]{0,2000}\})?)[ \t]+"
    r"([+-]?(?:[\d.]++(?:[eE][+-]?\d++)?|NaN|Inf))(?:[ \t]+(-?\d{10,13}))?\s*\Z"
)

_PUT = re.compile(r"put[ ]+(\S{1,400})[ ]+(\d{9,13})[ ]+([+-]?[\d.]+(?:[eE][+-]?\d+)?)((?:[ ]+[^\s=]{1,200}=\S{1,400})*)\s*\Z")
_PUT_TAG = re.compile(r"([^\s=]+)=(\S+)")


def read_influx(gather: Gather) -> str | None:
    """Fill the gather; None where a line is no line protocol."""
    lines = [line for line in _LINE.finditer(gather.text) if line[0].strip() and not line[0].lstrip().startswith("#")]
    if not lines or "=" not in lines[0][0]:
        return None
    for line in lines:
        if not _line(gather, line.start(), line.end()):
            return None
    return "influx"


def _line(gather: Gather, start: int, end: int) -> bool:
    text = gather.text
    measurement = _MEASUREMENT.match(text, start, end)
    if measurement is None or not any(char.isalpha() for char in measurement[0]):
        return False
    at = measurement.end()
    tags: list[re.Match[str]] = []
    while (tag := _TAGS.match(text, at, end)) is not None:
        tags.append(tag)
        at = tag.end()
    if at >= end or text[at] != " ":
        return False
    fields: list[re.Match[str]] = []
    at += 1
    while (pair := _FIELD.match(text, at, end)) is not None:
        fields.append(pair)
        at = pair.end()
        if pair[3] != ",":
            break
    stamp = _STAMP.match(text, at, end)
    if not fields or stamp is None or fields[-1][3] == "," or (not tags and stamp[1] is None and _is_plain(text, fields)):
        return False
    for tag in tags:
        add_leaf(gather, tag[1], *tag.span(2))
    for pair in fields:
        _field(gather, pair)
    if stamp[1] is not None:
        gather.add("time", *stamp.span(1), "number")
    return True


def _is_plain(text: str, fields: list[re.Match[str]]) -> bool:
    """True for ``Status temp=21``: one pair behind a capital could as well be a sentence."""
    return len(fields) == 1 and not text[:1].islower()


def _field(gather: Gather, pair: re.Match[str]) -> None:
    start, end = pair.span(2)
    if gather.text[start] == '"':
        add_leaf(gather, pair[1], start + 1, end - 1)
    elif _INTEGER.fullmatch(gather.text, start, end):
        gather.add(pair[1], start, end - 1, "number")
    else:
        add_leaf(gather, pair[1], start, end)


def read_prometheus(gather: Gather) -> str | None:
    """Fill the gather; None where a line is neither a sample nor a comment."""
    samples = []
    lines = 0
    for line in _LINE.finditer(gather.text):
        if not line[0].strip() or line[0].startswith("#"):
            continue
        lines += 1
        sample = _SAMPLE.match(gather.text, line.start(), line.end())
        if sample is None:
            return None
        samples.append(sample)
    if not any("{" in sample[1] or "_" in sample[1] for sample in samples) or (lines == 1 and "{" not in samples[0][1]):
        return None
    for sample in samples:
        add_leaf(gather, sample[1], *sample.span(2))
        if sample[3] is not None:
            gather.add("time", *sample.span(3), "number")
    return "prometheus"


def read_opentsdb(gather: Gather) -> str | None:
    """Fill the gather; None where a line is no ``put METRIC TIME VALUE TAG=VALUE...``."""
    lines = [line for line in _LINE.finditer(gather.text) if line[0].strip()]
    puts = [put for line in lines if (put := _PUT.match(gather.text, line.start(), line.end()))]
    if not puts or len(puts) < len(lines):
        return None
    for put in puts:
        gather.add("time", *put.span(2), "number")
        add_leaf(gather, put[1], *put.span(3))
        for tag in _PUT_TAG.finditer(gather.text, *put.span(4)):
            add_leaf(gather, tag[1], *tag.span(2))
    return "opentsdb"
