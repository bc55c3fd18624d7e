"""Names where a payload gives none: a scalar's name and a device's identity from the topic."""

import re

GENERIC_LEVELS = frozenset(
    "state value data get set status raw json telemetry tele stat sensor sensors sensordata result info event events attributes"
    " properties reading readings measurement measurements payload message msg up uplink rx out in pub update values report"
    " device devices dev node nodes home house site v1 v2 v3 api mqtt iot gateway gw application mqtt2 state_topic current"
    " zigbee2mqtt rtl_433 tasmota esphome shellies zwave homie openhab lorawan knx2mqtt modbus2mqtt".split()
)
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
