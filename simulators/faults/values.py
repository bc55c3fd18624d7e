"""Sensors that are wrong: stuck, drifting, spiking, noisy; units switched without notice; numbers that turn into strings.

A device that has such a fault speaks well at first, so that its receivers have learned what it says. The truth says what is sent:
nobody can read a drift from one message, only that its number stands there.
"""

import json
import re
from collections.abc import Callable
from dataclasses import replace

from simulators.faults.chance import Dice, device_of
from simulators.faults.rewrite import Edit, in_form_of, is_number, number_of, rewrite
from simulators.truth import Simulated, TrueReading

HEALTHY_MESSAGES = 4
"""At most so many messages of a device are well before its fault begins."""
DRIFT_SHARE = 0.02
"""Of the first value, with every message."""
NOISE_SHARE = 0.15
SPIKES = ("999.9", "-127", "85", "0", "65535", "32767")
"""What broken cables, empty registers and overflows say."""


class Onset:
    """Says of each message of a device whether its fault has begun; counts the messages of devices that have it."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._counts: dict[str, int] = {}

    def since(self, message: Simulated) -> int | None:
        """How many faulty messages the device has sent before this one; None while it is well."""
        device = device_of(message)
        if not self._dice.hits(device):
            return None
        count = self._counts.get(device, 0)
        self._counts[device] = count + 1
        well = 1 + int(self._dice.draw("onset", device) * HEALTHY_MESSAGES)
        return count - well if count >= well else None


def victim(dice: Dice, message: Simulated) -> TrueReading | None:
    """The one sensor of a device that is broken: the same in each message that has it; None where none has a plain number."""
    numbers = [one for one in message.readings if is_number(one)]
    return min(numbers, key=lambda one: dice.draw("victim", device_of(message), one.name), default=None)


def with_literal(message: Simulated, one: TrueReading, literal: str) -> Simulated | None:
    """The message with another literal for a reading; None where it is the same."""
    return None if literal == one.literal else rewrite(message, (Edit(one.start, len(one.literal), literal),))


class Stuck:
    """A sensor that says the same for ever."""

    def __init__(self, dice: Dice) -> None:
        self._dice, self._onset = dice, Onset(dice)
        self._said: dict[tuple[str, str, str], str] = {}

    def __call__(self, message: Simulated) -> Simulated | None:
        """The message as the broken device says it; None where nothing is changed."""
        since = self._onset.since(message)
        one = victim(self._dice, message)
        if since is None or one is None:
            return None
        literal = self._said.setdefault((device_of(message), message.topic, one.name), one.literal)
        return with_literal(message, one, literal)


class Drift:
    """A sensor whose error grows with every message."""

    def __init__(self, dice: Dice) -> None:
        self._dice, self._onset = dice, Onset(dice)

    def __call__(self, message: Simulated) -> Simulated | None:
        """The message as the broken device says it; None where nothing is changed."""
        since = self._onset.since(message)
        one = victim(self._dice, message)
        if since is None or one is None:
            return None
        value = number_of(one.literal)
        return with_literal(message, one, in_form_of(one.literal, value + max(abs(value), 1.0) * DRIFT_SHARE * (since + 1)))


class Noise:
    """A sensor whose value jumps about the true one."""

    def __init__(self, dice: Dice) -> None:
        self._dice, self._onset = dice, Onset(dice)

    def __call__(self, message: Simulated) -> Simulated | None:
        """The message as the broken device says it; None where nothing is changed."""
        since = self._onset.since(message)
        one = victim(self._dice, message)
        if since is None or one is None:
            return None
        value = number_of(one.literal)
        share = self._dice.between(-NOISE_SHARE, NOISE_SHARE, "share", message.id)
        return with_literal(message, one, in_form_of(one.literal, value + max(abs(value), 1.0) * share))


class Spike:
    """A message with one value that no sensor can have measured."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def __call__(self, message: Simulated) -> Simulated | None:
        """The message with the spike; None where nothing is changed."""
        one = victim(self._dice, message)
        if one is None or not self._dice.hits(message.id):
            return None
        return with_literal(message, one, in_form_of(one.literal, float(self._dice.one_of(SPIKES, "spike", message.id))))


