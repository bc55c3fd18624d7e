"""Names where a payload gives none: a scalar's name and a device's identity from the topic."""

import re

from agent.domain.keys import GENERIC_LEVELS

_IDENTITY = re.compile(r"(?=.*\d)[\w:.-]{3,}$")


def scalar_name(topic: str) -> str:
    """The last level of a topic that tells something; the whole topic where none does."""
    levels = [level for level in topic.split("/") if level]
    for level in reversed(levels):
        if level.lower() not in GENERIC_LEVELS:
            return level
    return levels[-1] if levels else topic


def device_from_topic(topic: str, named_by_topic: bool) -> str:
    """The level of a topic that names the device.

    ``named_by_topic`` is True for a scalar, whose last telling level is the reading's name and not the device's. A level
    with letters and digits is taken before one of words alone; the last of its kind counts.
    """
    levels = [level for level in topic.split("/") if level and level.lower() not in GENERIC_LEVELS]
    if named_by_topic and len(levels) > 1:
        levels = levels[:-1]
    identities = [level for level in levels if _IDENTITY.match(level)]
    if identities:
        return identities[-1]
    return levels[-1] if levels else "unknown"
