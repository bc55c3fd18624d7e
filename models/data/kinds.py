"""Kinds of devices and envelopes, read from the TOML files beside this module and checked.

    python -m models.data.kinds models/data/devices/*.toml

prints every fault with its file, kind and line, and what the files hold; exits 1 when there is a fault.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from agent.domain.document import Format
from agent.domain.quantity import quantities
from agent.domain.unit import codes
from agent.errors import DataError
from models.data.values import ValueSpec, parse_value

HERE = Path(__file__).parent
DEVICES = HERE / "devices"
ENVELOPES = HERE / "envelopes.toml"
HELD_OUT = (
    "theengs", "openmqttgateway", "traccar", "wmbusmeters", "evcc", "openwb", "teslamate", "ems-esp", "emsesp",
    "moonraker", "klipper", "octoprint", "homewizard", "fiware", "mqttwarn", "dbus-mqtt-battery",
    "airgradient", "awair", "weatherflow", "kostal-piko", "lektrico", "venstar", "accuweather", "fyta", "fronius-powerflow",
    "fronius-inverter", "fronius-smart-meter", "fronius-string", "lg-ess", "hddtemp", "starcom", "zero-motorcycle", "mictrack",
    "hiveeyes", "otodata", "gpsgate", "leafspy", "tesla-energy", "telegraf", "hs110", "innovation-in-motion",
)  # fmt: skip
"""Products that the development set holds: no kind may be one of them, so that its figures stay those of unseen sources."""

_FORMATS = set(get_args(Format))
_KEYS = {"name", "domain", "topics", "format", "language", "envelopes", "fields", "lines", "header"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind: ``role`` reading, device, time or none; quantities and units with the best answer first."""

    path: str
    role: str
    quantities: tuple[str, ...]
    units: tuple[str | None, ...]
    inverted: bool
    optional: bool
    value: ValueSpec


@dataclass(frozen=True, slots=True)
class Kind:
    """A device kind; ``lines`` are templates of whole messages, where there are any."""

    name: str
    topics: tuple[str, ...]
    format: str
    language: str
    fields: tuple[Field, ...]
    lines: tuple[str, ...]
    envelopes: tuple[str, ...]
    header: bool


@dataclass(frozen=True, slots=True)
class Envelope:
    """What wraps a device's object: a text with ``$BODY`` and fields of its own."""

    name: str
    topics: tuple[str, ...]
    body: str
    fields: tuple[Field, ...]


def parse_field(line: str) -> Field:
    """A field from its four columns. Raises ``DataError`` saying which column is wrong."""
    parts = line.split(None, 3)
    if len(parts) != 4:
        raise DataError(f"field {line!r}: four columns are needed (path, quantity, unit, values)")
    path, meaning, unit, spec = parts
    value = parse_value(spec)
    role, inverted, optional = "reading", False, False
    if meaning == "!":
        role = "none"
    elif meaning in ("@device", "@time"):
        role = meaning[1:]
    while meaning[0] in "^~":
        inverted |= meaning[0] == "^"
        optional |= meaning[0] == "~"
        meaning = meaning[1:]
    names: tuple[str, ...] = ()
    units: tuple[str | None, ...] = (None,)
    if role == "reading":
        names = tuple(meaning.split("|"))
        if unknown := [name for name in names if name not in quantities()]:
            raise DataError(f"field {line!r}: no quantity {unknown[0]!r} in the ontology")
        units = tuple(None if code == "-" else code for code in unit.split("||"))
        if missing := [code for code in units if code is not None and code not in codes()]:
            raise DataError(f"field {line!r}: no unit {missing[0]!r} in units.tsv")
    return Field(path, role, names, units, inverted, optional, value)


def _fields(text: str) -> Iterator[Field | DataError]:
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("# ") and line.strip() != "#":
            try:
                yield parse_field(line.strip())
            except DataError as error:
                yield error