_FAHRENHEIT = {"°C": "°F", "ºC": "ºF", "℃": "℉", "C": "F", "degC": "degF", "celsius": "fahrenheit", "Celsius": "Fahrenheit"}
_SPELLING = "|".join(sorted(map(re.escape, _FAHRENHEIT), key=len, reverse=True))
_BEHIND = re.compile(rf"[ *\u00a0]?({_SPELLING})(?!\w)")
_FIELD = re.compile(rf"""unit\w*["']?\s*[:=]\s*["']({_SPELLING})["']""", re.IGNORECASE)
_MENTION = re.compile(r"[°ºC]\s?C\b|°С|℃|(?i:celsius|degc|deg c)|(?<![A-Za-z0-9])C(?![A-Za-z0-9])|\bCel\b|_[cC]\b|[a-z]C\b|TC\b")


class UnitSwitched:
    """A device set from degrees Celsius to degrees Fahrenheit.

    A unit that stands behind the value or in a unit field is switched with it. Where the message states none, a reader who says none
    is right, too. A message that goes on to say Celsius elsewhere (in a key) is left as it is: its bytes would be a lie.
    """

    def __init__(self, dice: Dice) -> None:
        self._onset = Onset(dice)

    def __call__(self, message: Simulated) -> Simulated | None:
        """The message in the other unit; None where it has no degrees Celsius, or says Celsius in a place that does not follow."""
        since = self._onset.since(message)
        warm = [one for one in (*message.readings, *message.optional) if one.unit == "Cel" and is_number(one)]
        if since is None or not warm:
            return None
        edits = {one.start: Edit(one.start, len(one.literal), _in_fahrenheit(one)) for one in warm}
        stated = [found for one in warm if (found := _BEHIND.match(message.payload, one.start + len(one.literal)))]
        stated += _FIELD.finditer(message.payload)
        edits |= {found.start(1): Edit(found.start(1), len(found[1]), _FAHRENHEIT[found[1]]) for found in stated if found[1] in _FAHRENHEIT}
        switched = rewrite(message, edits.values())
        if _MENTION.search(switched.payload) or _MENTION.search(switched.topic):
            return None
        unit_also: tuple[str | None, ...] = () if stated else (None,)
        relabel: Callable[[TrueReading], TrueReading] = lambda one: (  # noqa: E731  (a name for one expression)
            replace(one, unit="[degF]", unit_also=unit_also) if one.unit == "Cel" else one
        )
        return replace(switched, readings=tuple(map(relabel, switched.readings)), optional=tuple(map(relabel, switched.optional)))


def _in_fahrenheit(one: TrueReading) -> str:
    return in_form_of(one.literal, number_of(one.literal) * 1.8 + 32)


class Quoted:
    """A device whose JSON has its numbers as strings from some day on, as after an update of its library."""

    def __init__(self, dice: Dice) -> None:
        self._onset = Onset(dice)

    def __call__(self, message: Simulated) -> Simulated | None:
        """The message with its numbers in quotes; None for one without JSON numbers."""
        since = self._onset.since(message)
        if since is None or message.format != "json":
            return None
        numbers = [one for one in (*message.readings, *message.optional) if _is_json_number(message.payload, one)]
        edits = [Edit(at, 0, '"') for one in numbers for at in (one.start, one.start + len(one.literal))]
        return rewrite(message, edits) if edits else None


def _is_json_number(payload: str, one: TrueReading) -> bool:
    """True where the literal is a number of the JSON text, not a part of one of its strings."""
    end = one.start + len(one.literal)
    before, behind = payload[: one.start].rstrip()[-1:], payload[end:].lstrip()[:1]
    if before not in (":", ",", "[") or behind not in (",", "}", "]") or '"' in one.literal:
        return False
    try:
        json.loads(f'{payload[: one.start]}"{one.literal}"{payload[end:]}')
        return type(json.loads(one.literal)) in (int, float)
    except ValueError:
        return False
