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
Firmware = Literal["old", "new"]
MEMBERS = "«…»"
"""Where the members of a sparse payload stand: those that have changed, with commas between them."""
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
    inner: bool = False
    """Measured inside the device and not where it hangs: a site leaves it alone."""


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
    inner: bool = False,
) -> Field:
    """A field that is a reading; an ``optional`` one may be taken or left."""
    role: Role = "optional" if optional else "reading"
    return Field(slot, signal, role, quantity, unit, form, name, inverted, quantity_also, unit_also, inner)


def stamp(slot: str, signal: Signal) -> Field:
    """The message's own time."""
    return Field(slot, signal, "time")


def noise(slot: str, signal: Signal, form: str = "") -> Field:
    """What is no reading: identifiers, versions, counters of messages, settings."""
    return Field(slot, signal, "none", form=form)


def hidden(slot: str, signal: Signal, quantity: str, unit: str | None = None) -> Field:
    """What no message says and other fields follow from; a site may set it, as it may a reading of this quantity."""
    return Field(slot, signal, "none", quantity, unit)


@dataclass(frozen=True, slots=True)
class Sends:
    """One kind of message of a device."""

    topic: str
    """Its slots are identifiers, and so are those of the dialect's ``device``: they stay as they are."""
    payload: str
    format: Format
    every_seconds: float | None = 60.0
    """About how often; None: once, when the device comes up (its birth message)."""
    retain: bool = False
    seal: Seal | None = None
    states_device: bool = True
    """False where neither topic nor payload say which device it is."""
    will: bool = False
    """Left with the broker, which publishes it when the device is lost; never sent on time."""
    only_changes: bool = False
    """Sent only when one of its readings is written otherwise than before."""
    members: tuple[str, ...] = ()
    """Of a sparse payload, whose text has ``«…»``: pieces of it, each sent only when a reading in it has changed."""
    firmware: Firmware | None = None
    """Sent only before (old) or after (new) the device's update; None: always."""

    @property
    def whole(self) -> str:
        """The payload with all its members."""
        return self.payload.replace(MEMBERS, ",".join(self.members))


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """A product: ``device`` is the text (with slots) by which its messages identify it."""

    name: str
    product: str
    device: str
    fields: tuple[Field, ...]
    """One may follow from others; each is asked when a message wants it."""
    sends: tuple[Sends, ...]
    language: str = "en"
    updates_after: tuple[float, float] | None = None
    """Between how many seconds after the start a device's firmware is updated; None: never."""


def scalars(topic: str, levels: dict[str, str], *, every_seconds: float | None = 60.0, retain: bool = False) -> tuple[Sends, ...]:
    """Messages whose payload is one bare value: for each ending of the topic its slot."""
    return tuple(Sends(f"{topic}/{level}", f"«{slot}»", "scalar", every_seconds, retain) for level, slot in levels.items())
