"""The parts of a site together, in step with simulated time."""

from collections.abc import Mapping
from typing import Any

from simulators.events import Journal
from simulators.plant.part import STEP_SECONDS, Part


class Plant:
    """All parts of a site and what happened there. ``advance`` is to be called in the order of time."""

    def __init__(self, parts: Mapping[str, Part[Any]], journal: Journal, now: float) -> None:
        self.parts = parts
        self.journal = journal
        self._now = now

    def advance(self, time: float) -> None:
        """Take every step that lies before a time."""
        while self._now + STEP_SECONDS <= time:
            self._now += STEP_SECONDS
            for part in self.parts.values():
                part.step(self._now)
