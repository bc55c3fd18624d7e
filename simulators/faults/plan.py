"""Which faults there are, and what a user asks for: ``lost=0.01,stuck=0.02``, a TOML file, or ``all``."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from agent.errors import FatalError
from simulators.faults.chance import Dice
from simulators.faults.clocks import Clock, Zone
from simulators.faults.damage import Encoding, Garbled, Truncated
from simulators.faults.timing import Alarms, Flood, Late, Lost, Reordered, Repeated, Silent, Storm
from simulators.faults.values import Drift, Noise, Quoted, Spike, Stuck, UnitSwitched
from simulators.truth import Simulated

Change = Callable[[Simulated], Simulated | None]
"""A fault of what is said; None where it leaves a message as it is."""
Schedule = Callable[[Simulated], Iterator[Simulated]]
"""A fault of when it is said."""
Share = Literal["messages", "devices", "device-minutes", "device-hours", "time"]

FAULT_EXAMPLE = "lost=0.01,stuck=0.02"


class FaultError(FatalError):
    """What was asked for is no plan of faults; the text says what to write."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: what it does, of what its rate is a share, and its share in ``all``."""

    means: str
    share_of: Share
    usual: float
    change: Callable[[Dice], Change] | None = None
    schedule: Callable[[Dice], Schedule] | None = None


FAULTS: Mapping[str, Fault] = {
    "stuck": Fault("a sensor says the same for ever", "devices", 0.03, Stuck),
    "drift": Fault("a sensor's error grows by 2 % with every message", "devices", 0.03, Drift),
    "noise": Fault("a sensor's value jumps by up to 15 %", "devices", 0.03, Noise),
    "spike": Fault("one value is impossible", "messages", 0.01, Spike),
    "unit": Fault("degrees Fahrenheit in the place of Celsius", "devices", 0.05, UnitSwitched),
    "quoted": Fault("JSON numbers become strings", "devices", 0.05, Quoted),
    "clock": Fault("a clock is off by days, or was never set", "devices", 0.05, Clock),
    "zone": Fault("a clock shows another zone's time", "devices", 0.05, Zone),
    "truncated": Fault("the payload is cut short", "messages", 0.01, Truncated),
    "garbled": Fault("letters of the payload are destroyed", "messages", 0.01, Garbled),
    "encoding": Fault("byte order mark, UTF-16, Latin-1 or UTF-8 twice", "messages", 0.01, Encoding),
    "alarms": Fault("for a minute all states change to and fro", "time", 0.02, schedule=Alarms),
    "storm": Fault("all devices say their latest messages again within 2 s", "time", 0.1, schedule=Storm),
    "flood": Fault("for a minute a device says everything 20 times more", "device-minutes", 0.002, schedule=Flood),
    "silent": Fault("a device says nothing for two hours", "device-hours", 0.02, schedule=Silent),
    "lost": Fault("never sent", "messages", 0.01, schedule=Lost),
    "repeated": Fault("sent twice", "messages", 0.01, schedule=Repeated),
    "reordered": Fault("overtaken by the device's next message", "messages", 0.01, schedule=Reordered),
    "late": Fault("sent 2 to 15 minutes late", "messages", 0.01, schedule=Late),
}
"""In the order in which they happen to a message: the sensor, the clock, the line, the time of sending."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One fault of a plan: its rate (0 to 1) and its own seed, or None for that of the run."""

    rate: float
    seed: int | None = None


Plan = Mapping[str, Setting]


def parse_faults(text: str) -> Plan:
    """The plan that a command line asks for: ``all``, ``NAME=RATE`` or ``NAME=RATE:SEED`` with commas between, or a file ``*.toml``.

    Raises ``FaultError`` that names what is wrong and what there is.
    """
    if text.strip() == "all":
        return {name: Setting(fault.usual) for name, fault in FAULTS.items()}
    if text.endswith(".toml"):
        return load_faults(Path(text))
    plan: dict[str, Setting] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        rate, colon, seed = value.partition(":")
        if not equals:
            raise FaultError(f"{part!r} names no rate: write {FAULT_EXAMPLE}, all, or a file like faults.toml")
        if name in plan:
            raise FaultError(f"{name} is given twice: leave one out")
        plan[name] = _setting(name, _number(name, rate, float), _number(f"the seed of {name}", seed, int) if colon else None)
    if not plan:
        raise FaultError(f"no fault is named: write {FAULT_EXAMPLE}, all, or a file like faults.toml")
    return plan


def load_faults(path: Path) -> Plan:
    """The plan of a TOML file: ``stuck = 0.02`` or ``stuck = {rate = 0.02, seed = 7}``. Raises ``FaultError``."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FaultError(f"{path} cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FaultError(f"{path} is no TOML: {error}") from error
    try:
        return {name: _from_toml(name, value) for name, value in tables.items()}
    except FaultError as error:
        raise FaultError(f"{path}: {error}") from error


def _from_toml(name: str, value: Any) -> Setting:
    table = value if isinstance(value, dict) else {"rate": value}
    rate, seed = table.get("rate"), table.get("seed")
    is_known = set(table) <= {"rate", "seed"} and isinstance(rate, int | float) and not isinstance(rate, bool)
    if not is_known or not (seed is None or (isinstance(seed, int) and not isinstance(seed, bool))):
        raise FaultError(f"{name} = {value!r}: write {name} = 0.02, or {name} = {{rate = 0.02, seed = 7}}")
    assert isinstance(rate, int | float)
    return _setting(name, float(rate), seed)


def _setting(name: str, rate: float, seed: int | None) -> Setting:
    if name not in FAULTS:
        raise FaultError(f"no fault is called {name!r}; there are: {', '.join(FAULTS)}")
    if not 0 <= rate <= 1:
        raise FaultError(f"{name}={rate:g}: a rate is a share of the {FAULTS[name].share_of}, from 0 to 1")
    return Setting(rate, seed)


def _number(name: str, text: str, kind: Callable[[str], Any]) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        raise FaultError(f"{name}={text!r} is no number: write {FAULT_EXAMPLE}") from error
