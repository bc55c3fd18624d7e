"""Rooms: where people come and go, where things are kept cold, and where plants grow."""

from random import Random
from typing import ClassVar, Literal

from pydantic import Field

from simulators.events import Journal
from simulators.moment import between, clamp
from simulators.plant.part import HOURS, STEP_SECONDS, Part, Settings

OUTSIDE_CO2 = 420.0


class Door:
    """A door that is passed so often, and left open now and then."""

    def __init__(self, rng: Random, left_open: float, left_minutes: float) -> None:
        self._rng = rng
        self._left_open, self._left_minutes = left_open, left_minutes
        self._shuts = 0.0

    def is_open(self, now: float) -> bool:
        """True while it is open."""
        return now < self._shuts

    def swing(self, now: float) -> None:
        """Somebody passes."""
        if self._rng.random() < self._left_open:
            self._shuts = now + 60 * self._left_minutes * between(self._rng, 0.6, 1.4)
        else:
            self._shuts = max(self._shuts, now + STEP_SECONDS * between(self._rng, 1, 3))


class RoomSettings(Settings):
    """A room that people use."""

    kind: Literal["room"]
    volume: float = Field(60.0, gt=0, description="m3")
    people: int = Field(4, ge=0, le=1000, description="The most that are there at once")
    opens: float = Field(7.0, ge=0, le=24, description="Hour from which people come")
    closes: float = Field(22.0, ge=0, le=24, description="Hour by which they have gone")
    setpoint: float = Field(20.5, ge=-10, le=35, description="Heated up to this, Cel")
    air_changes: float = Field(0.8, ge=0, le=60, description="Of its air, in an hour")
    idle_power: float = Field(40.0, ge=0, description="What is always on, W")
    left_open: float = Field(0.03, ge=0, le=1, description="Share of passages after which the door stays open")
    left_minutes: float = Field(12.0, gt=0, le=600, description="How long it then stays open on average")


