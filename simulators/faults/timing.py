"""When and how often a message is sent: lost, repeated, late, out of order, in floods and storms, or not for hours.

Each fault turns a message into those that are sent in its place, each at its time. One that is never sent is told all the same: its
line of truth says so, and nothing of it is expected.
"""

from collections.abc import Iterator
from dataclasses import replace

from agent.domain.quantity import quantities
from simulators.faults.chance import Dice, device_of
from simulators.faults.rewrite import Edit, rewrite
from simulators.truth import Simulated, TrueReading

REPEAT_SECONDS = (0.2, 5.0)
LATE_SECONDS = (120.0, 900.0)
FLOOD_COPIES = 20
FLOOD_SECONDS = 60.0
SILENT_SECONDS = 7200.0
STORM_SECONDS = 600.0
STORM_LENGTH_SECONDS = 2.0
ALARM_SECONDS = 60.0
ALARM_CHANGES = 10
STEP_SECONDS = 0.02


def named(message: Simulated, fault: str) -> Simulated:
    """The message with one fault more."""
    return replace(message, faults=(*message.faults, fault))


def again(message: Simulated, fault: str, number: int, at: float) -> Simulated:
    """A further message of its own that says the same."""
    return replace(named(message, fault), id=f"{message.id}+{fault}{number}", at=at)


def period(dice: Dice, message: Simulated, seconds: float) -> int:
    """Which stretch of a device's time a message falls into; devices begin theirs at different instants."""
    device = device_of(message)
    return int((message.at + seconds * dice.draw("phase", device)) // seconds)


class Lost:
    """Messages that never leave the device."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def __call__(self, message: Simulated) -> Iterator[Simulated]:
        """The message, marked where it is lost."""
        yield named(message, "lost") if self._dice.hits(message.id) else message


class Silent:
    """Devices that say nothing for two hours."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def __call__(self, message: Simulated) -> Iterator[Simulated]:
        """The message, marked where its device is silent."""
        is_silent = self._dice.hits(device_of(message), period(self._dice, message, SILENT_SECONDS))
        yield named(message, "silent") if is_silent else message


class Repeated:
    """Messages that are sent twice, a little later again."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def __call__(self, message: Simulated) -> Iterator[Simulated]:
        """The message, and where it is repeated the same once more: one id, one truth."""
        if not self._dice.hits(message.id):
            yield message
            return
        first = named(message, "repeated")
        yield first
        yield replace(first, at=first.at + self._dice.between(*REPEAT_SECONDS, "wait", message.id))


class Late:
    """Messages that are kept back for some minutes."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def __call__(self, message: Simulated) -> Iterator[Simulated]:
        """The message, later where it is late."""
        if not self._dice.hits(message.id):
            yield message
            return
        delay = self._dice.between(*LATE_SECONDS, "delay", message.id)
        yield replace(named(message, "late"), at=message.at + delay, delay_seconds=message.delay_seconds + delay)


class Reordered:
    """Messages that the next one of their device overtakes."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._held: dict[str, Simulated] = {}

    def __call__(self, message: Simulated) -> Iterator[Simulated]:
        """The message, and behind it the one that waited for it."""
        held = self._held.pop(device_of(message), None)
        if held is None and self._dice.hits(message.id):
            self._held[device_of(message)] = message
            return
        yield message
        if held is not None:
            yield self._sent(held, message.at + STEP_SECONDS)

    def rest(self, now: float) -> Iterator[Simulated]:
        """Those that waited in vain when a run ends: they are sent then."""
        for held in self._held.values():
            yield self._sent(held, now)
        self._held.clear()

    @staticmethod
    def _sent(held: Simulated, at: float) -> Simulated:
        at = max(at, held.at)
        return replace(named(held, "reordered"), at=at, delay_seconds=held.delay_seconds + at - held.at)


class Flood:
    """Devices that say everything twenty times more for a minute."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def __call__(self, message: Simulated) -> Iterator[Simulated]:
        """The message and its copies, each a message of its own."""
        yield message
        if self._dice.hits(device_of(message), period(self._dice, message, FLOOD_SECONDS)):
            for number in range(1, FLOOD_COPIES + 1):
                yield again(message, "flood", number, message.at + number * STEP_SECONDS)


class Storm:
    """Reconnect storms: within two seconds every device says its latest messages again, as after a restart of the broker."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._latest: dict[str, Simulated] = {}
        self._period = -1

    def __call__(self, message: Simulated) -> Iterator[Simulated]:
        """The message, and with the first one of a stormy stretch the latest of every topic."""
        yield message
        now = int(message.at // STORM_SECONDS)
        if now != self._period and self._period >= 0 and self._dice.hits(now):
            for topic, latest in self._latest.items():
                at = message.at + self._dice.between(0, STORM_LENGTH_SECONDS, now, topic)
                yield again(latest, "storm", now, at)
        self._period = now
        self._latest[message.topic] = message


_OPPOSITES = {
    word: other
    for one, two in (
        ("0", "1"), ("false", "true"), ("False", "True"), ("off", "on"), ("OFF", "ON"), ("Off", "On"), ("closed", "open"),
        ("CLOSED", "OPEN"), ("no", "yes"), ("offline", "online"), ("Offline", "Online"), ("inactive", "active"), ("OK", "ALARM"),
        ("clear", "detected"), ("idle", "running"), ("aus", "ein"), ("AUS", "EIN"), ("zu", "auf"), ("nein", "ja"), ("tắt", "bật"),
    )
    for word, other in ((one, two), (two, one))
}  # fmt: skip


class Alarms:
    """Alarm storms: for a minute every device that reports a state of two reports it ten times more, to and fro."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def __call__(self, message: Simulated) -> Iterator[Simulated]:
        """The message, and during a storm those in which its states change."""
        yield message
        if not self._dice.hits(int(message.at // ALARM_SECONDS)):
            return
        states = [one for one in message.readings if quantities()[one.quantity].kind == "binary" and one.literal in _OPPOSITES]
        if not states or message.wire is not None:
            return
        turned = rewrite(message, map(_opposite, states))
        for number in range(1, ALARM_CHANGES + 1):
            yield again(turned if number % 2 else message, "alarms", number, message.at + number * STEP_SECONDS)


def _opposite(one: TrueReading) -> Edit:
    return Edit(one.start, len(one.literal), _OPPOSITES[one.literal])
