"""A roof with photovoltaic modules, a battery, and a house that draws from both and from the grid."""

from random import Random
from typing import ClassVar, Literal

from pydantic import Field

from simulators.events import Journal
from simulators.moment import between, clamp
from simulators.plant.part import HOURS, Part, Settings
from simulators.signals import day_wave


class SolarSettings(Settings):
    """Sizes of modules, battery and house."""

    kind: Literal["solar"]
    peak: float = Field(8000.0, gt=0, description="Of the modules at 1000 W/m2, W")
    bank: float = Field(5000.0, ge=100, description="Capacity of the battery, W.h")
    bank_power: float = Field(3000.0, gt=0, description="Most that goes in or out of the battery, W")
    load: float = Field(900.0, ge=0, description="Mean draw of the house, W")
    shade: float = Field(0.0, ge=0, le=1, description="Share of the sun that something shades")


class Solar(Part[SolarSettings]):
    """The sun feeds the house, then the battery, then the grid; at night the battery feeds the house until it is empty."""

    INPUTS: ClassVar = {"outdoors": ("irradiance", "temperature"), "mains": ("mains_power", "voltage", "frequency"), "house": ("power",)}
    OPTIONAL: ClassVar = frozenset({"house"})
    SEVERAL: ClassVar = OPTIONAL
    PORTS: ClassVar = (
        "power", "dc_power", "dc_voltage", "dc_current", "voltage", "current", "frequency", "temperature", "running", "power_state",
        "battery", "bank_voltage", "bank_current", "bank_power", "battery_charging", "load_power", "import_power", "export_power",
        "problem",
    )  # fmt: skip

    STRING_VOLTS = 380.0

    def __init__(self, name: str, settings: SolarSettings, rng: Random, journal: Journal) -> None:
        super().__init__(name, settings, rng, journal)
        self._charge, self._inverter, self._kettle_ends = between(rng, 0.2, 0.7), 30.0, 0.0

    def step(self, now: float) -> None:
        """Go on by a step."""
        settings, rng = self.settings, self.rng
        is_grid, sun = self.read("mains", "mains_power") > 0, self.read("outdoors", "irradiance")
        volts = self.read("mains", "voltage") or 230.0
        dc = settings.peak * sun * (1 - settings.shade) / 1000 * between(rng, 0.97, 1.0)
        runs = dc > 15
        ac = 0.965 * dc * runs
        load = self._load(now)
        room = clamp((1 - self._charge) * settings.bank / HOURS, 0, settings.bank_power)
        held = clamp((self._charge - 0.05) * settings.bank / HOURS, 0, settings.bank_power)
        bank = clamp(ac - load, -held, room)
        self._charge = clamp(self._charge + bank * HOURS / settings.bank, 0, 1)
        grid = load + bank - ac
        if not is_grid:
            ac, grid = clamp(ac, 0, load + room), 0.0
        self._inverter += HOURS * 5 * (self.read("outdoors", "temperature") + 4 + 28 * ac / settings.peak - self._inverter)
        dc_volts = (self.STRING_VOLTS + 18 * between(rng, -0.2, 0.2)) * runs
        bank_volts = 48.0 + 5.5 * self._charge + 0.9 * bank / settings.bank_power
        self.ports.update({
            "power": ac, "dc_power": dc * runs, "dc_voltage": dc_volts, "dc_current": dc / dc_volts if runs else 0.0, "voltage": volts,
            "current": ac / volts, "frequency": self.read("mains", "frequency") or 50.0, "temperature": self._inverter,
            "running": int(runs), "power_state": int(runs), "battery": 100 * self._charge, "bank_voltage": bank_volts,
            "bank_current": bank / bank_volts, "bank_power": bank, "battery_charging": int(bank > 20), "load_power": load,
            "import_power": max(0.0, grid), "export_power": max(0.0, -grid), "problem": int(not is_grid),
        })  # fmt: skip
        self.watch("battery_bank_empty", self._charge < 0.07, now, least_seconds=60, quantity="battery", value=100 * self._charge)
        self.watch("battery_bank_full", self._charge > 0.99, now, least_seconds=60, quantity="battery", value=100 * self._charge)

    def _load(self, now: float) -> float:
        """The draw of the house that is coupled, else of one that cooks now and then."""
        if self.inputs["house"]:
            return self.read("house", "power")
        if now >= self._kettle_ends and self.chance(1.5):
            self._kettle_ends = now + 60 * between(self.rng, 3, 20)
        return self.settings.load * (1 + 0.45 * day_wave(now, 19)) * between(self.rng, 0.95, 1.05) + 1800 * (now < self._kettle_ends)
