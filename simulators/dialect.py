"""How a product speaks, as data: its fields, its messages, what it is called. ``dialects/`` holds one file for each product.

A payload or topic is written as the product writes it, with slots in guillemets: ``{"temp":«t»}``. A field fills the slots of
its name. The truth follows from the fields; places are known because they are noted while the text is composed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from simulators.moment import Signal

Role = Literal["reading", "optional", "time", "none"]
Format = Literal["json", "kv", "csv", "text", "telegram", "xml", "scalar"]
Seal = Callable[[str], str]
"""What stands behind a text and depends on all of it, as a checksum does."""


@dataclass(frozen=True, slots=True)
class Field:
    """What fills a slot, and what a careful reader makes of it."""

    slot: str
    signal: Signal
    role: Role
    quantity: str | None = None
    unit: str | None = None
    form: str = ""
    """A format specification: ``.1f``; ``d`` cuts to a whole number."""
    name: str = ""
    """The reading's name where the payload's format does not give it; empty: the JSON path, else the slot."""
    inverted: bool = False
    """The word says yes while the quantity's state is off, as ``battery_ok: 1``."""
    quantity_also: tuple[str, ...] = ()
    unit_also: tuple[str | None, ...] = ()


def reading(
    slot: str,
    signal: Signal,
    quantity: str,
    unit: str | None = None,
    form: str = "",
    *,
    name: str = "",
    inverted: bool = False,
    optional: bool = False,
    quantity_also: tuple[str, ...] = (),
    unit_also: tuple[str | None, ...] = (),
) -> Field:
    """A field that is a reading; an ``optional`` one may be taken or left."""
    role: Role = "optional" if optional else "reading"
    return Field(slot, signal, role, quantity, unit, form, name, inverted, quantity_also, unit_also)


def stamp(slot: str, signal: Signal) -> Field:
    """The message's own time."""
    return Field(slot, signal, "time")


def noise(slot: str, signal: Signal, form: str = "") -> Field:
    """What is no reading: identifiers, versions, counters of messages, settings."""
    return Field(slot, signal, "none", form=form)


@dataclass(frozen=True, slots=True)
class Sends:
    """One kind of message of a device."""

    topic: str
    payload: str
    format: Format
    every_seconds: float | None = 60.0
    """About how often; None: once, when the device comes up."""
    retain: bool = False
    seal: Seal | None = None
    states_device: bool = True
    """False where neither topic nor payload say which device it is."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A product: ``device`` is the text (with slots) by which its messages identify it."""

    name: str
    product: str
    device: str
    fields: tuple[Field, ...]
    """In the order in which they are asked; one may follow from those before it."""
    sends: tuple[Sends, ...]
    language: str = "en"


def scalars(topic: str, levels: dict[str, str], *, every_seconds: float | None = 60.0, retain: bool = False) -> tuple[Sends, ...]:
    """Messages whose payload is one bare value: for each ending of the topic its slot."""
    return tuple(Sends(f"{topic}/{level}", f"«{slot}»", "scalar", every_seconds, retain) for level, slot in levels.items())