def _kind(table: dict[str, Any]) -> Iterator[Kind | DataError]:
    name = table.get("name", "?")
    if unknown := set(table) - _KEYS:
        yield DataError(f"{name}: unknown keys {sorted(unknown)}")
    if any(word in name.lower() for word in HELD_OUT):
        yield DataError(f"{name}: this product is held out for measuring")
        return
    fields = []
    for found in _fields(table.get("fields", "")):
        if isinstance(found, DataError):
            yield DataError(f"{name}: {found}")
        else:
            fields.append(found)
    form = table.get("format", "json")
    if form not in _FORMATS:
        yield DataError(f"{name}: format {form!r} is none of {sorted(_FORMATS)}")
        return
    lines = tuple(table.get("lines", ()))
    if form in ("text", "telegram") and not lines:
        yield DataError(f"{name}: format {form} needs lines")
        return
    paths = {field.path for field in fields}
    for line in lines:
        if fields and not any("{" + path in line for path in paths):
            yield DataError(f"{name}: line {line!r} uses no field")
    if not fields:
        yield DataError(f"{name}: no fields")
        return
    yield Kind(
        name,
        tuple(table.get("topics", ("{name}",))),
        form,
        table.get("language", "en"),
        tuple(fields),
        lines,
        tuple(table.get("envelopes", ())),
        table.get("header", True),
    )


def read_kinds(path: Path) -> tuple[list[Kind], list[DataError]]:
    """The kinds of one file, and its faults. A fault in one field leaves the rest of its kind usable."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("kind", [])
    except tomllib.TOMLDecodeError as error:
        return [], [DataError(f"{path.name}: {error}")]
    kinds: list[Kind] = []
    faults: list[DataError] = []
    for table in tables:
        for found in _kind(table):
            if isinstance(found, Kind):
                kinds.append(found)
            else:
                faults.append(DataError(f"{path.name}: {found}"))
    return kinds, faults


def read_envelopes(path: Path = ENVELOPES) -> tuple[list[Envelope], list[DataError]]:
    """The envelopes and the file's faults."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("envelope", [])
    except tomllib.TOMLDecodeError as error:
        return [], [DataError(f"{path.name}: {error}")]
    envelopes: list[Envelope] = []
    faults: list[DataError] = []
    for table in tables:
        fields = list(_fields(table.get("fields", "")))
        faults += [DataError(f"{table.get('name')}: {found}") for found in fields if isinstance(found, DataError)]
        if "$BODY" not in table.get("body", ""):
            faults.append(DataError(f"{table.get('name')}: body without $BODY"))
            continue
        good = tuple(found for found in fields if isinstance(found, Field))
        envelopes.append(Envelope(table["name"], tuple(table.get("topics", ())), table["body"], good))
    return envelopes, faults


def main() -> int:
    """Check the files named, or all of them."""
    paths = [Path(name) for name in sys.argv[1:]] or sorted(DEVICES.glob("*.toml"))
    seen: dict[str, str] = {}
    faults: list[DataError] = []
    count = fields = 0
    for path in paths:
        if path.name == ENVELOPES.name:
            envelopes, wrong = read_envelopes(path)
            print(f"{path.name}: {len(envelopes)} envelopes")
            faults += wrong
            continue
        kinds, wrong = read_kinds(path)
        faults += wrong
        for kind in kinds:
            if kind.name in seen:
                faults.append(DataError(f"{path.name}: kind {kind.name} stands in {seen[kind.name]} too"))
            seen[kind.name] = path.name
        count += len(kinds)
        fields += sum(len(kind.fields) for kind in kinds)
        print(f"{path.name}: {len(kinds)} kinds")
    for fault in faults:
        print(fault)
    names = {
        re.sub(r"\d+", "#", field.path)
        for path in paths
        if path.name != ENVELOPES.name
        for kind in read_kinds(path)[0]
        for field in kind.fields
    }
    print(f"{count} kinds, {fields} fields, {len(names)} distinct paths, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
