"""A message's readings -> what its windows count. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from agent.domain.message import Message
from agent.domain.observation import Noted, Observation, Observed, SeriesKey, Window, to_micros
from agent.domain.quantity import quantities
from agent.domain.reading import Reading

GroupBy = Literal["site", "topic", "device", "quantity"]
AHEAD = timedelta(minutes=1)
"""A stated time further ahead of arrival is the device's wrong clock: arrival counts."""
MAX_TEXT_CHARS = 200
MAX_NUMBER = 1e100
"""A greater one is no measurement, and its square would be no number any more."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """How long windows are, in microseconds, and what belongs together; ``site`` is the name of the one group of a site."""

    length: int
    by: GroupBy
    topic_level: int
    site: str
    oldest: int
    """A stated time so far back is the device's wrong clock: arrival counts. Never longer than summaries are kept, in microseconds:
    a window whose summary is gone would be told again."""

    def group(self, topic: str, device: str, quantity: str) -> str:
        """The group of a reading."""
        match self.by:
            case "site":
                return self.site
            case "device":
                return device
            case "quantity":
                return quantity
            case "topic":
                levels = [level for level in topic.split("/") if level]
                return levels[min(self.topic_level, len(levels)) - 1] if levels else self.site

    def window(self, at: int, group: str) -> Window:
        """The window that an instant lies in."""
        return Window(at - at % self.length, self.length, group)


def is_believed(time: datetime, time_source: str, received_at: datetime, oldest: timedelta) -> bool:
    """True where a message's readings count at their time: it is stated with a zone, lies not ahead nor ``oldest`` back. Else at arrival.

    A time without a zone is off by hours in most of the world, which would put its readings into another window.
    """
    return time_source == "payload" and received_at - oldest < time <= received_at + AHEAD


def observed(
    message: Message, device: str, time: datetime, time_source: str, readings: Iterable[Reading], reason: str | None, grouping: Grouping
) -> Observed:
    """What a message adds to windows. ``reason`` is why it was kept unread, where it was.

    A retained message arrives when the agent subscribes, which says nothing of when it was measured: only its own time can.
    """
    arrived = to_micros(message.received_at)
    oldest = timedelta(microseconds=grouping.oldest)
    observations, noted = [], []
    retained = 0
    for reading in readings:
        stated = reading.time or time
        has_time = is_believed(stated, time_source, message.received_at, oldest)
        value = value_of(reading)
        if message.retain and not has_time:
            retained += value is not None
            continue
        at = to_micros(stated) if has_time else arrived
        group = storable(grouping.group(message.topic, device, reading.quantity))
        if not reading.plausible or (isinstance(value, float) and not abs(value) <= MAX_NUMBER):
            noted.append(Noted(grouping.window(at, group), "implausible", ""))
        elif value is not None:
            unit = (reading.unit_si if reading.value_si is not None else reading.unit) or ""
            series = SeriesKey(storable(device), storable(reading.name), reading.quantity, unit)
            observations.append(Observation(grouping.window(at, group), series, at, value))
    if reason is not None:
        group = storable(grouping.group(message.topic, device, "unread"))
        noted.append(Noted(grouping.window(arrived, group), "unread", reason))
    return Observed(message.id, arrived, tuple(observations), tuple(noted), retained)


def value_of(reading: Reading) -> float | int | str | None:
    """The value as windows keep it: in the usual unit, 0 or 1, or a word; None for what is not summed up."""
    kind = quantities()[reading.quantity].kind
    if isinstance(reading.value, bool):
        return int(reading.value)
    if kind == "number":
        number = reading.value if reading.value_si is None else reading.value_si
        return _float(number) if not isinstance(number, str) else None
    return None if kind == "time" else storable(str(reading.value))


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer of hundreds of digits
        return math.inf


def storable(text: str) -> str:
    """A text of bounded length without half surrogate pairs, which the database cannot hold."""
    return text[:MAX_TEXT_CHARS].encode("utf-8", "replace").decode()
