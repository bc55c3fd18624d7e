"""What truly happened at a site: lines of their own kind in the truth file, for whoever judges a summary."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, from ``at`` to ``until`` (seconds since 1970 UTC; None: not over when the run ended)."""

    event: str
    """What: a name of ``simulators/README.md``, as ``door_open_long``."""
    at: float
    until: float | None = None
    area: str | None = None
    device: str | None = None
    """The identity of the device that it happened to; None where it happened to a place."""
    devices: tuple[str, ...] = ()
    """The identities of the devices in that area, whose readings show it."""
    quantity: str | None = None
    value: float | None = None
    """The farthest that the quantity went, in ``unit``."""
    unit: str | None = None

    def line(self) -> str:
        """A line of JSON; what is unknown is left out, but ``until``, ``area`` and ``device``, which are null then."""
        table: dict[str, Any] = {
            "event": self.event, "at": round(self.at, 3), "until": None if self.until is None else round(self.until, 3),
            "area": self.area, "device": self.device,
        }  # fmt: skip
        if self.devices:
            table["devices"] = list(self.devices)
        if self.quantity is not None and self.value is not None:
            table |= {"quantity": self.quantity, "value": round(self.value, 2), "unit": self.unit}
        return json.dumps(table, ensure_ascii=False, separators=(",", ":"))


class Journal:
    """Takes events down as they begin and end."""

    def __init__(self) -> None:
        self._over: list[Event] = []
        self._open: dict[tuple[str, str], Event] = {}

    def add(self, event: Event) -> None:
        """Take down an event that is over as it happens."""
        self._over.append(event)

    def begin(self, event: Event) -> None:
        """Take down that an event goes on, or how far it has gone."""
        self._open[event.area or "", event.event] = event

    def end(self, area: str, event: str, until: float) -> None:
        """Take down that an event is over."""
        self._over.append(replace(self._open.pop((area, event)), until=until))

    def taken(self) -> Sequence[Event]:
        """The events that ended since this was last asked, in that order."""
        over, self._over = self._over, []
        return over

    def going_on(self) -> Sequence[Event]:
        """The events that are not over."""
        return list(self._open.values())
