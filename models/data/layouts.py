"""How a message's parts are laid out in JSON and XML: flat, under groups, as objects of name and value, by place, by device, as lists.

A part is a thing to be sent, with its key, value, unit and label; a layout turns the parts of a message into leaves with paths.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.domain.quantity import quantities
from agent.domain.unit import spellings
from models.data.kinds import Field
from models.data.message import draw_series
from models.data.render import Leaf
from models.data.values import FILLERS, Drawn, ValueSpec, parse_value

Layout = Callable[["list[Part]", random.Random], list[Leaf]]

NAME_KEYS = (("name", "value", "unit"), ("type", "value", "unit"), ("sensor", "reading", "uom"), ("n", "v", "u"), ("measurement", "val", "units"), ("metric", "value", ""), ("key", "value", ""), ("label", "current", "unit"), ("parameter", "value", "unitCode"), ("quantity", "data", "unit"), ("id", "state", "unit_of_measurement"), ("channel", "result", "unitSymbol"), ("Bezeichnung", "Wert", "Einheit"), ("nom", "valeur", "unite"), ("nombre", "valor", "unidad"), ("name", "value", "unitOfMeasurement"), ("name", "val", "u"), ("signal", "value", "engUnit"), ("tag", "value", "engineering_units"), ("tagName", "Value", "EU"), ("Name", "Value", "Unit"), ("title", "value", "unit_text"), ("attribute", "state", "uom"), ("description", "value", "units"), ("desc", "v", "unit"), ("kind", "amount", "unit"), ("variable", "numericValue", "measureUnit"), ("Messwert", "Wert", "Einheit"), ("nome", "valore", "unita"), ("nazwa", "wartosc", "jednostka"), ("naam", "waarde", "eenheid"), ("名称", "值", "单位"), ("项目", "値", "単位"), ("tên", "giá trị", "đơn vị"), ("название", "значение", "единица"))  # fmt: skip
UNIT_KEYS = ("{}_unit", "{}_unit", "{}Unit", "{}_units", "{}_uom", "unit_{}", "{}_u", "{} unit", "{}.unit", "{}Einheit", "{}_einheit")
UNIT_MAPS = (("values", "units"), ("data", "units"), ("current", "current_units"), ("hourly", "hourly_units"), ("measurements", "uom"), ("readings", "unitOfMeasurement"), ("state", "unit"), ("Werte", "Einheiten"), ("values", "unit"), ("sensor_values", "sensor_units"), ("v", "u"), ("", "units"), ("", "unitMap"))  # fmt: skip
GROUPS = "env power battery radio climate system inputs meter outdoor zone1 main".split()
PLACES = (("L1", "L2", "L3"), ("l1", "l2", "l3"), ("a", "b", "c"), ("A", "B", "C"), ("phaseA", "phaseB", "phaseC"), ("phase1", "phase2", "phase3"), ("1", "2", "3", "4"), ("0", "1", "2"), ("ch1", "ch2", "ch3", "ch4"), ("avg", "max", "min"), ("current", "min", "max", "avg"), ("average", "last"), ("mean", "median"), ("indoor", "outdoor"), ("inside", "outside"), ("in", "out"), ("supply", "return"), ("inlet", "outlet"), ("left", "right"), ("front", "rear"), ("top", "middle", "bottom"), ("x", "y", "z"), ("north", "south"), ("kitchen", "bedroom", "hall", "bath"), ("zone1", "zone2", "zone3"), ("probe_a", "probe_b"), ("main", "aux"), ("hot", "cold"), ("internal", "external"), ("primary", "secondary"), ("instant", "average"), ("Vorlauf", "Rücklauf"), ("oben", "mitte", "unten"), ("innen", "außen"), ("gauche", "droite"), ("entrada", "salida"), ("10cm", "20cm", "40cm"), ("s1", "s2", "s3"), ("value", "average"), ("2025-06-01", "2025-06-02", "2025-06-03"), ("00:00", "00:15", "00:30"))  # fmt: skip
"""Names of the members where one quantity is sent for several places, phases or moments."""
MEMBERS = ("{room}", "{room}", "{word}-{number}", "sensor{number}", "node{number}", "{number}", "{hex}", "probe_{number}", "zone{number}", "unit {number}", "{word}")  # fmt: skip
"""Names of devices that share a message."""
TYPED = (
    (("type", "property|Property|number|float|double|gauge"), ("quality", "GOOD|good|192|0")),
    (("ts", "1718000000|1731000123456"), ("q", "good|GOOD|1|192")),
    (("Timestamp", "2025-03-04T05:06:07Z"), ("Status", "Good|OK|0")),
    (("valid", "true"), ("source", "sensor|modbus|calc")),
    (("min", "0|-40"), ("max", "100|125")),
    (("id", "1|17|204"), ("precision", "1|2")),
    (("updated", "2025-03-04 05:06:07"),),
    (("unit_id", "1|3"), ("writable", "false")),
)
"""What stands beside a value in an object of its own, and is no reading: keys with the texts that they may have."""


def plain_field(role: str, value: ValueSpec, quantity: str = "", units: tuple[str | None, ...] = (None,), inverted: bool = False) -> Field:
    """A field of a part; its path is the layout's."""
    return Field("", role, (quantity,) if quantity else (), units, inverted, False, value)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to be sent: its key, its value, its unit's spelling where it stands apart from both, and its label."""

    key: str
    drawn: Drawn
    field: Field
    spelling: str = ""
    title: str = ""
    left_open: str = ""
    """The unit's code where neither key nor spelling states it."""

    def unstated(self) -> "Part":
        """The same without the spelling: the quantity's usual unit goes without saying, of another null is as right."""
        if not self.spelling:
            return self
        unit = self.field.units[0]
        usual = quantities()[self.field.quantities[0]].unit
        units = self.field.units if unit == usual else (unit, None)
        return replace(self, spelling="", left_open=unit or "", field=replace(self.field, units=units))


