"""What a device is called and what only counts its messages: identifiers, serial numbers, frame counters, clocks.

None of it is a reading. An identifier holds the device's number, so that two devices of a fleet never share one.
"""

from datetime import UTC, datetime, timedelta
from random import Random

from simulators.moment import Ask, Moment, Signal, between

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCALES = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def hexadecimal(digits: int, upper: bool = False) -> Signal:
    """An identifier of hexadecimal digits (at least 4); its last four differ from device to device, up to 65,536."""

    def make(rng: Random) -> Ask:
        text = "".join("0123456789abcdef"[int(rng.random() * 16)] for _ in range(digits - 4))
        text = text.upper() if upper else text
        form = "04X" if upper else "04x"
        return lambda moment: text + format(moment.number * 40503 % 65536, form)

    return make


def mac(separator: str = ":", upper: bool = True) -> Signal:
    """A MAC address."""

    def make(rng: Random) -> Ask:
        inner = hexadecimal(12, upper)(rng)

        def ask(moment: Moment) -> str:
            text = str(inner(moment))
            return separator.join(text[at : at + 2] for at in range(0, 12, 2))

        return ask

    return make


def uuid() -> Signal:
    """A random UUID (version 4 by its form)."""

    def make(rng: Random) -> Ask:
        text = str(hexadecimal(32)(rng)(Moment(0.0, int(rng.random() * 256))))
        shown = f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
        return lambda _moment: shown

    return make


def digits(count: int) -> Signal:
    """A serial number of decimal digits (at least 5); its last four differ from device to device, up to 10,000."""

    def make(rng: Random) -> Ask:
        text = "123456789"[int(rng.random() * 9)] + "".join("0123456789"[int(rng.random() * 10)] for _ in range(count - 5))
        return lambda moment: f"{text}{moment.number * 7919 % 10000:04d}"

    return make


def numbered(*stems: str, sign: str = "") -> Signal:
    """One of a few names, with the device's number behind it."""

    def make(rng: Random) -> Ask:
        stem = stems[int(rng.random() * len(stems))]
        return lambda moment: f"{stem}{sign}{moment.number}"

    return make


def one_of(*options: str) -> Signal:
    """One of a few words, the same for a device's whole life."""

    def make(rng: Random) -> Ask:
        word = options[int(rng.random() * len(options))]
        return lambda _moment: word

    return make


def counter(low: int = 0, high: int = 5000) -> Signal:
    """A frame counter: one more with every message."""

    def make(rng: Random) -> Ask:
        count = int(between(rng, low, high))

        def ask(_moment: Moment) -> int:
            nonlocal count
            count += 1
            return count

        return ask

    return make


def uptime(most_days: float = 40.0) -> Signal:
    """Seconds since the device was started."""

    def make(rng: Random) -> Ask:
        before = between(rng, 3600, 86400 * most_days)
        since: float | None = None

        def ask(moment: Moment) -> int:
            nonlocal since
            if since is None:
                since = moment.time - before
            return int(moment.time - since)

        return ask

    return make


def clock(form: str = "%Y-%m-%dT%H:%M:%SZ", behind_seconds: float = 0.0) -> Signal:
    """The simulated time by a ``strftime`` form without names of months or days (those depend on the machine's locale)."""
    return lambda _rng: lambda moment: (EPOCH + timedelta(seconds=int(moment.time - behind_seconds))).strftime(form)


def epoch(scale: str = "s") -> Signal:
    """The simulated time as a number since 1970: ``s``, ``ms``, ``us`` or ``ns``; whole seconds, so that it is exact."""
    return lambda _rng: lambda moment: int(moment.time) * SCALES[scale]