class Room(Part[RoomSettings]):
    """People come and go through the door: they breathe out CO2, make noise, switch lights and things on; the weather leaks in."""

    INPUTS: ClassVar = {"outdoors": ("temperature", "irradiance", "humidity"), "mains": ("mains_power", "voltage")}
    SHARED: ClassVar = frozenset({"power", "current"})
    PORTS: ClassVar = (
        "temperature", "humidity", "dew_point", "carbon_dioxide", "volatile_organic_compounds", "pm25", "people_count", "motion",
        "occupancy", "presence", "door", "opening", "light", "power_state", "illuminance", "sound_pressure", "power", "current", "voltage",
        "duty_cycle", "setpoint",
    )  # fmt: skip

    def __init__(self, name: str, settings: RoomSettings, rng: Random, journal: Journal) -> None:
        super().__init__(name, settings, rng, journal)
        self._temperature, self._humidity, self._co2 = settings.setpoint, 46.0, OUTSIDE_CO2 + 120
        self._people, self._heats = 0, False
        self._door = Door(rng, settings.left_open, settings.left_minutes)
        self._dust = between(rng, 4, 12)

    def step(self, now: float) -> None:
        """Go on by a step."""
        self._move_people(now)
        is_open, has_power = self._door.is_open(now), self.read("mains", "mains_power") > 0
        outside, sun = self.read("outdoors", "temperature"), self.read("outdoors", "irradiance")
        self._breathe(is_open)
        self._warm(outside, sun, is_open, has_power)
        people, rng = self._people, self.rng
        is_dark = sun < 120
        lit = has_power and people > 0 and is_dark
        voltage = self.read("mains", "voltage")
        power = (self.settings.idle_power + 90 * people + 60 * lit) * between(rng, 0.97, 1.03) if has_power else 0.0
        self.ports.update({
            "temperature": self._temperature, "humidity": self._humidity, "dew_point": self._temperature - (100 - self._humidity) / 5,
            "carbon_dioxide": self._co2, "volatile_organic_compounds": 60 + (self._co2 - OUTSIDE_CO2) * 0.3, "pm25": self._dust,
            "people_count": people, "motion": int(people > 0 and rng.random() < 0.8), "occupancy": int(people > 0),
            "presence": int(people > 0), "door": int(is_open), "opening": int(is_open), "light": int(lit or not is_dark),
            "power_state": int(has_power), "illuminance": sun * 0.9 + 320 * lit,
            "sound_pressure": 31 + 3.5 * min(people, 8) + between(rng, 0, 3), "power": power,
            "current": power / voltage if voltage else 0.0, "voltage": voltage,
            "duty_cycle": 100 * (self._heats and has_power), "setpoint": self.settings.setpoint,
        })  # fmt: skip
        self.watch("door_open_long", is_open, now, least_seconds=300, quantity="temperature", value=self._temperature)
        self.watch("air_stale", self._co2 > 1400, now, least_seconds=300, quantity="carbon_dioxide", value=self._co2)
        self.watch("too_cold", self._temperature < self.settings.setpoint - 4, now, least_seconds=600,
                   quantity="temperature", value=self._temperature)  # fmt: skip

    def _move_people(self, now: float) -> None:
        settings, hour = self.settings, now % 86400 / 3600
        wanted = settings.people * (0.6 + 0.4 * (hour % 2 < 1)) if settings.opens <= hour < settings.closes else 0
        if self._people < wanted and self.chance(1.5 * (wanted - self._people) + 0.5):
            self._people += 1
            self._door.swing(now)
        elif self._people and self.chance(4.0 if self._people > wanted else 0.4 * self._people):
            self._people -= 1
            self._door.swing(now)

    def _breathe(self, is_open: bool) -> None:
        changes = self.settings.air_changes + 6 * is_open
        self._co2 += HOURS * (self._people * 20_000 / self.settings.volume - changes * (self._co2 - OUTSIDE_CO2))
        moist = 44 + 80 * self._people / self.settings.volume + 0.1 * (self.read("outdoors", "humidity") - 60)
        self._humidity = clamp(self._humidity + HOURS * (0.6 + changes) * (moist - self._humidity) + between(self.rng, -0.1, 0.1), 15, 95)
        self._dust = clamp(self._dust + HOURS * (self._people - 0.3 * (self._dust - 5)) + between(self.rng, -0.3, 0.3), 1, 150)

    def _warm(self, outside: float, sun: float, is_open: bool, has_power: bool) -> None:
        setpoint = self.settings.setpoint
        self._heats = self._temperature < setpoint + (0.3 if self._heats else -0.3)
        gain = 5.0 * (self._heats and has_power) + sun * 0.0012 + 4 * self._people / self.settings.volume
        self._temperature += HOURS * (gain - (0.12 + 0.9 * is_open) * (self._temperature - outside))


class ColdRoomSettings(Settings):
    """A room that a compressor keeps cold."""

    kind: Literal["cold_room"]
    setpoint: float = Field(4.0, ge=-40, le=15, description="Cel")
    limit: float = Field(4.0, gt=0, le=30, description="So much above the setpoint is too warm, Cel")
    openings: float = Field(6.0, ge=0, le=200, description="Of the door, in an hour of work")
    opens: float = Field(6.0, ge=0, le=24, description="Hour at which work begins")
    closes: float = Field(20.0, ge=0, le=24, description="Hour at which it ends")
    left_open: float = Field(0.06, ge=0, le=1, description="Share of openings after which the door stays open")
    left_minutes: float = Field(14.0, gt=0, le=600, description="How long it then stays open on average")
    power: float = Field(2400.0, gt=0, description="Of the compressor, W")


