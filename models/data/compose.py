"""Messages of devices that nobody knows: quantities, names, units and envelopes put together from the lexicon.

A unit that is stated (in the key, behind the value, in a sibling) is the answer. The quantity's usual unit is the answer without being
stated, as in the corpus; of another one that is not stated, such as a scaled integer's, null is as right.
"""

import random
from dataclasses import replace

from agent.domain.quantity import quantities
from models.data.layouts import LAYOUTS, Part, glue, inline, lay_flat, leaf_of, plain_field, spelled, unstated, with_unit
from models.data.lexicon import CASES, Word, cased, pick_language, read_lexicon
from models.data.message import Record, fill_topic, in_envelope, is_idle, load_envelopes, nought, record
from models.data.render import Writer, build_tree, render_csv, render_influx, render_json, render_kv, render_xml
from models.data.values import FILLERS, Drawn, parse_value

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
TEXT_LINKS = (": ", ":", " = ", "=", " ", " is ", ":\t", " - ", " -> ")
TEXT_JOINS = (", ", "; ", " | ", "\n", "  ", " ", " / ", "\t", " - ")
FLAG_NAMES = ("is {}", "is {}", "has {}", "{} state", "{} status", "{} flag", "{} active", "{} detected")
"""How a program names a yes or no."""
OTHER_FORMS = {"kv": 10.0, "text": 16.0, "scalar": 9.0, "csv": 4.0, "xml": 5.0, "influx": 3.0}
"""Formats beside JSON, and how often each is drawn."""
COMMA_LANGUAGES = set("de fr es nl it pl pt sv cs ru da no fi hu ro tr uk sk vi id".split())


def _is_scaled(code: str | None, quantity: str) -> bool:
    usual = quantities()[quantity].unit
    return code is not None and usual is not None and code != usual and code[0] in "dc1" and code.endswith(usual)


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
    if language == "en" and not inverted and quantities()[word.quantity].kind == "binary" and rng.random() < 0.15:
        name = rng.choice(FLAG_NAMES).format(name)
    key = cased(name, case)
    spelling = ""
    if unit is not None:
        spelling = spelled(unit, rng)
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
    return Part(key, drawn, plain_field("reading", spec, word.quantity, units, inverted), spelling, name, (unit or "") if is_open else "")


def _filler(role: str, key: str, spec: str, rng: random.Random) -> Part:
    value = parse_value(spec)
    return Part(key, value.draw(rng), plain_field(role, value))


def _parts(rng: random.Random, language: str, case: str, style: str) -> list[Part]:
    lexicon, negatives = read_lexicon()
    count = min(14, 1 + int(rng.expovariate(1 / 3.2)))
    pool = [name for name in COMMON if name in lexicon]
    names = [rng.choice(pool) if rng.random() < 0.45 and pool else rng.choice(list(lexicon)) for _ in range(count)]
    names += [name for name in COMPANIONS if name in lexicon and rng.random() < 0.05]
    if rng.random() < 0.25:  # several of one quantity, as phases, probes or zones are
        names = [names[0]] * min(6, max(2, count))
    parts = [_draw_reading(lexicon[name], rng, language, case, style) for name in names if lexicon[name].values]
    if is_idle(rng):
        parts = [replace(part, drawn=nought(part.drawn, part.field, rng)) for part in parts]
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3, 5])):
        if negatives:
            negative = rng.choice(negatives)
            value = rng.choice(negative.values)
            parts.append(Part(cased(rng.choice(negative.names), case), value.draw(rng), plain_field("none", value)))
    rng.shuffle(parts)
    if rng.random() < 0.35:
        parts.insert(
            0, _filler("device", cased(rng.choice(ID_KEYS), case), rng.choice(["@name", "@serial", "@hex8", "@hex16", "@mac"]), rng)
        )
    if rng.random() < 0.4:
        spec = rng.choice(["@iso", "@isoz", "@epoch", "@epochms", "@datetime", "@epoch"])
        parts.insert(rng.choice([0, len(parts)]), _filler("time", cased(rng.choice(TIME_KEYS), case), spec, rng))
    return parts


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
        writer.place(drawn, leaf_of(part, part.key))
        if part.spelling:
            writer.write((" " if is_spaced else glue(part.spelling)) + part.spelling)
    if rng.random() < 0.1:
        writer.write(rng.choice(["\n", ".", "!", "\r\n"]))
    return writer


def compose(rng: random.Random) -> Record:
    """One message, in the corpus format."""
    language = pick_language(rng)
    forms = {name: weight for name, (_, weight) in LAYOUTS.items()} | OTHER_FORMS
    form = rng.choices(list(forms), list(forms.values()))[0]
    case = rng.choice(CASES)
    if form == "text":
        case = rng.choice(["blank", "blank", "as_is", "snake", "camel"])
    parts = _parts(rng, language, case, "title" if form == "text" else "key")
    if form == "json" or form in OTHER_FORMS:
        parts = inline(parts)
    topic = fill_topic(rng.choice(TOPICS), rng, {})
    extra: dict[str, str] = {}
    if form in LAYOUTS:
        make, _ = LAYOUTS[form]
        writer = render_json(build_tree(make(parts, rng)), rng)
        if rng.random() < 0.2 and load_envelopes():
            envelope = load_envelopes()[rng.choice(sorted(load_envelopes()))]
            writer, extra = in_envelope(writer, envelope, rng)
            if envelope.topics and rng.random() < 0.6:
                topic = fill_topic(rng.choice(envelope.topics), rng, extra)
        name = "json"
    elif form == "kv":
        name, writer = "kv", render_kv([leaf_of(part, part.key, with_unit(part, rng)) for part in parts], rng)
    elif form == "influx":
        stamp = FILLERS["epochms"](rng) + "000000"
        name, writer = (
            "kv",
            render_influx(
                [leaf_of(part, part.key) for part in unstated(parts)], rng, rng.choice(["sensors", "env", "measurement", "weather"]), stamp
            ),
        )
    elif form == "csv":
        name, writer = "csv", render_csv([leaf_of(part, part.key) for part in unstated(parts)], rng, True)
    elif form == "xml":
        name, writer = "xml", render_xml(build_tree(lay_flat(parts, rng)), rng, rng.choice(["data", "sensor", "status", "reading"]))
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
        writer.place(with_unit(part, rng), leaf_of(part, part.key))
    return record(writer.placed, writer.text(), topic, name, f"composed-{language}", language)
