"""Clocks that are wrong: set to another zone, off by days, or never set. The time in the payload moves, the sending does not."""

from datetime import datetime, timedelta

from simulators.faults.chance import Dice, device_of
from simulators.faults.rewrite import Edit, rewrite
from simulators.truth import Simulated

EPOCH_DIGITS = {10: 1, 13: 10**3, 16: 10**6, 19: 10**9}
"""Digits of a count since 1970 -> counts a second."""
FORMS = (
    ("%Y-%m-%dT%H:%M:%S", 19), ("%Y-%m-%d %H:%M:%S", 19), ("%Y-%m-%d+%H:%M:%S", 19), ("%Y/%m/%d %H:%M:%S", 19),
    ("%d.%m.%Y %H:%M:%S", 19), ("%d/%m/%Y %H:%M:%S", 19), ("%d-%m-%Y %H:%M:%S", 19), ("%d.%m.%Y %H:%M", 16),
    ("%d/%m/%Y %H:%M", 16), ("%Y%m%d%H%M%S", 14), ("%y%m%d%H%M%S", 12),
)  # fmt: skip
"""How devices write an instant, and its length; what stands behind (fractions, zones) stays."""
ZONE_HOURS = (-8, -5, -3, 1, 2, 3, 7, 8, 9)
NEVER_SET = 946684800
"""2000-01-01: where a clock without a battery begins."""
MOST_SECONDS = 30 * 86400


def shifted(literal: str, seconds: int) -> str | None:
    """The instant that a literal states, so many whole seconds later, in the same form; None where the form is not known."""
    if literal.isdecimal() and len(literal) in EPOCH_DIGITS and literal[0] == "1":
        return str(int(literal) + seconds * EPOCH_DIGITS[len(literal)])
    for form, length in FORMS:
        try:
            moment = datetime.strptime(literal[:length], form)  # noqa: DTZ007  (its zone, if it has one, is not touched)
        except ValueError:
            continue
        if moment.strftime(form) == literal[:length]:
            return (moment + timedelta(seconds=seconds)).strftime(form) + literal[length:]
    return None


def with_time(message: Simulated, seconds: int) -> Simulated | None:
    """The message with its own time moved wherever it stands; None where it states none, or one that moves no digit of it."""
    later = None if message.time is None else shifted(message.time, seconds)
    if message.time is None or later is None or later == message.time:
        return None
    edits, at = [], message.payload.find(message.time)
    while at >= 0:
        edits.append(Edit(at, len(message.time), later))
        at = message.payload.find(message.time, at + len(message.time))
    return rewrite(message, edits, time=later) if edits else None


class Clock:
    """Devices whose clock is off by up to a month, or was never set."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._first: dict[str, int] = {}

    def __call__(self, message: Simulated) -> Simulated | None:
        """The message with its wrong time; None where nothing is changed."""
        device = device_of(message)
        if not self._dice.hits(device):
            return None
        first = self._first.setdefault(device, int(message.at))
        if self._dice.draw("never set", device) < 1 / 3:
            return with_time(message, NEVER_SET - first)
        return with_time(message, int(self._dice.between(-MOST_SECONDS, MOST_SECONDS, "off", device)))


class Zone:
    """Devices that write the wall clock of another zone as if it were theirs."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def __call__(self, message: Simulated) -> Simulated | None:
        """The message with its wrong time; None where nothing is changed."""
        device = device_of(message)
        return with_time(message, 3600 * self._dice.one_of(ZONE_HOURS, "zone", device)) if self._dice.hits(device) else None
