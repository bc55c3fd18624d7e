"""Who has work and does not get on with it. The watchdog is fed only while no stage stands still with work before it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Stage:
    """A stage under watch: ``has_work`` is asked, ``ticks`` counts what it got done."""

    name: str
    has_work: Callable[[], bool]
    ticks: int = 0
    seen_ticks: int = 0
    since: float = 0.0

    def tick(self) -> None:
        """Say that something was finished, or was tried and will be tried again."""
        self.ticks += 1


class Progress:
    """The stages of an agent, and which of them stand still."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._stages: list[Stage] = []

    def watch(self, name: str, has_work: Callable[[], bool]) -> Stage:
        """Put a stage under watch."""
        stage = Stage(name, has_work, since=self._clock())
        self._stages.append(stage)
        return stage

    def stalled(self, limit_seconds: float) -> list[str]:
        """Names of the stages that have had work for so long without finishing any; to be asked again and again."""
        now = self._clock()
        names = []
        for stage in self._stages:
            if not stage.has_work() or stage.ticks != stage.seen_ticks:
                stage.seen_ticks = stage.ticks
                stage.since = now
            elif now - stage.since > limit_seconds:
                names.append(stage.name)
        return names