def spelled(code: str, rng: random.Random) -> str:
    """One of the unit's spellings, the common ones likelier."""
    choices = spellings(code)
    return rng.choices(choices, [1 / (rank + 1) for rank in range(len(choices))])[0] if choices else code


def unstated(parts: list[Part]) -> list[Part]:
    """The same parts where the message has no room for a unit."""
    return [part.unstated() for part in parts]


def _stated(parts: list[Part], rng: random.Random) -> list[Part]:
    """The same parts, and at most times every unit that was left open is stated: a sender with room for one fills it."""
    if rng.random() < 0.3:
        return parts
    return [
        replace(part, spelling=spelled(part.left_open, rng), left_open="", field=replace(part.field, units=(part.left_open,)))
        if part.left_open
        else part
        for part in parts
    ]


def inline(parts: list[Part]) -> list[Part]:
    """The same parts where units stand behind the values: one that begins with a digit (``0.1 °C``) would read as part of the value."""
    return [part.unstated() if part.spelling[:1].isdigit() else part for part in parts]


def glue(spelling: str) -> str:
    """What stands between a value and its unit in writing that spares blanks: nothing, but before trade codes such as ``C26``."""
    return " " if re.match(r"[A-Z]\d", spelling) else ""


def with_unit(part: Part, rng: random.Random) -> Drawn:
    """The value as a text with its unit behind it, where it has one to state."""
    if not part.spelling:
        return part.drawn
    text = part.drawn.text + rng.choice([" ", " ", glue(part.spelling)]) + part.spelling
    return Drawn(text, part.drawn.literal, part.drawn.start, True)


def leaf_of(part: Part, path: str, drawn: Drawn | None = None) -> Leaf:
    """The part under a key, which is escaped so that no dot or bracket in it is a step of a path."""
    return Leaf(path.replace(".", "_").replace("[", "(").replace("]", ")").replace(" ", "__"), (drawn or part.drawn,), part.field)


NOTHING = plain_field("none", parse_value("@word"))


