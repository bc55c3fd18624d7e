"""A part of a plant: a room, a tank, a pump. It has ports, reads those of the parts that it is coupled to, and goes on step by step.

All parts of a site step together, in the order of its file, so that what one reads of another is at most a step old. As in
``signals``, only ``random()`` is drawn and only sums, products and quotients are taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from simulators.events import Event, Journal
from simulators.moment import Value, between, clamp
from simulators.plant.ports import meaning

STEP_SECONDS = 15.0
"""How far a step goes in simulated time."""
HOURS = STEP_SECONDS / 3600
"""The same in hours, the unit of the parts' rates."""
WARM_UP_STEPS = 80
"""Steps before the start, so that a site does not begin from nothing."""


class Settings(BaseModel):
    """What a site's file says of a part: frozen, and knows all its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    couplings: dict[str, str | list[str]] = Field({}, description="For an input the area (or areas) that it reads; else that of its name")
    shared: bool = Field(False, description="One for all copies of the site")


@dataclass(slots=True)
class Watch:
    """A condition that is an event once it has lasted."""

    since: float
    first: float | None
    farthest: float | None
    is_event: bool = False

    def go(self, value: float) -> None:
        """Note how far the quantity is from where it began."""
        if self.first is not None and self.farthest is not None and abs(value - self.first) > abs(self.farthest - self.first):
            self.farthest = value


S = TypeVar("S", bound=Settings)


class Part(Generic[S]):
    """A part of a plant; a subclass says what it tells and reads, and how it goes on."""

    INPUTS: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """For each input the ports that are read of it."""
    OPTIONAL: ClassVar[frozenset[str]] = frozenset()
    """Inputs that it can go without."""
    SEVERAL: ClassVar[frozenset[str]] = frozenset()
    """Inputs that may be several areas: what they tell is taken together."""
    PORTS: ClassVar[tuple[str, ...]] = ()
    SAYS: ClassVar[Mapping[str, tuple[Value, ...]]] = {}
    """The words of ports that tell words; the others of no number tell 0 or 1."""
    SHARED: ClassVar[frozenset[str]] = frozenset()
    """Ports of which each device that carries them measures its share: plugs in a room, but not its meter."""

    def __init__(self, name: str, settings: S, rng: Random, journal: Journal) -> None:
        self.name = name
        self.settings = settings
        self.rng = rng
        self.inputs: dict[str, Sequence[Part[Any]]] = {}
        """What it reads, by input: set once all parts are there."""
        self.devices: tuple[str, ...] = ()
        """The identities of the devices that stand here."""
        self.ports: dict[str, Value] = dict.fromkeys(self.tells(settings), 0.0)
        """What it tells now, by port."""
        self._journal = journal
        self._watched: dict[str, Watch] = {}

    @classmethod
    def tells(cls, settings: S) -> tuple[str, ...]:  # noqa: ARG003  (a meter's depend on them)
        """The ports of a part with these settings."""
        return cls.PORTS

    def step(self, now: float) -> None:
        """Go on by ``STEP_SECONDS``, to ``now``."""
        raise NotImplementedError

    def read(self, source: str, port: str) -> float:
        """A number that an input tells, or the sum over all of them."""
        return sum(float(part.ports[port]) for part in self.inputs[source])

    def wander(self, value: float, step: float, low: float, high: float) -> float:
        """A value gone on by at most so much, held within a range."""
        return clamp(value + between(self.rng, -step, step), low, high)

    def chance(self, per_hour: float) -> bool:
        """True as often as so many times an hour, by chance."""
        return self.rng.random() < per_hour * HOURS

    def watch(
        self, event: str, is_so: bool, now: float, *, least_seconds: float = 0.0, quantity: str | None = None, value: float | None = None
    ) -> None:
        """Take an event down while ``is_so``, once it has lasted so long; with the farthest that a quantity went from where it began."""
        watch = self._watched.get(event)
        if not is_so:
            if watch is not None:
                del self._watched[event]
                if watch.is_event:
                    self._journal.end(self.name, event, now)
            return
        if watch is None:
            watch = self._watched[event] = Watch(now, value, value)
        if value is not None:
            watch.go(value)
        if now - watch.since >= least_seconds:
            watch.is_event = True
            unit = meaning(quantity)[1] if quantity else None
            self._journal.begin(Event(event, watch.since, None, self.name, None, self.devices, quantity, watch.farthest, unit))
