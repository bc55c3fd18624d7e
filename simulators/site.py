"""Sites: a TOML file says which areas there are, how they act on each other, and which devices stand in them."""

import tomllib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.config import ConfigError
from simulators.catalogue import dialects
from simulators.plant.machines import (
    Boiler,
    BoilerSettings,
    Machine,
    MachineSettings,
    Meter,
    MeterSettings,
    Pump,
    PumpSettings,
    Tank,
    TankSettings,
)
from simulators.plant.outdoors import Mains, MainsSettings, Weather, WeatherSettings
from simulators.plant.part import Part
from simulators.plant.rooms import ColdRoom, ColdRoomSettings, Greenhouse, GreenhouseSettings, Room, RoomSettings
from simulators.plant.solar import Solar, SolarSettings
from simulators.wiring import OWN, Says, by_quantity, why_not

KINDS: dict[str, type[Part[Any]]] = {
    "weather": Weather, "mains": Mains, "room": Room, "cold_room": ColdRoom, "greenhouse": Greenhouse, "boiler": Boiler, "solar": Solar,
    "pump": Pump, "tank": Tank, "machine": Machine, "meter": Meter,
}  # fmt: skip
Area = Annotated[
    WeatherSettings
    | MainsSettings
    | RoomSettings
    | ColdRoomSettings
    | GreenhouseSettings
    | BoilerSettings
    | SolarSettings
    | PumpSettings
    | TankSettings
    | MachineSettings
    | MeterSettings,
    Field(discriminator="kind"),
]
Faults = list[tuple[str, str]]


class Section(BaseModel):
    """A frozen table that knows all its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Battery(Section):
    """The batteries of a group's devices."""

    days: float = Field(gt=0, description="From full to empty")
    charge: float = Field(1.0, ge=0, le=1, description="At the start")


class Group(Section):
    """Devices of one dialect in one area."""

    dialect: str
    area: str
    count: int = Field(1, ge=1, le=1000)
    carries: dict[str, str] = Field({}, description="By slot: a port of the area, area.port of another, or - for its own signal")
    mains: str | None = Field(None, description="The area that powers them: they fall silent with it")
    battery: Battery | None = Field(None, description="None: batteries of common lives")


class Site(Section):
    """A site's file."""

    title: str
    areas: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Area]
    devices: list[Group] = Field(min_length=1)

    @property
    def size(self) -> int:
        """How many devices it has as it is written."""
        return sum(group.count for group in self.devices)

    def ports(self, area: str) -> tuple[str, ...]:
        """What an area tells."""
        settings = self.areas[area]
        return KINDS[settings.kind].tells(settings)

    def says(self, area: str) -> Says:
        """The words of an area's ports that tell words."""
        return KINDS[self.areas[area].kind].SAYS

    def inputs(self, area: str) -> dict[str, list[str]]:
        """The areas that each input of an area reads: those that it is coupled to, else (if it needs one) the one of the input's name."""
        settings = self.areas[area]
        part = KINDS[settings.kind]
        named = {source: [name] if isinstance(name, str) else name for source, name in settings.couplings.items()}
        default = {source: [source] for source in part.INPUTS if source in self.areas and source not in part.OPTIONAL}
        return {source: named.get(source, default.get(source, [])) for source in part.INPUTS}

    def carried(self, group: Group) -> dict[str, tuple[str, str]]:
        """For each slot that the site sets the area and its port."""
        given = by_quantity(dialects()[group.dialect], self.ports(group.area), self.says(group.area))
        carried = {field.slot: (group.area, port) for field, port in given}
        for slot, said in group.carries.items():
            area, dot, port = said.rpartition(".")
            carried[slot] = (area if dot else group.area, port)
            if said == OWN:
                del carried[slot]
        return carried


