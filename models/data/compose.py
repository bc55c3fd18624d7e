"""Messages of devices that nobody knows: quantities, names, units and envelopes put together from the lexicon.

A unit that is stated (in the key, behind the value, in a sibling) is the answer. The quantity's usual unit is the answer without being
stated, as in the corpus; of another one that is not stated, such as a scaled integer's, null is as right.
"""

import random
import re
from dataclasses import dataclass, replace

from agent.domain.quantity import quantities
from agent.domain.unit import spellings
from models.data.kinds import Field
from models.data.lexicon import CASES, Word, cased, pick_language, read_lexicon
from models.data.message import Record, fill_topic, in_envelope, load_envelopes, record
from models.data.render import (
    Leaf,
    Writer,
    build_tree,
    render_csv,
    render_influx,
    render_json,
    render_kv,
    render_xml,
)  # fmt: skip
from models.data.values import FILLERS, Drawn, ValueSpec, parse_value

COMMON = (
    "temperature temperature temperature humidity humidity humidity battery battery voltage current power energy "
    "atmospheric_pressure signal_strength signal_quality illuminance battery_voltage carbon_dioxide pm25 pm10 wind_speed wind_direction "
    "wind_gust precipitation soil_moisture water gas volume_flow_rate pressure level setpoint percentage position dew_point uv_index "
    "power_state power_state connectivity connectivity connectivity battery_low battery_low battery_low motion motion opening door window "
    "lock leak smoke gas_alarm heat_alarm tamper vibration occupancy presence running running problem update update light button button "
    "status status mode mode alarm_state error_code count count duration duration uptime duty_cycle displacement data_size cpu_load "
    "brightness brightness brightness color_temperature color_temperature frequency latitude longitude speed distance"
).split()
"""The quantities that messages hold most, each as often as it weighs; the others come up as seldom as they do in the corpus."""
COMPANIONS = "connectivity connectivity battery battery_low battery_voltage signal_strength signal_quality update uptime tamper".split()
"""What devices say of themselves beside what they measure."""
ID_KEYS = "device dev id device id deviceId sensor id name mac node sn serial unit id devEUI station client source host tag".split(" ")
TIME_KEYS = ("time", "timestamp", "ts", "datetime", "date", "t", "dt", "time utc", "date time", "created at", "Zeit", "heure", "fecha", "data", "recorded at", "last update", "epoch", "measured at", "utc")  # fmt: skip
TOPICS = "{site}/{room}/{name} sensors/{id} {name}/data devices/{serial}/telemetry {site}/{id}/state home/{room} data/{mac} {site}".split()
NAME_KEYS = (("name", "value", "unit"), ("type", "value", "unit"), ("sensor", "reading", "uom"), ("n", "v", "u"), ("measurement", "val", "units"), ("metric", "value", ""), ("key", "value", ""), ("label", "current", "unit"), ("parameter", "value", "unitCode"), ("quantity", "data", "unit"), ("id", "state", "unit_of_measurement"), ("channel", "result", "unitSymbol"), ("Bezeichnung", "Wert", "Einheit"), ("nom", "valeur", "unite"), ("nombre", "valor", "unidad"), ("name", "value", "unitOfMeasurement"), ("name", "val", "u"), ("signal", "value", "engUnit"), ("tag", "value", "engineering_units"), ("tagName", "Value", "EU"), ("Name", "Value", "Unit"), ("title", "value", "unit_text"), ("attribute", "state", "uom"), ("description", "value", "units"), ("desc", "v", "unit"), ("kind", "amount", "unit"), ("variable", "numericValue", "measureUnit"), ("Messwert", "Wert", "Einheit"), ("nome", "valore", "unita"), ("nazwa", "wartosc", "jednostka"), ("naam", "waarde", "eenheid"), ("名称", "值", "单位"), ("项目", "値", "単位"), ("tên", "giá trị", "đơn vị"), ("название", "значение", "единица"))  # fmt: skip
UNIT_KEYS = ("{}_unit", "{}_unit", "{}Unit", "{}_units", "{}_uom", "unit_{}", "{}_u", "{} unit", "{}.unit", "{}Einheit", "{}_einheit")
UNIT_MAPS = (("values", "units"), ("data", "units"), ("current", "current_units"), ("hourly", "hourly_units"), ("measurements", "uom"), ("readings", "unitOfMeasurement"), ("state", "unit"), ("Werte", "Einheiten"), ("values", "unit"), ("sensor_values", "sensor_units"), ("v", "u"), ("", "units"), ("", "unitMap"))  # fmt: skip
GROUPS = "env power battery radio climate system inputs meter outdoor zone1 main".split()
TEXT_LINKS = (": ", ":", " = ", "=", " ", " is ", ":\t", " - ", " -> ")
TEXT_JOINS = (", ", "; ", " | ", "\n", "  ", " ", " / ", "\t", " - ")
COMMA_LANGUAGES = set("de fr es nl it pl pt sv cs ru da no fi hu ro tr uk sk vi id".split())


