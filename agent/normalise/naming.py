"""Names where a path gives none: a record's value by its record, a scalar and a device by the topic."""

import json
import re
from collections import Counter
from collections.abc import Sequence

from agent.domain.document import Document
from agent.domain.keys import GENERIC_LEVELS, PLAIN_VALUE_KEYS, UNNAMED_LEVELS
from agent.domain.reading import Label

_IDENTITY = re.compile(r"(?=.*\d)[\w:.-]{3,}$")
_ADDRESS = re.compile(r"(?:0x)?(?=\D*\d)[0-9A-Fa-f]{6,}$")
_PART = re.compile(r"(?i:[a-z]{1,12}:\d{1,3}|\w{1,12}tomqtt|\w{1,24}\.(?:xml|json|csv|txt|php|html?))$")
"""A part of a device, ``switch:0`` of a Shelly, or of a gateway, ``BTtoMQTT`` of OpenMQTTGateway; a file's name."""
_VERSION = re.compile(r"[vV]\d{1,3}(?:\.\d{1,3}){1,2}")
_SPARKPLUG = re.compile(r"spBv1\.0/[^/]+/(?:N(?:BIRTH|DEATH|DATA|CMD)/[^/]+|D(?:BIRTH|DEATH|DATA|CMD)/[^/]+/[^/]+)\Z")

_NAME_KEYS = ("name", "displayname", "n", "tag", "tagname", "tagpath", "key", "variable", "parameter", "point", "signal", "id", "nodeid")
"""Under which a record says which value it holds, the most telling first."""
_ORDINAL = re.compile(r"\d{1,3}")
_CLOSE = re.compile(r"[:=]?[^\S\r\n]{1,8}(?:[^\W\d_]{1,24}[^\S\r\n:=]{1,8}){0,3}(?:[^\W\d_]{1,24})?[:=]?[^\S\r\n]{0,8}")
"""What may stand between a number that counts things and a value: up to four words."""
_TELLING = re.compile(r"(?=.*[^\W\d_]{3})(?![0-9A-Fa-f-]{8,}\Z).{1,96}", re.DOTALL)


def record_names(document: Document, labels: Sequence[Label]) -> dict[int, str]:
    """The names of values in lists of records (``{"metrics":[{"name":"Oil Temperature","value":48.7}]}``) by their index.

    Servers send what has changed, so a place in the list (``metrics[0].value``) is now one value and now another. A record whose name is
    another's too, tells nothing, or is the device's, and one with several values, has none.
    """
    if document.format != "json":
        return {}
    named: dict[str, dict[str, str]] = {}
    values: dict[str, list[int]] = {}
    for index, (candidate, label) in enumerate(zip(document.candidates, labels, strict=True)):
        record, bracket, below = candidate.path.rpartition("].")
        if not bracket:
            continue
        keys = [_plain(key) for key in below.split(".")]
        if label.role == "none" and keys[0] in _NAME_KEYS and len(keys) == 1 and _TELLING.fullmatch(candidate.literal):
            named.setdefault(record, {})[keys[0]] = _unescaped(candidate.literal)
        elif PLAIN_VALUE_KEYS.issuperset(keys):
            values.setdefault(record, []).append(index)
    names = {record: next(found[key] for key in _NAME_KEYS if key in found) for record, found in named.items()}
    times = Counter(names.values())
    return {places[0]: names[record] for record, places in values.items() if len(places) == 1 and times[names.get(record, "")] == 1}


def numbered_names(document: Document, labels: Sequence[Label]) -> dict[int, str]:
    """The names of values in prose behind a number that only counts things, by their index: ``motor 2 current 41.8 A``, ``Core 0: 45 °C``.

    Without it both motors would have one name. A number that is a reading, and what stands behind a comma or in another line, is no part.
    """
    if document.format != "text":
        return {}
    found = {}
    for index in range(1, len(labels)):
        number, value = document.candidates[index - 1 : index + 1]
        between = document.text[number.start + len(number.literal) : value.start]
        if labels[index].role != "reading" or labels[index - 1].role != "none" or not number.path or number.path.endswith("]"):
            continue
        if number.kind == "number" and _ORDINAL.fullmatch(number.literal) and number.unit_text is None and _CLOSE.fullmatch(between):
            words = "" if value.path.endswith("]") else value.path
            found[index] = f"{number.path} {number.literal} {words}".strip()
    return found


def _unescaped(literal: str) -> str:
    """What a string of JSON says; the literal itself where its escapes are broken."""
    try:
        return str(json.loads(f'"{literal}"', strict=False))
    except ValueError:
        return literal


def _plain(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")


def scalar_name(topic: str) -> str:
    """The last level of a topic that tells something, numbers and addresses behind it left out; the last level where none does."""
    levels = [level for level in topic.split("/") if level]
    telling = [level for level in levels if level.lower() not in GENERIC_LEVELS]
    for level in reversed(telling):
        if not level.isdigit():
            return level if _ADDRESS.match(level) is None else levels[-1]
    return telling[-1] if telling else levels[-1] if levels else topic


def device_from_topic(topic: str, named_by_topic: bool) -> str:
    """The level of a topic that names the device.

    ``named_by_topic`` is True for a scalar, whose last telling level is the reading's name and not the device's, unless it is an
    address. A level with letters and digits is taken before one of words alone; the last of its kind counts. Sparkplug's topics
    (``spBv1.0/group/type/node/device``, section 4 of its specification) end in the device, whatever it is called.
    """
    if _SPARKPLUG.match(topic):
        return topic.rpartition("/")[2]
    telling = [level for level in topic.split("/") if level and level.lower() not in GENERIC_LEVELS and not _VERSION.fullmatch(level)]
    is_name_apart = named_by_topic and len(telling) > 1 and _ADDRESS.match(telling[-1]) is None
    levels = _naming(telling[:-1]) if is_name_apart else []
    levels = levels or _naming(telling) or telling
    identities = [level for level in levels if _IDENTITY.match(level)]
    if identities:
        return identities[-1]
    return levels[-1] if levels else "unknown"


def _naming(levels: list[str]) -> list[str]:
    """Those that may name a device."""
    return [level for level in levels if level.lower() not in UNNAMED_LEVELS and _PART.match(level) is None]
