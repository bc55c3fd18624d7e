"""A site come alive: its plant and its devices, from 10 to 10,000 of them by one number."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from random import Random
from typing import Any

from simulators.catalogue import dialects
from simulators.device import Cell, Device
from simulators.events import Event, Journal
from simulators.fleet import traffic
from simulators.moment import START
from simulators.plant.part import STEP_SECONDS, WARM_UP_STEPS, Part
from simulators.plant.plant import Plant
from simulators.site import KINDS, Group, Site
from simulators.states import LOW_CHARGE
from simulators.truth import Simulated
from simulators.wiring import sensed

ON_CHARGE = frozenset({"battery", "battery_voltage", "battery_low"})
"""Quantities that show how full a device's battery is, where no area sets them."""


class World:
    """A plant and the devices that stand in it; ``journal`` takes down what happens there.

    More devices than the site's file has stand in copies of its areas; fewer are the first of each group in turn.
    """

    def __init__(self, site: Site, seed: int, devices: int | None = None, start: float = START) -> None:
        self.start = start
        self.journal = Journal()
        self.devices: list[Device] = []
        self._site, self._seed = site, seed
        self._coming: list[Event] = []
        """What will happen to devices, the next last."""
        count = devices or site.size
        parts: dict[str, Part[Any]] = {}
        for copy in range(-(-count // site.size)):
            self._build(copy, parts)
        self._plant = Plant(parts, self.journal, start - WARM_UP_STEPS * STEP_SECONDS)
        self._plant.advance(start)
        self.journal.taken()
        self._stand(count)

    @property
    def parts(self) -> Mapping[str, Part[Any]]:
        """The plant's parts by the names of their areas; those of a copy end in its number: ``cellar#2``."""
        return self._plant.parts

    def advance(self, time: float) -> None:
        """Go on to a time."""
        self._plant.advance(time)
        while self._coming and self._coming[-1].at <= time:
            self.journal.add(self._coming.pop())

    def traffic(self, seconds: float | None = None) -> Iterator[Simulated]:
        """What the devices say from the start on, for so many simulated seconds; without end where none are given."""
        return traffic(self.devices, self.start, seconds, self)

    def _area(self, name: str, copy: int) -> str:
        """What an area is called in a copy of the site."""
        return name if copy == 0 or self._site.areas[name].shared else f"{name}#{copy + 1}"

    def _build(self, copy: int, parts: dict[str, Part[Any]]) -> None:
        """Build a copy's areas, then couple them: they may read each other in a ring."""
        built: dict[str, Part[Any]] = {}
        for name, settings in self._site.areas.items():
            area = self._area(name, copy)
            if area not in parts:
                built[name] = parts[area] = KINDS[settings.kind](area, settings, Random(f"area {self._seed} {area}"), self.journal)
        for name, part in built.items():
            for source, names in self._site.inputs(name).items():
                part.inputs[source] = [parts[self._area(one, copy)] for one in names]

    def _stand(self, count: int) -> None:
        """Put devices into the areas."""
        standing: dict[str, list[str]] = {}
        groups = list(islice(self._groups(), count))
        shares = self._shares(groups)
        for at, group in enumerate(groups):
            device, area = self._device(at + 1, group, at // self._site.size, shares)
            self.devices.append(device)
            identity = device.identity
            standing.setdefault(area, []).append(identity)
            self._coming += coming(device, identity, area, self.start)
        for area, names in standing.items():
            self.parts[area].devices = tuple(names)
        self._coming.sort(key=lambda event: -event.at)

    def _carried(self, group: Group, copy: int) -> dict[str, tuple[Part[Any], str]]:
        return {slot: (self.parts[self._area(area, copy)], port) for slot, (area, port) in self._site.carried(group).items()}

    def _shares(self, groups: Sequence[Group]) -> dict[tuple[str, str], float]:
        """By area and port that devices share, what each of them has."""
        sharers: Counter[tuple[str, str]] = Counter()
        for at, group in enumerate(groups):
            sharers.update(
                {(part.name, port) for part, port in self._carried(group, at // self._site.size).values() if port in part.SHARED}
            )
        return {key: 1 / count for key, count in sharers.items()}

    def _groups(self) -> Iterator[Group]:
        """The groups of the devices in their order: within a copy the first of every group, then the second, without end."""
        rounds = [[group for group in self._site.devices if group.count > turn] for turn in range(1000)]
        return cycle(group for turn in rounds for group in turn)

    def _device(self, number: int, group: Group, copy: int, shares: Mapping[tuple[str, str], float]) -> tuple[Device, str]:
        seed, parts = f"device {self._seed} {number}", self.parts
        asks = sensed(dialects()[group.dialect], self._carried(group, copy), Random(f"sensors {seed}"), shares)
        cell = Cell(group.battery.charge, group.battery.days, self.start) if group.battery else None
        power = parts[self._area(group.mains, copy)].ports if group.mains else None
        device = Device(dialects()[group.dialect], number, seed, asks, cell, power, self.start)
        device.is_lost = not device.is_powered  # who begins without power has left no will yet
        return device, self._area(group.area, copy)


def coming(device: Device, identity: str, area: str, start: float) -> Iterator[Event]:
    """What will happen to a device: its battery will be low, its firmware updated."""
    if any(field.quantity in ON_CHARGE and field.slot not in device.sensed for field in device.dialect.fields):
        at = device.cell.reaches(LOW_CHARGE)
        yield Event("battery_low", at, None, area, identity, quantity="battery", value=100 * LOW_CHARGE, unit="%")
    if device.updated_seconds is not None:
        at = start + device.updated_seconds
        yield Event("firmware_update", at, at, area, identity)
