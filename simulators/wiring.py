"""How a device's fields take their values from the area that it stands in: by quantity, converted, with a sensor's own error."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from agent.domain.quantity import quantities
from simulators.dialect import Dialect, Field
from simulators.moment import Ask, Moment, Value, between, clamp
from simulators.plant.convert import conversion
from simulators.plant.part import Part
from simulators.plant.ports import meaning
from simulators.states import Words

Says = Mapping[str, tuple[Value, ...]]
OWN = "-"
"""What a site's file says of a slot that keeps its own signal."""
ACCURACY: dict[str, tuple[float, float]] = {
    "temperature": (0.25, 0.06), "dew_point": (0.3, 0.1), "humidity": (1.5, 0.3), "soil_moisture": (1.5, 0.3), "carbon_dioxide": (25, 5),
    "atmospheric_pressure": (0.6, 0.05), "sound_pressure": (0.8, 0.3), "frequency": (0.004, 0.004), "level": (0.6, 0.1), "ph": (0.03, 0.01),
}  # fmt: skip
"""By quantity, in the unit of its port: how far a sensor may be off for good, and from one message to the next."""
SHARE = (0.006, 0.002)
"""The same for other measured quantities, as shares of the value."""
EXACT = frozenset({"energy", "water", "gas", "heat_energy", "count", "people_count", "setpoint", "duty_cycle", "position", "battery"})


class Sensor:
    """What a device measures at a port: once a moment, in all units that it writes."""

    def __init__(self, part: Part[Any], port: str, rng: Random, share: float) -> None:
        self._part, self._port, self._rng, self._true_share = part, port, rng, share
        quantity, unit = meaning(port)
        off, self._noise = (0.0, 0.0) if quantity in EXACT else ACCURACY.get(quantity, SHARE)
        self._off = between(rng, -off, off)
        self._is_share = quantity not in ACCURACY
        self._is_percent = unit == "%"
        self._at: float | None = None
        self._value = 0.0

    def value(self, moment: Moment) -> float:
        """The port's number as this device measures it."""
        if moment.time != self._at:
            self._at = moment.time
            error = self._off + between(self._rng, -self._noise, self._noise)
            true = float(self._part.ports[self._port]) * self._true_share
            value = true * (1 + error) if self._is_share else true + error
            self._value = clamp(value, 0, 100) if self._is_percent else value
        return self._value


def by_quantity(dialect: Dialect, ports: tuple[str, ...], says: Says) -> Iterator[tuple[Field, str]]:
    """The fields that take the port of their quantity where a site says nothing: those that are alone with quantity and unit."""
    outer = [(field.quantity, field.unit) for field in dialect.fields if field.quantity and not field.inner]
    for field in dialect.fields:
        is_alone = field.quantity and not field.inner and outer.count((field.quantity, field.unit)) == 1
        if is_alone and field.quantity in ports and why_not(field, field.quantity, says) is None:
            yield field, field.quantity


def why_not(field: Field, port: str, says: Says) -> str | None:
    """Why a field cannot take a port, as a sentence's end; None where it can. ``says``: the words of the area's ports."""
    quantity, unit = meaning(port)
    kind = quantities()[quantity].kind
    if kind == "number":
        if isinstance(field.signal, Words):
            return f"has words, and {port} is a number"
        return None if conversion(unit, field.unit) else f"is in {field.unit}, and nobody knows how to make that of {unit}"
    if not isinstance(field.signal, Words) or not field.signal.said:
        return f"has no words for {port}: give its signal some (simulators/states.py)"
    if lacks := [word for word in says.get(port, (0, 1)) if word not in field.signal.said]:
        return f"has no word for {', '.join(map(str, lacks))} of {port}; it has some for {', '.join(map(str, field.signal.said))}"
    return None


def sensed(
    dialect: Dialect, carries: Mapping[str, tuple[Part[Any], str]], rng: Random, shares: Mapping[tuple[str, str], float]
) -> dict[str, Ask]:
    """The signals of the fields that ports set, by slot; ``shares``: of a part's port how much the device has, where not all."""
    fields = {field.slot: field for field in dialect.fields}
    sensors: dict[tuple[str, str], Sensor] = {}
    asks: dict[str, Ask] = {}
    for slot, (part, port) in carries.items():
        field = fields[slot]
        if isinstance(field.signal, Words):
            asks[slot] = word(part, port, field.signal.said, field.inverted)
        else:
            key = (part.name, port)
            sensor = sensors[key] = sensors.get(key) or Sensor(part, port, rng, shares.get(key, 1.0))
            asks[slot] = number(sensor, *(conversion(meaning(port)[1], field.unit) or (1.0, 0.0)))
    return asks


def word(part: Part[Any], port: str, said: Mapping[Value, Value], inverted: bool) -> Ask:
    """The device's word for what a port tells; an inverted one says yes for no."""
    if inverted:
        return lambda _moment: said[1 - int(part.ports[port])]
    return lambda _moment: said[part.ports[port]]


def number(sensor: Sensor, factor: float, term: float) -> Ask:
    """A sensor's number in another unit."""
    return lambda moment: sensor.value(moment) * factor + term