def _field(role: str, value: ValueSpec, quantity: str = "", units: tuple[str | None, ...] = (None,), inverted: bool = False) -> Field:
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


def _is_scaled(code: str | None, quantity: str) -> bool:
    usual = quantities()[quantity].unit
    return code is not None and usual is not None and code != usual and code[0] in "dc1" and code.endswith(usual)


def _spelled(code: str, rng: random.Random) -> str:
    """One of the unit's spellings, the common ones likelier."""
    choices = spellings(code)
    return rng.choices(choices, [1 / (rank + 1) for rank in range(len(choices))])[0] if choices else code


def _draw_reading(word: Word, rng: random.Random, language: str, case: str, style: str) -> Part:
    inverted = bool(word.inverted) and rng.random() < 0.25
    pool = word.inverted_values if inverted and word.inverted_values else word.values
    unit, spec = rng.choice(pool)
    native = word.words.get(language)
    if native and not inverted and rng.random() < 0.6:
        spec = parse_value(rng.choice(native))
    drawn = spec.draw(rng)
    names = word.names.get(language) or word.names.get("en") or (word.quantity.replace("_", " "),)
    usual = quantities()[word.quantity].unit
    stated = False
    if inverted:
        name = rng.choice(word.inverted)
    elif unit in word.by_unit and rng.random() < (0.5 if style == "key" else 0.2):
        name, stated = rng.choice(word.by_unit[unit]), True
    elif style == "title" and word.names.get("title"):
        name = rng.choice((*word.names["title"], *names))
    else:
        name = rng.choice(names)
    parts = word.names.get("parts", ())
    if parts and not inverted and rng.random() < 0.35:
        part = rng.choice(parts)
        name = f"{part} {name}" if rng.random() < 0.75 else f"{name} {part}"
    elif rng.random() < 0.08:
        name = f"{name}{rng.choice(['', ' ', '_'])}{rng.randrange(1, 9)}"
    key = cased(name, case)
    spelling = ""
    if unit is not None:
        spelling = _spelled(unit, rng)
        known = stated or unit == usual or _is_scaled(unit, word.quantity)
        mood = rng.random()
        if not stated and style == "key" and (mood < 0.12 or (not known and mood < 0.4)):
            key += rng.choice([f" ({spelling})", f"_{spelling}", f"[{spelling}]", f" {spelling}"])
            spelling, stated = "", True
        elif known and mood < 0.6:
            spelling = ""
    elif quantities()[word.quantity].unit is not None:
        spelling = ""
    is_open = unit is not None and not stated and not spelling
    units = (unit, None) if is_open and unit != usual else (unit,)
    return Part(key, drawn, _field("reading", spec, word.quantity, units, inverted), spelling, name, (unit or "") if is_open else "")


def _filler(role: str, key: str, spec: str, rng: random.Random) -> Part:
    value = parse_value(spec)
    return Part(key, value.draw(rng), _field(role, value))


def _parts(rng: random.Random, language: str, case: str, style: str) -> list[Part]:
    lexicon, negatives = read_lexicon()
    count = min(14, 1 + int(rng.expovariate(1 / 3.2)))
    pool = [name for name in COMMON if name in lexicon]
    names = [rng.choice(pool) if rng.random() < 0.45 and pool else rng.choice(list(lexicon)) for _ in range(count)]
    names += [name for name in COMPANIONS if name in lexicon and rng.random() < 0.05]
    if rng.random() < 0.25:  # several of one quantity, as phases, probes or zones are
        names = [names[0]] * min(6, max(2, count))
    parts = [_draw_reading(lexicon[name], rng, language, case, style) for name in names if lexicon[name].values]
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3, 5])):
        if negatives:
            negative = rng.choice(negatives)
            value = rng.choice(negative.values)
            parts.append(Part(cased(rng.choice(negative.names), case), value.draw(rng), _field("none", value)))
    rng.shuffle(parts)
    if rng.random() < 0.35:
        parts.insert(
            0, _filler("device", cased(rng.choice(ID_KEYS), case), rng.choice(["@name", "@serial", "@hex8", "@hex16", "@mac"]), rng)
        )
    if rng.random() < 0.4:
        spec = rng.choice(["@iso", "@isoz", "@epoch", "@epochms", "@datetime", "@epoch"])
        parts.insert(rng.choice([0, len(parts)]), _filler("time", cased(rng.choice(TIME_KEYS), case), spec, rng))
    return parts


