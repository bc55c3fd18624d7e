"""A seed and a number of devices -> what they say, in the order of simulated time. No clock: the same for ever."""

import heapq
from collections.abc import Iterator, Sequence
from random import Random
from typing import Protocol

from simulators.catalogue import dialects
from simulators.device import Device
from simulators.dialect import Dialect
from simulators.moment import START
from simulators.truth import Simulated


def shuffled(names: Sequence[str], seed: int) -> list[str]:
    """The names in an order of the seed's. Only ``random()`` is drawn, since other draws may change with Python's version."""
    rng = Random(f"order {seed}")
    left = list(names)
    return [left.pop(int(rng.random() * len(left))) for _ in names]


def fleet(seed: int, devices: int, only: Sequence[Dialect] = (), start: float = START) -> list[Device]:
    """So many devices: every dialect once before any comes twice."""
    chosen = {one.name: one for one in only} or dialects()
    order = shuffled(list(chosen), seed)
    return [Device(chosen[order[at % len(order)]], at + 1, f"device {seed} {at + 1}", start=start) for at in range(devices)]


class Surroundings(Protocol):
    """What devices stand in, as it stands at a time."""

    def advance(self, time: float) -> None:
        """Go on to a time."""


def traffic(
    devices: Sequence[Device], start: float = START, seconds: float | None = None, surroundings: Surroundings | None = None
) -> Iterator[Simulated]:
    """What the devices say from ``start`` on, for so many simulated seconds; without end where none are given.

    A device without power is silent: its will is published instead of its first message, its birth messages before the next.
    """
    queue: list[tuple[float, int, int]] = []
    for at, device in enumerate(devices):
        for kind in range(len(device.dialect.sends)):
            wait = device.first_seconds(kind)
            if wait is not None:
                queue.append((start + wait, at, kind))
    heapq.heapify(queue)
    while queue:
        time, at, kind = queue[0]
        if seconds is not None and time > start + seconds:
            return
        if surroundings is not None:
            surroundings.advance(time)
        device = devices[at]
        if device.is_powered == device.is_lost:
            yield from turned(device, time)
        if not device.is_lost and (message := device.report(kind, time)) is not None:
            yield message
        wait = device.next_seconds(kind, time - start)
        if wait is None:
            heapq.heappop(queue)
        else:
            heapq.heapreplace(queue, (time + wait, at, kind))


def turned(device: Device, time: float) -> Iterator[Simulated]:
    """What is published when a device is lost (its wills), and when it is back (its births)."""
    kinds = device.births() if device.is_lost else device.wills()
    device.is_lost = not device.is_lost
    yield from (device.say(kind, time) for kind in kinds)
