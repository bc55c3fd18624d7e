"""A run: messages to a sink, each in its time or as fast as they go, the truth beside them, and what it cost."""

import resource
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from simulators.events import Event
from simulators.sinks import Sink
from simulators.truth import Simulated
from simulators.world import World

SCREEN_SECONDS = 0.5
LOOK_EVERY = 200
"""Messages between two looks at the clock, where none is waited for."""


@dataclass(slots=True)
class Progress:
    """What is known of a run at a moment."""

    devices: int
    now: float
    """Simulated time, in seconds since 1970 UTC."""
    elapsed_seconds: float = 0.0
    sent: int = 0
    rate: float = 0.0
    """Messages sent in a second, since the last look."""
    silent: int = 0
    """Devices without power."""
    faults: Counter[str] = field(default_factory=Counter)
    """Faults of messages since the last look, by name."""
    events: tuple[Event, ...] = ()
    """What is going on at the site."""


class RunScreen(Protocol):
    """Shows how a run gets on."""

    def show(self, progress: Progress) -> None:
        """Show the present state."""

    def close(self) -> None:
        """Leave the terminal as it was."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took of the machine: this process alone, not the broker."""

    messages: int
    elapsed_seconds: float
    cpu_seconds: float
    peak_bytes: int

    def __str__(self) -> str:
        rate = self.messages / self.elapsed_seconds if self.elapsed_seconds else 0.0
        each = 1e6 * self.cpu_seconds / self.messages if self.messages else 0.0
        return (
            f"{self.messages} messages in {self.elapsed_seconds:.1f} s: {rate:.0f} a second; own cost {self.cpu_seconds:.1f} s of CPU"
            f" ({each:.0f} us a message), at most {self.peak_bytes / 1e6:.0f} MB of memory"
        )


class Run:
    """Sends messages; ``speed`` is simulated seconds in a second, None for as fast as they go."""

    def __init__(
        self,
        *,
        devices: int,
        start: float,
        speed: float | None,
        sink: Sink,
        truth: TextIO | None = None,
        world: World | None = None,
        screen: RunScreen | None = None,
    ) -> None:
        self.progress = Progress(devices, start)
        self._start, self._speed, self._sink, self._truth, self._world, self._screen = start, speed, sink, truth, world, screen
        self._began = self._looked = 0.0
        self._sent_before = 0

    def play(self, messages: Iterable[Simulated], stopped: threading.Event) -> Cost:
        """Send them until there are no more or ``stopped`` is set, which ends it between two messages."""
        self._began = self._looked = time.monotonic()
        cpu = time.process_time()
        for count, message in enumerate(messages):
            if stopped.is_set() or not self._wait(message.at, count, stopped):
                break
            self._send(message)
        if self._truth is not None and self._world is not None:
            self._write_events((*self._world.journal.taken(), *self._world.journal.going_on()))
        self._sink.flush()
        return Cost(self.progress.sent, time.monotonic() - self._began, time.process_time() - cpu, peak_bytes())

    def _send(self, message: Simulated) -> None:
        if self._truth is not None:
            self._truth.write(message.truth_line() + "\n")
        if message.is_sent:
            self._sink.send(message)
            self.progress.sent += 1
        if message.faults:
            self.progress.faults.update(message.faults)
        if self._world is not None and (events := self._world.journal.taken()) and self._truth is not None:
            self._write_events(events)

    def _write_events(self, events: Iterable[Event]) -> None:
        if self._truth is not None:
            self._truth.writelines(event.line() + "\n" for event in events)

    def _wait(self, at: float, count: int, stopped: threading.Event) -> bool:
        """Wait until a simulated time has come, and look at the screen meanwhile; False where the run is to end first."""
        self.progress.now = at
        if self._speed is None:
            if count % LOOK_EVERY == 0:
                self._look()
            return True
        due = self._began + (at - self._start) / self._speed
        while (left := due - time.monotonic()) > 0:
            self._sink.flush()
            if stopped.wait(min(left, SCREEN_SECONDS)):
                return False
            self._look()
        if count % LOOK_EVERY == 0:
            self._look()
        return True

    def _look(self) -> None:
        """Show how it gets on, if it is time to."""
        now = time.monotonic()
        since = now - self._looked
        if self._screen is None or since < SCREEN_SECONDS:
            return
        progress = self.progress
        progress.elapsed_seconds = now - self._began
        progress.rate = (progress.sent - self._sent_before) / since
        if self._world is not None:
            progress.silent = sum(not device.is_powered for device in self._world.devices)
            progress.events = tuple(self._world.journal.going_on())
        self._screen.show(progress)
        progress.faults.clear()
        self._looked, self._sent_before = now, progress.sent


def peak_bytes() -> int:
    """The most memory that this process has held (resident set size)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