def shipped() -> dict[str, Path]:
    """The files of the sites that come along, by name."""
    folder = Path(str(files("simulators").joinpath("sites")))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_site(name: str) -> Site:
    """The site of a file, or of the name of one that comes along. Raises ``ConfigError`` with every fault and its path."""
    path = shipped().get(name) or Path(name)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            name, [("(file)", f"cannot be read ({error.strerror}): name a file, or one of {', '.join(shipped())}")]
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(name, [("(file)", f"is no TOML: {error}")]) from error
    return parse_site(table, name)


def parse_site(table: dict[str, Any], origin: str) -> Site:
    """The site of a table. Raises ``ConfigError``."""
    try:
        site = Site.model_validate(table)
    except ValidationError as error:
        raise ConfigError(origin, [(where(fault["loc"]), fault["msg"]) for fault in error.errors()]) from error
    faults = [*coupling_faults(site), *device_faults(site)]
    if faults:
        raise ConfigError(origin, faults)
    return site


def where(location: Sequence[int | str]) -> str:
    """A fault's path as the file has it: without the kind that follows an area's name."""
    steps = [*location[:2], *location[3:]] if location[0] == "areas" and len(location) > 3 else location
    return ".".join(str(step) for step in steps) or "(whole)"


def coupling_faults(site: Site) -> Iterator[tuple[str, str]]:
    """What is wrong with how areas are coupled."""
    for area, settings in site.areas.items():
        part = KINDS[settings.kind]
        for source in settings.couplings:
            if source not in part.INPUTS:
                yield (
                    f"areas.{area}.couplings.{source}",
                    f"a {settings.kind} reads no such thing; it reads {', '.join(part.INPUTS) or 'nothing'}",
                )
        for source, names in site.inputs(area).items():
            path = f"areas.{area}.couplings.{source}"
            if not names and source not in part.OPTIONAL:
                yield path, f'is missing: name an area that tells {", ".join(part.INPUTS[source])}, or call one "{source}"'
            if len(names) > 1 and source not in part.SEVERAL:
                yield path, f"takes one area, here are {len(names)}; several may stand for {', '.join(sorted(part.SEVERAL)) or 'nothing'}"
            for name in names:
                if name not in site.areas:
                    yield path, f"no area is called {name}; there are: {', '.join(site.areas)}"
                elif lacks := [port for port in part.INPUTS[source] if port not in site.ports(name)]:
                    yield path, f"{name} does not tell {', '.join(lacks)}"
                elif settings.shared and not site.areas[name].shared:
                    yield path, f"{name} must be shared, too: a shared area has no copy of its own to read"


def device_faults(site: Site) -> Iterator[tuple[str, str]]:
    """What is wrong with the devices."""
    for at, group in enumerate(site.devices):
        path = f"devices[{at}]"
        if group.dialect not in dialects():
            yield f"{path}.dialect", f"no dialect is called {group.dialect}; there are: {', '.join(dialects())}"
        elif group.area not in site.areas:
            yield f"{path}.area", f"no area is called {group.area}; there are: {', '.join(site.areas)}"
        else:
            yield from carries_faults(site, group, path)
        if group.mains is not None and (group.mains not in site.areas or "mains_power" not in site.ports(group.mains)):
            yield f"{path}.mains", f"{group.mains} is no area that tells mains_power"


def carries_faults(site: Site, group: Group, path: str) -> Iterator[tuple[str, str]]:
    """What is wrong with what devices carry."""
    fields = {field.slot: field for field in dialects()[group.dialect].fields}
    for slot, said in group.carries.items():
        area, dot, port = said.rpartition(".")
        area = area if dot else group.area
        if slot not in fields:
            yield f"{path}.carries.{slot}", f"{group.dialect} has no such slot; it has {', '.join(fields)}"
        elif said == OWN:
            continue
        elif area not in site.areas:
            yield f"{path}.carries.{slot}", f"no area is called {area}; there are: {', '.join(site.areas)}"
        elif port not in site.ports(area):
            yield f"{path}.carries.{slot}", f"{area} does not tell {port}; it tells {', '.join(site.ports(area))}"
        elif reason := why_not(fields[slot], port, site.says(area)):
            yield f"{path}.carries.{slot}", f"{slot} {reason}"
