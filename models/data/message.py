"""What every generated message is made with: drawn fields, topics, envelopes, and the record in the corpus format."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from models.data.kinds import Envelope, Field, read_envelopes
from models.data.render import Leaf, Placed, Writer, render_line
from models.data.values import FILLERS, Drawn

Record = dict[str, Any]


@cache
def load_envelopes() -> dict[str, Envelope]:
    """Every envelope by name."""
    return {envelope.name: envelope for envelope in read_envelopes()[0]}


IDLE_SHARE = 0.08
"""Share of the messages whose device is idle, switched off, or without its probes: much of what it measures is nought."""
_NOUGHT_SHARE = 0.6
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_HELD_SHARE, _CHANGE_SHARE, _NOUGHTS_SHARE = 0.25, 0.25, 0.2
"""Shares of the series that hold their value, of their samples that change it, and of the series that are mostly noughts."""
_NEVER_NOUGHT = frozenset(("latitude", "longitude", "timestamp"))


def is_idle(rng: random.Random) -> bool:
    """Whether the device of a message is idle."""
    return rng.random() < IDLE_SHARE


def nought(drawn: Drawn, field: Field, rng: random.Random) -> Drawn:
    """What an idle device sends instead, at times: a nought with as many decimals, or with none."""
    if field.role != "reading" or not _NEVER_NOUGHT.isdisjoint(field.quantities) or rng.random() > _NOUGHT_SHARE:
        return drawn
    if not _NUMBER.fullmatch(drawn.literal):
        return drawn
    literal = re.sub(r"\d+", lambda digits: "0" * len(digits[0]) if digits.start() > 1 else "0", drawn.literal.lstrip("+-"))
    if drawn.literal[0].isdigit() and not drawn.quoted and rng.random() < 0.5:
        literal = "0"
    return replace(drawn, text=drawn.text[: drawn.start] + literal + drawn.text[drawn.start + len(drawn.literal) :], literal=literal)


def draw_series(field: Field, count: int, rng: random.Random, idle: bool = False) -> tuple[Drawn, ...]:
    """Samples of a field: each for itself, one that holds and changes at times, or mostly noughts; of an idle device much is nought."""
    mood = rng.random()
    drawn = [field.value.draw(rng) for _ in range(count)]
    for place in range(1, count):
        if mood < _HELD_SHARE and rng.random() > _CHANGE_SHARE:
            drawn[place] = drawn[place - 1]
    if idle or mood > 1 - _NOUGHTS_SHARE:
        drawn = [nought(one, field, rng) for one in drawn]
    return tuple(drawn)


def draw_leaf(field: Field, rng: random.Random, idle: bool = False) -> Leaf:
    """A field with its value drawn; of an idle device much is nought."""
    if field.value.samples:
        return Leaf(field.path, draw_series(field, field.value.samples, rng, idle), field, listed=True)
    drawn = field.value.draw(rng)
    return Leaf(field.path, (nought(drawn, field, rng) if idle else drawn,), field)


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
