"""A seed and a number of devices -> what they say, in the order of simulated time. No clock: the same for ever."""

import heapq
from collections.abc import Iterator, Sequence
from random import Random

from simulators.catalogue import dialects
from simulators.device import Device
from simulators.dialect import Dialect
from simulators.truth import Simulated

START = 1777629600.0
"""2026-05-01T10:00:00Z, where simulated time begins unless told otherwise."""


def shuffled(names: Sequence[str], seed: int) -> list[str]:
    """The names in an order of the seed's. Only ``random()`` is drawn, since other draws may change with Python's version."""
    rng = Random(f"order {seed}")
    left = list(names)
    return [left.pop(int(rng.random() * len(left))) for _ in names]


def fleet(seed: int, devices: int, only: Sequence[Dialect] = ()) -> list[Device]:
    """So many devices: every dialect once before any comes twice."""
    chosen = {one.name: one for one in only} or dialects()
    order = shuffled(list(chosen), seed)
    return [Device(chosen[order[at % len(order)]], at + 1, f"device {seed} {at + 1}") for at in range(devices)]


def traffic(devices: Sequence[Device], start: float = START, seconds: float | None = None) -> Iterator[Simulated]:
    """What the devices say from ``start`` on, for so many simulated seconds; without end where none are given."""
    queue = [
        (start + device.first_seconds(kind), at, kind) for at, device in enumerate(devices) for kind in range(len(device.dialect.sends))
    ]
    heapq.heapify(queue)
    while queue:
        time, at, kind = heapq.heappop(queue)
        if seconds is not None and time > start + seconds:
            return
        yield devices[at].say(kind, time)
        wait = devices[at].next_seconds(kind)
        if wait is not None:
            heapq.heappush(queue, (time + wait, at, kind))