def _constant(text: str) -> tuple[Drawn, ...]:
    return (Drawn(text, text, 0, True),)


def _siblings(parts: list[Part], rng: random.Random) -> list[Leaf]:
    """Objects of name, value and unit, in a list or under a key."""
    name_key, value_key, unit_key = rng.choice(NAME_KEYS)
    parts = _stated(parts, rng) if unit_key else unstated(parts)
    base = rng.choice(["", "readings", "data", "sensors", "values", "measurements", "metrics", "channels"])
    leaves = []
    for index, part in enumerate(parts):
        stem = f"{base}[{index}]"
        order = [
            Leaf(f"{stem}.{name_key}", _constant(part.key), NOTHING),
            Leaf(f"{stem}.{value_key}", (part.drawn,), part.field),
        ]
        if part.spelling and unit_key:
            order.append(Leaf(f"{stem}.{unit_key}", _constant(part.spelling), NOTHING))
        if rng.random() < 0.2:
            rng.shuffle(order)
        leaves += order
    return leaves


def _by_name(parts: list[Part], rng: random.Random) -> list[Leaf]:
    """``{"temperature": {"value": 21, "unit": "C"}}``."""
    value_key, unit_key = rng.choice([("value", "unit"), ("v", "u"), ("val", "uom"), ("current", "units"), ("value", "unitCode")])
    leaves = []
    for part in _stated(parts, rng):
        stem = leaf_of(part, part.key).path
        leaves.append(Leaf(f"{stem}.{value_key}", (part.drawn,), part.field))
        if part.spelling:
            leaves.append(Leaf(f"{stem}.{unit_key}", _constant(part.spelling), NOTHING))
    return leaves


def _beside(parts: list[Part], rng: random.Random) -> list[Leaf]:
    """``{"temp": 21, "temp_unit": "C"}``: the unit under a key of its own."""
    pattern = rng.choice(UNIT_KEYS)
    leaves = []
    for part in _stated(parts, rng):
        leaf = leaf_of(part, part.key)
        leaves.append(leaf)
        if part.spelling:
            leaves.append(Leaf(leaf_of(part, pattern.format(part.key)).path, _constant(part.spelling), NOTHING))
    return leaves


def _mapped(parts: list[Part], rng: random.Random) -> list[Leaf]:
    """``{"values": {"temp": 21}, "units": {"temp": "C"}}``: all units in a map of their own, before or behind the values."""
    values, units = rng.choice(UNIT_MAPS)
    parts = _stated(parts, rng)
    told = [leaf_of(part, part.key) for part in parts]
    names = [
        Leaf(f"{units}.{leaf.path}", _constant(part.spelling), NOTHING) for part, leaf in zip(parts, told, strict=True) if part.spelling
    ]
    leaves = [replace(leaf, path=f"{values}.{leaf.path}") if values else leaf for leaf in told]
    return names + leaves if rng.random() < 0.3 else leaves + names


def lay_flat(parts: list[Part], rng: random.Random) -> list[Leaf]:
    """Keys and values, at times under a common parent or two."""
    leaves = [leaf_of(part, part.key, with_unit(part, rng)) for part in parts]
    mood = rng.random()
    if mood < 0.2:
        parent = rng.choice(["data", "payload", "values", "state", "status", "sensor", "readings", "object", "params", "env", "d"])
        leaves = [Leaf(f"{parent}.{leaf.path}", leaf.draws, leaf.mark) for leaf in leaves]
    elif mood < 0.35:
        groups = [rng.choice(GROUPS) for _ in leaves]
        leaves = [Leaf(f"{group}.{leaf.path}", leaf.draws, leaf.mark) for group, leaf in zip(groups, leaves, strict=True)]
    return leaves


def _again(part: Part, rng: random.Random) -> Drawn:
    """Another value of the same part."""
    return part.field.value.draw(rng)


