"""A plan of faults laid over a stream of messages: what is sent in its place, in the order of sending."""

import heapq
from collections.abc import Iterable, Iterator

from simulators.faults.chance import Dice
from simulators.faults.plan import FAULTS, Change, Plan, Schedule
from simulators.faults.timing import Reordered, named
from simulators.truth import Simulated


def with_faults(messages: Iterable[Simulated], plan: Plan, seed: int) -> Iterator[Simulated]:
    """The messages with the faults of a plan. The same seed gives the same; messages come in the order of time, and so they go.

    One that its faults keep from being sent comes, too (``is_sent`` is false), so that the truth can tell of it.
    """
    course = Course(plan, seed)
    waiting: list[tuple[float, int, Simulated]] = []
    count, now = 0, 0.0
    for message in messages:
        now = message.at
        while waiting and waiting[0][0] < now:
            yield heapq.heappop(waiting)[2]
        for sent in course.of(message):
            count += 1
            heapq.heappush(waiting, (sent.at, count, sent))
    for sent in course.rest(now):
        count += 1
        heapq.heappush(waiting, (sent.at, count, sent))
    while waiting:
        yield heapq.heappop(waiting)[2]


class Course:
    """What happens to each message, by the faults of a plan in the order of ``FAULTS``."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self._changes: list[tuple[str, Change]] = []
        self._schedules: list[Schedule] = []
        for name, fault in FAULTS.items():
            if name not in plan:
                continue
            dice = Dice(name, plan[name].rate, seed if (own := plan[name].seed) is None else own)
            if fault.change is not None:
                self._changes.append((name, fault.change(dice)))
            if fault.schedule is not None:
                self._schedules.append(fault.schedule(dice))

    def of(self, message: Simulated) -> Iterator[Simulated]:
        """The messages that are sent in the place of one."""
        for name, change in self._changes:
            changed = change(message)
            message = message if changed is None else named(changed, name)
        yield from self._scheduled(message, 0)

    def rest(self, now: float) -> Iterator[Simulated]:
        """What was held back and is sent at the end."""
        for at, schedule in enumerate(self._schedules):
            if isinstance(schedule, Reordered):
                for message in schedule.rest(now):
                    yield from self._scheduled(message, at + 1)

    def _scheduled(self, message: Simulated, first: int) -> Iterator[Simulated]:
        if first == len(self._schedules):
            yield message
            return
        for sent in self._schedules[first](message):
            yield from self._scheduled(sent, first + 1)