class ColdRoom(Part[ColdRoomSettings]):
    """Warm, damp air comes in by the door and the walls; the compressor works against it, and stops to defrost its coil."""

    INPUTS: ClassVar = {"around": ("temperature",), "mains": ("mains_power", "voltage")}
    SAYS: ClassVar = {"mode": ("defrost", "cooling", "idle")}
    PORTS: ClassVar = (
        "temperature", "coil_temperature", "humidity", "door", "opening", "running", "power_state", "power", "current", "voltage",
        "setpoint", "problem", "heat_alarm", "mode", "people_count", "motion",
    )  # fmt: skip

    DEFROST_HOURS = 6.0
    DEFROST_SECONDS = 20 * 60.0

    def __init__(self, name: str, settings: ColdRoomSettings, rng: Random, journal: Journal) -> None:
        super().__init__(name, settings, rng, journal)
        self._temperature, self._coil, self._humidity = settings.setpoint, settings.setpoint - 7, 82.0
        self._runs = False
        self._door = Door(rng, settings.left_open, settings.left_minutes)
        self._defrost_offset = between(rng, 0, 3600 * self.DEFROST_HOURS)

    def step(self, now: float) -> None:
        """Go on by a step."""
        settings, hour = self.settings, now % 86400 / 3600
        if settings.opens <= hour < settings.closes and self.chance(settings.openings):
            self._door.swing(now)
        is_open, has_power = self._door.is_open(now), self.read("mains", "mains_power") > 0
        defrosts = (now + self._defrost_offset) % (3600 * self.DEFROST_HOURS) < self.DEFROST_SECONDS
        around = self.read("around", "temperature")
        self._runs = has_power and not defrosts and self._temperature > settings.setpoint + (-1.0 if self._runs else 1.0)
        leak = (0.18 + 2.6 * is_open) * (around - self._temperature)
        self._temperature += HOURS * (leak - (9.0 + 0.35 * (around - settings.setpoint)) * self._runs)
        aim = self._temperature + (-9 * self._runs if not defrosts else 14)
        self._coil += HOURS * 25 * (aim - self._coil)
        self._humidity = clamp(
            self._humidity + HOURS * (90 * is_open - 14 * self._runs + 0.8 * (84 - self._humidity)) + between(self.rng, -0.2, 0.2), 45, 99
        )
        power = (settings.power * between(self.rng, 0.96, 1.04) * self._runs + 1100 * defrosts + 90) * has_power
        voltage = self.read("mains", "voltage")
        too_warm = self._temperature > settings.setpoint + settings.limit
        self.ports.update({
            "temperature": self._temperature, "coil_temperature": self._coil, "humidity": self._humidity, "door": int(is_open),
            "opening": int(is_open), "running": int(self._runs), "power_state": int(self._runs), "power": power,
            "current": power / voltage if voltage else 0.0, "voltage": voltage, "setpoint": settings.setpoint, "problem": int(too_warm),
            "heat_alarm": int(too_warm), "mode": "defrost" if defrosts else "cooling" if self._runs else "idle",
            "people_count": int(is_open), "motion": int(is_open),
        })  # fmt: skip
        self.watch("door_open_long", is_open, now, least_seconds=300, quantity="temperature", value=self._temperature)
        self.watch("too_warm", too_warm, now, least_seconds=300, quantity="temperature", value=self._temperature)
        self.watch("defrost", defrosts, now)


class GreenhouseSettings(Settings):
    """A glasshouse with vents, heating and irrigation."""

    kind: Literal["greenhouse"]
    vent_above: float = Field(25.0, ge=5, le=45, description="Vents open above this, Cel")
    heat_below: float = Field(15.0, ge=-10, le=35, description="Heated below this, Cel")
    dry: float = Field(30.0, ge=1, le=90, description="Watered below this soil moisture, %")
    wet: float = Field(52.0, ge=2, le=99, description="Until this, %")
    drying: float = Field(7.0, ge=0, le=60, description="How fast soil dries in full sun, % an hour")
    blockages_a_day: float = Field(1.0, ge=0, le=200, description="How often a valve sticks and no water comes for a while")