def _by_place(parts: list[Part], rng: random.Random) -> list[Leaf]:
    """``{"power": {"L1": 120, "L2": 80}, "humidity": 41}``: one quantity for several places, phases or moments under its key."""
    leaves: list[Leaf] = []
    places = rng.choice(PLACES)
    for part in unstated(parts):
        stem = leaf_of(part, part.key).path
        if part.field.role != "reading" or quantities()[part.field.quantities[0]].kind != "number" or rng.random() < 0.3:
            leaves.append(leaf_of(part, part.key))
            continue
        if rng.random() < 0.2:
            places = rng.choice(PLACES)
        chosen = places[: rng.randrange(2, len(places) + 1)]
        leaves += [Leaf(f"{stem}.{place}", (_again(part, rng),), part.field) for place in chosen]
    return leaves


def _by_device(parts: list[Part], rng: random.Random) -> list[Leaf]:
    """``{"kitchen": {"temp": 21}, "hall": {"temp": 19}}``, or a list of such objects: devices of one kind share a message."""
    base = rng.choice(["", "", "sensors.", "devices.", "rooms.", "nodes.", "data.", "units.", "status.sensors."])
    count = rng.randrange(2, 5)
    as_list = rng.random() < 0.4
    pattern = rng.choice(MEMBERS)
    leaves = []
    parts = [part for part in unstated(parts) if part.field.role in ("reading", "none")][:6]
    for index in range(count):
        name = pattern.format(
            room=FILLERS["room"](rng), word=FILLERS["word"](rng), number=rng.choice([index + 1, 10 * index + 3]), hex=FILLERS["hex8"](rng)
        )
        stem = f"{base or 'items.'}"[:-1] + f"[{index}]" if as_list else base + re.sub(r"[.\[\]]", "_", name).replace(" ", "__")
        leaves += [Leaf(f"{stem}.{leaf_of(part, part.key).path}", (_again(part, rng),), part.field) for part in parts]
    return leaves


def _lists(parts: list[Part], rng: random.Random) -> list[Leaf]:
    """``{"temps": [21, 22, 20], "targets": [20, 20, 20]}``: a list of values under a key, as columns or channels."""
    count = rng.choice([2, 3, 3, 4, 4, 5, 6, 8, 10])
    leaves = []
    for part in unstated(parts):
        leaf = leaf_of(part, part.key)
        if part.field.role == "reading" and rng.random() < 0.75:
            leaf = Leaf(leaf.path, draw_series(part.field, count, rng), part.field, listed=True)
        leaves.append(leaf)
    return leaves


def _typed(parts: list[Part], rng: random.Random) -> list[Leaf]:
    """``{"temperature": {"value": 21, "unit": "C", "quality": "GOOD"}}``: a value among what is said of it."""
    value_key, unit_key = rng.choice([("value", "unit"), ("Value", "Unit"), ("v", "u"), ("val", "uom"), ("reading", "units")])
    beside = rng.choice(TYPED)
    leaves = []
    for part in _stated(parts, rng):
        if part.field.role != "reading":
            leaves.append(leaf_of(part, part.key))
            continue
        stem = leaf_of(part, part.key).path
        members = [Leaf(f"{stem}.{value_key}", (part.drawn,), part.field)]
        if part.spelling:
            members.append(Leaf(f"{stem}.{unit_key}", _constant(part.spelling), NOTHING))
        for key, texts in beside:
            members.append(Leaf(f"{stem}.{key}", (parse_value(texts).draw(rng),), NOTHING))
        if rng.random() < 0.4:
            rng.shuffle(members)
        leaves += members
    return leaves


LAYOUTS: dict[str, tuple[Layout, float]] = {
    "json": (lay_flat, 30),
    "siblings": (_siblings, 9),
    "by_name": (_by_name, 4),
    "beside": (_beside, 3),
    "mapped": (_mapped, 3),
    "by_place": (_by_place, 5),
    "by_device": (_by_device, 4),
    "lists": (_lists, 3),
    "typed": (_typed, 3),
}
"""The layouts of a JSON message, and how often each is drawn."""