def _unstated(parts: list[Part]) -> list[Part]:
    """The same parts where the message has no room for a unit."""
    return [part.unstated() for part in parts]


def _stated(parts: list[Part], rng: random.Random) -> list[Part]:
    """The same parts, and at most times every unit that was left open is stated: a sender with room for one fills it."""
    if rng.random() < 0.3:
        return parts
    return [
        replace(part, spelling=_spelled(part.left_open, rng), left_open="", field=replace(part.field, units=(part.left_open,)))
        if part.left_open
        else part
        for part in parts
    ]


def _inline(parts: list[Part]) -> list[Part]:
    """The same parts where units stand behind the values: one that begins with a digit (``0.1 °C``) would read as part of the value."""
    return [part.unstated() if part.spelling[:1].isdigit() else part for part in parts]


def _glue(spelling: str) -> str:
    """What stands between a value and its unit in writing that spares blanks: nothing, but before trade codes such as ``C26``."""
    return " " if re.match(r"[A-Z]\d", spelling) else ""


def _with_unit(part: Part, rng: random.Random) -> Drawn:
    """The value as a text with its unit behind it, where it has one to state."""
    if not part.spelling:
        return part.drawn
    text = part.drawn.text + rng.choice([" ", " ", _glue(part.spelling)]) + part.spelling
    return Drawn(text, part.drawn.literal, part.drawn.start, True)


def _leaf(part: Part, path: str, drawn: Drawn | None = None) -> Leaf:
    return Leaf(path.replace(".", "_").replace("[", "(").replace("]", ")").replace(" ", "__"), (drawn or part.drawn,), part.field)


NOTHING = _field("none", parse_value("@word"))


def _constant(text: str) -> tuple[Drawn, ...]:
    return (Drawn(text, text, 0, True),)


def _siblings(parts: list[Part], rng: random.Random) -> list[Leaf]:
    """Objects of name, value and unit, in a list or under a key."""
    name_key, value_key, unit_key = rng.choice(NAME_KEYS)
    parts = _stated(parts, rng) if unit_key else _unstated(parts)
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
        stem = _leaf(part, part.key).path
        leaves.append(Leaf(f"{stem}.{value_key}", (part.drawn,), part.field))
        if part.spelling:
            leaves.append(Leaf(f"{stem}.{unit_key}", _constant(part.spelling), NOTHING))
    return leaves


def _beside(parts: list[Part], rng: random.Random) -> list[Leaf]:
    """``{"temp": 21, "temp_unit": "C"}``: the unit under a key of its own."""
    pattern = rng.choice(UNIT_KEYS)
    leaves = []
    for part in _stated(parts, rng):
        leaf = _leaf(part, part.key)
        leaves.append(leaf)
        if part.spelling:
            leaves.append(Leaf(_leaf(part, pattern.format(part.key)).path, _constant(part.spelling), NOTHING))
    return leaves


def _mapped(parts: list[Part], rng: random.Random) -> list[Leaf]:
    """``{"values": {"temp": 21}, "units": {"temp": "C"}}``: all units in a map of their own, before or behind the values."""
    values, units = rng.choice(UNIT_MAPS)
    parts = _stated(parts, rng)
    told = [_leaf(part, part.key) for part in parts]
    names = [
        Leaf(f"{units}.{leaf.path}", _constant(part.spelling), NOTHING) for part, leaf in zip(parts, told, strict=True) if part.spelling
    ]
    leaves = [replace(leaf, path=f"{values}.{leaf.path}") if values else leaf for leaf in told]
    return names + leaves if rng.random() < 0.3 else leaves + names


def _flat(parts: list[Part], rng: random.Random) -> list[Leaf]:
    """Keys and values, at times under a common parent or two."""
    leaves = [_leaf(part, part.key, _with_unit(part, rng)) for part in parts]
    mood = rng.random()
    if mood < 0.2:
        parent = rng.choice(["data", "payload", "values", "state", "status", "sensor", "readings", "object", "params", "env", "d"])
        leaves = [Leaf(f"{parent}.{leaf.path}", leaf.draws, leaf.mark) for leaf in leaves]
    elif mood < 0.35:
        groups = [rng.choice(GROUPS) for _ in leaves]
        leaves = [Leaf(f"{group}.{leaf.path}", leaf.draws, leaf.mark) for group, leaf in zip(groups, leaves, strict=True)]
    return leaves