class Greenhouse(Part[GreenhouseSettings]):
    """The sun warms it and dries the soil; vents let heat out, watering wets soil and air, plants use up CO2 by day."""

    INPUTS: ClassVar = {"outdoors": ("temperature", "irradiance", "humidity", "wind_speed"), "mains": ("mains_power",)}
    PORTS: ClassVar = (
        "temperature", "humidity", "dew_point", "soil_moisture", "carbon_dioxide", "par", "irradiance", "illuminance", "position",
        "running", "power_state", "volume_flow_rate", "leaf_wetness", "conductivity", "ph", "setpoint", "duty_cycle", "window",
        "outside_temperature",
    )  # fmt: skip

    BLOCKED_MINUTES = 25.0

    def __init__(self, name: str, settings: GreenhouseSettings, rng: Random, journal: Journal) -> None:
        super().__init__(name, settings, rng, journal)
        self._temperature, self._humidity, self._co2 = 20.0, 70.0, 520.0
        self._soil = between(rng, settings.dry, settings.wet)
        self._waters, self._opens_again, self._wet = False, 0.0, 0.0
        self._ph, self._salts = between(rng, 5.8, 6.4), between(rng, 900, 1500)

    def step(self, now: float) -> None:
        """Go on by a step."""
        settings, rng = self.settings, self.rng
        outside, sun = self.read("outdoors", "temperature"), self.read("outdoors", "irradiance")
        has_power = self.read("mains", "mains_power") > 0
        if now >= self._opens_again and self.chance(settings.blockages_a_day / 24):
            self._opens_again = now + 60 * self.BLOCKED_MINUTES * between(rng, 0.5, 1.5)
        self._waters = has_power and now >= self._opens_again and self._soil < (settings.wet if self._waters else settings.dry)
        vents = clamp((self._temperature - settings.vent_above) * 25, 0, 100)
        heats = has_power and self._temperature < settings.heat_below
        loss = 0.5 + 0.035 * vents + 0.02 * self.read("outdoors", "wind_speed")
        self._temperature += HOURS * (sun * 0.016 + 8 * heats - loss * (self._temperature - outside))
        self._soil = clamp(self._soil + HOURS * (75 * self._waters - settings.drying * (0.15 + sun / 900)), 3, 95)
        damp = 58 + 0.35 * self._soil + 18 * self._waters - 0.25 * vents - 1.1 * (self._temperature - 20)
        self._humidity = clamp(self._humidity + HOURS * 3 * (damp - self._humidity) + between(rng, -0.3, 0.3), 20, 99)
        self._co2 += HOURS * ((0.6 + 0.08 * vents) * (OUTSIDE_CO2 - self._co2) + 90 - sun * 0.25)
        self._co2 = clamp(self._co2, 250, 1500)
        self._wet = clamp(self._wet + HOURS * (500 * self._waters - 60), 0, 100)
        self._salts = self.wander(self._salts, 2, 700, 2200)
        self.ports.update({
            "temperature": self._temperature, "humidity": self._humidity, "dew_point": self._temperature - (100 - self._humidity) / 5,
            "soil_moisture": self._soil, "carbon_dioxide": self._co2, "par": sun * 1.6, "irradiance": sun * 0.8, "illuminance": sun * 85,
            "position": vents, "running": int(self._waters), "power_state": int(self._waters),
            "volume_flow_rate": 1.8 * between(rng, 0.95, 1.05) * self._waters, "leaf_wetness": self._wet, "conductivity": self._salts,
            "ph": self._ph, "setpoint": settings.vent_above, "duty_cycle": 100 * heats, "window": int(vents > 5),
            "outside_temperature": outside,
        })  # fmt: skip
        self.watch("irrigation", self._waters, now, quantity="soil_moisture", value=self._soil)
        self.watch("soil_dry", self._soil < settings.dry - 3, now, least_seconds=300, quantity="soil_moisture", value=self._soil)
        self.watch("too_warm", self._temperature > settings.vent_above + 7, now, least_seconds=300,
                   quantity="temperature", value=self._temperature)  # fmt: skip
