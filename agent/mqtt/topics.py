"""Topic names and topic filters (MQTT 5, section 4.7): validity, matching, covering, and one safe level out of any text. Pure."""

import hashlib
from collections.abc import Iterable

MAX_FILTER_BYTES = 65535
MAX_LEVEL_CHARS = 128
"""Of a level made of a device's name; a longer one is cut and told apart by a digest."""


def filter_fault(topic_filter: str) -> str | None:
    """What is wrong with a topic filter, as a phrase; None for a valid one."""
    if not topic_filter:
        return "is empty"
    if len(topic_filter.encode("utf-8", "surrogatepass")) > MAX_FILTER_BYTES:
        return f"is longer than {MAX_FILTER_BYTES} bytes"
    if any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 or 0xD800 <= ord(letter) < 0xE000 for letter in topic_filter):
        return "holds a control character"
    levels = topic_filter.split("/")
    for index, level in enumerate(levels):
        if "#" in level and (level != "#" or index != len(levels) - 1):
            return "may have # only alone in the last level"
        if "+" in level and level != "+":
            return "may have + only alone in a level"
    return None


def matches(topic_filter: str, topic: str) -> bool:
    """True where a topic name fits a filter; wildcards in the first level do not match names that begin with ``$``."""
    wanted, levels = topic_filter.split("/"), topic.split("/")
    if topic.startswith("$") and wanted[0] in ("#", "+"):
        return False
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(levels) or level not in ("+", levels[index]):
            return False
    return len(wanted) == len(levels)


def matches_any(topic_filters: Iterable[str], topic: str) -> bool:
    """True where a topic name fits one of the filters."""
    return any(matches(one, topic) for one in topic_filters)


def covers(wide: str, narrow: str) -> bool:
    """True where every topic name that fits ``narrow`` fits ``wide`` too."""
    outer, inner = wide.split("/"), narrow.split("/")
    if inner[0].startswith("$") and outer[0] in ("#", "+"):
        return False
    for index, level in enumerate(outer):
        if level == "#":
            return True
        if index >= len(inner) or inner[index] == "#" or level not in ("+", inner[index]):
            return False
    return len(outer) == len(inner)


def widest(topic_filters: Iterable[str]) -> list[str]:
    """The filters without those that another covers: a broker may deliver a message once for each filter that it fits."""
    unique = list(dict.fromkeys(topic_filters))
    return [one for one in unique if not any(other != one and covers(other, one) for other in unique)]


def level_of(text: str) -> str:
    """Any text as one level of a topic name: ``/ + #`` and what brokers refuse become ``_``; never empty."""
    safe = "".join("_" if letter in "/+#" or not letter.isprintable() else letter for letter in text.strip())
    if len(safe) > MAX_LEVEL_CHARS:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        safe = f"{safe[: MAX_LEVEL_CHARS - 9]}_{digest}"
    return safe or "unknown"
