"""What every generated message is made with: drawn fields, topics, envelopes, and the record in the corpus format."""

import random
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from models.data.kinds import Envelope, Field, read_envelopes
from models.data.render import Leaf, Placed, Writer, render_line
from models.data.values import FILLERS

Record = dict[str, Any]


@cache
def load_envelopes() -> dict[str, Envelope]:
    """Every envelope by name."""
    return {envelope.name: envelope for envelope in read_envelopes()[0]}


def draw_leaf(field: Field, rng: random.Random) -> Leaf:
    """A field with its value drawn."""
    count = max(1, field.value.samples)
    return Leaf(field.path, tuple(field.value.draw(rng) for _ in range(count)), field, field.value.samples > 0)


def fill_topic(template: str, rng: random.Random, leaves: Mapping[str, str]) -> str:
    """A topic with its placeholders filled."""
    fills = {
        "id": FILLERS[rng.choice(["hex8", "serial", "name"])](rng), "mac": FILLERS["hex16"](rng)[:12], "name": FILLERS["name"](rng),
        "room": FILLERS["room"](rng), "serial": FILLERS["serial"](rng), "site": FILLERS["word"](rng),
    }  # fmt: skip
    for name, text in {**fills, **leaves}.items():
        template = template.replace("{" + name + "}", text)
    return template.replace(" ", "_")


def record(placed: Sequence[Placed], text: str, topic: str, form: str, family: str, language: str) -> Record:
    """A corpus record from what was placed where; marks are ``Field``s."""
    made: Record = {
        "id": "", "source": "generated", "family": family, "format": form, "language": language, "topic": topic,
        "payload": text, "device": None, "time": None, "readings": [], "optional": [],
    }  # fmt: skip
    for item in placed:
        field: Field = item.leaf.mark
        if field.role in ("device", "time"):
            made[field.role] = made[field.role] or item.literal
            continue
        if field.role != "reading" or item.literal in ("null", "NaN", ""):
            continue
        reading = {
            "name": item.leaf.key, "quantity": field.quantities[0], "literal": item.literal, "start": item.start,
            "unit": field.units[0],
        }  # fmt: skip
        if len(field.quantities) > 1:
            reading["quantity_also"] = list(field.quantities[1:])
        if len(field.units) > 1:
            reading["unit_also"] = list(field.units[1:])
        if field.inverted:
            reading["inverted"] = True
        made["optional" if field.optional else "readings"].append(reading)
    return made


def in_envelope(inner: Writer, envelope: Envelope, rng: random.Random) -> tuple[Writer, dict[str, str]]:
    """The device's object inside the envelope's text."""
    leaves = {field.path: draw_leaf(field, rng) for field in envelope.fields}
    before, _, after = envelope.body.partition("$BODY")
    outer = render_line(before, leaves)
    shift = outer.length
    outer.placed += [Placed(item.literal, item.start + shift, item.leaf) for item in inner.placed]
    outer.write(inner.text())
    tail = render_line(after, leaves)
    shift = outer.length
    outer.placed += [Placed(item.literal, item.start + shift, item.leaf) for item in tail.placed]
    outer.write(tail.text())
    return outer, {name: leaf.draws[0].text for name, leaf in leaves.items()}
