"""Topic names and topic filters (MQTT 5, section 4.7): matching, covering, and one safe level out of any text. Pure."""

import hashlib
from collections.abc import Iterable

from agent.domain.topic_filter import filter_fault as filter_fault

MAX_LEVEL_CHARS = 128
"""Of a level made of a device's name; a longer one is cut and told apart by a digest."""


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