def _text(parts: list[Part], rng: random.Random, language: str) -> Writer:
    """A line or some lines as a person or a sketch prints them."""
    link, join = rng.choice(TEXT_LINKS), rng.choice(TEXT_JOINS)
    writer = Writer()
    if rng.random() < 0.2:
        writer.write(rng.choice(["[INFO] ", "INFO: ", "[D][sensor] ", "sensor: ", ">> ", "DATA ", "# ", "Status ", "app[312]: "]))
    is_spaced = rng.random() < 2 / 3
    comma = language in COMMA_LANGUAGES and rng.random() < 0.5
    first = True
    for part in parts:
        if part.field.role == "none" and rng.random() < 0.6:
            continue
        writer.write("" if first else join)
        first = False
        writer.write(part.key.replace("_", " ") + link)
        drawn = part.drawn
        if comma and part.field.role == "reading":
            text = drawn.text.replace(".", ",")
            drawn = Drawn(text, text, 0, True) if drawn.text == drawn.literal else drawn
        writer.place(drawn, _leaf(part, part.key))
        if part.spelling:
            writer.write((" " if is_spaced else _glue(part.spelling)) + part.spelling)
    if rng.random() < 0.1:
        writer.write(rng.choice(["\n", ".", "!", "\r\n"]))
    return writer


def compose(rng: random.Random) -> Record:
    """One message, in the corpus format."""
    language = pick_language(rng)
    form = rng.choices(
        ["json", "siblings", "by_name", "beside", "mapped", "kv", "text", "scalar", "csv", "xml", "influx"],
        [32, 9, 6, 3, 3, 10, 16, 9, 4, 5, 3],
    )[0]
    case = rng.choice(CASES)
    if form == "text":
        case = rng.choice(["blank", "blank", "as_is", "snake", "camel"])
    parts = _parts(rng, language, case, "title" if form == "text" else "key")
    if form not in ("siblings", "by_name", "beside", "mapped"):
        parts = _inline(parts)
    topic = fill_topic(rng.choice(TOPICS), rng, {})
    extra: dict[str, str] = {}
    if make := {"json": _flat, "siblings": _siblings, "by_name": _by_name, "beside": _beside, "mapped": _mapped}.get(form):
        writer = render_json(build_tree(make(parts, rng)), rng)
        if rng.random() < 0.2 and load_envelopes():
            envelope = load_envelopes()[rng.choice(sorted(load_envelopes()))]
            writer, extra = in_envelope(writer, envelope, rng)
            if envelope.topics and rng.random() < 0.6:
                topic = fill_topic(rng.choice(envelope.topics), rng, extra)
        name = "json"
    elif form == "kv":
        name, writer = "kv", render_kv([_leaf(part, part.key, _with_unit(part, rng)) for part in parts], rng)
    elif form == "influx":
        stamp = FILLERS["epochms"](rng) + "000000"
        name, writer = (
            "kv",
            render_influx(
                [_leaf(part, part.key) for part in _unstated(parts)], rng, rng.choice(["sensors", "env", "measurement", "weather"]), stamp
            ),
        )
    elif form == "csv":
        name, writer = "csv", render_csv([_leaf(part, part.key) for part in _unstated(parts)], rng, True)
    elif form == "xml":
        name, writer = "xml", render_xml(build_tree(_flat(parts, rng)), rng, rng.choice(["data", "sensor", "status", "reading"]))
    elif form == "text":
        name, writer = "text", _text(parts, rng, language)
    else:
        readings = [part for part in parts if part.field.role == "reading"] or parts
        part = rng.choice(readings)
        word = part.key
        told = read_lexicon()[0].get(part.field.quantities[0] if part.field.quantities else "")
        only_in_key = part.field.units[0] is not None and not part.spelling and not part.left_open
        if told and told.names.get("topic") and rng.random() < 0.4 and not part.field.inverted and not only_in_key:
            word = rng.choice(told.names["topic"])
        topic = f"{topic}/{word.replace(' ', '_')}" + rng.choice(["", "", "", "/state", "/value"])
        name, writer = "scalar", Writer()
        writer.place(_with_unit(part, rng), _leaf(part, part.key))
    return record(writer.placed, writer.text(), topic, name, f"composed-{language}", language)
