"""Machines: a boiler, pumps that wear out, machine tools, and the tanks and meters that go with them."""

from random import Random
from typing import ClassVar, Literal

from pydantic import Field

from simulators.events import Event, Journal
from simulators.moment import between, clamp
from simulators.plant.part import HOURS, Part, Settings
from simulators.plant.ports import meaning
from simulators.signals import day_wave

THREE_PHASES = 2.55
"""Watts for a volt (phase to neutral) and an ampere in each of three phases, at a power factor of 0.85."""


class BoilerSettings(Settings):
    """A gas boiler with a flow temperature that follows the weather."""

    kind: Literal["boiler"]
    power: float = Field(80_000.0, gt=0, description="Of the burner, W")
    warmest: float = Field(72.0, ge=30, le=110, description="Flow temperature at 0 Cel outside, Cel")
    leak: float = Field(0.02, ge=0, le=5, description="Pressure that the system loses in an hour, bar")
    lockouts_a_day: float = Field(2.0, ge=0, le=200)
    lockout_minutes: float = Field(18.0, gt=0, le=600, description="Mean length")


class Boiler(Part[BoilerSettings]):
    """The colder it is outside, the more heat the house draws and the hotter the flow; the burner burns gas in bursts."""

    INPUTS: ClassVar = {"outdoors": ("temperature",), "mains": ("mains_power",)}
    SAYS: ClassVar = {"status": ("fault", "running", "stopped")}
    PORTS: ClassVar = (
        "temperature", "return_temperature", "exhaust_temperature", "outside_temperature", "setpoint", "pressure", "running", "power_state",
        "power", "volume_flow_rate", "gas_flow", "duty_cycle", "status", "problem",
    )  # fmt: skip

    LEAST_BAR = 1.0
    CUBIC_METRE_WATT_HOURS = 10_400.0

    def __init__(self, name: str, settings: BoilerSettings, rng: Random, journal: Journal) -> None:
        super().__init__(name, settings, rng, journal)
        self._flow, self._exhaust, self._bar = 55.0, 60.0, between(rng, 1.2, 1.7)
        self._burns, self._locked_until, self._refill_at = False, 0.0, 0.0

    def step(self, now: float) -> None:
        """Go on by a step."""
        settings, rng = self.settings, self.rng
        outside, has_power = self.read("outdoors", "temperature"), self.read("mains", "mains_power") > 0
        if now >= self._locked_until and self.chance(settings.lockouts_a_day / 24):
            self._locked_until = now + 60 * settings.lockout_minutes * between(rng, 0.5, 1.5)
        is_locked = now < self._locked_until
        aim = clamp(settings.warmest - 1.3 * outside, 30, settings.warmest + 15)
        self._burns = has_power and not is_locked and self._flow < aim + (4 if self._burns else -4)
        draw = 0.012 * max(0.0, 21 - outside) * max(0.0, self._flow - 25) / 25
        self._flow += HOURS * (160 * self._burns - 120 * draw)
        self._flow = clamp(self._flow, 18, 98)
        self._exhaust += HOURS * 20 * ((self._flow + 65 if self._burns else self._flow - 8) - self._exhaust)
        self._keep_pressure(now)
        flow_rate = 3.4 * between(rng, 0.98, 1.02) if has_power else 0.0
        self.ports.update({
            "temperature": self._flow, "return_temperature": self._flow - (6 + 14 * draw), "exhaust_temperature": self._exhaust,
            "outside_temperature": outside, "setpoint": aim, "pressure": self._bar, "running": int(self._burns),
            "power_state": int(self._burns), "power": flow_rate * 1163 * (6 + 14 * draw), "volume_flow_rate": flow_rate,
            "gas_flow": settings.power / self.CUBIC_METRE_WATT_HOURS * between(rng, 0.97, 1.03) * self._burns,
            "duty_cycle": 100 * clamp((aim + 4 - self._flow) / 8, 0, 1) * self._burns,
            "status": "fault" if is_locked else "running" if self._burns else "stopped", "problem": int(is_locked),
        })  # fmt: skip
        self.watch("burner_lockout", is_locked, now, quantity="temperature", value=self._flow)
        self.watch("pressure_low", self._bar < self.LEAST_BAR, now, least_seconds=120, quantity="pressure", value=self._bar)

    def _keep_pressure(self, now: float) -> None:
        """The system leaks; somebody refills it half an hour after it is low."""
        self._bar = max(0.3, self._bar - HOURS * self.settings.leak)
        if self._bar >= self.LEAST_BAR:
            self._refill_at = now + 1800
        elif now >= self._refill_at:
            self._bar = 1.6


class PumpSettings(Settings):
    """A pump; with tanks to fill or to empty it follows their level, without it follows the hours of the day."""

    kind: Literal["pump"]
    flow: float = Field(12.0, gt=0, description="m3/h")
    pressure: float = Field(3.6, gt=0, description="bar")
    current: float = Field(9.0, gt=0, description="In each of three phases, A")
    speed: float = Field(1460.0, gt=0, description="/min")
    start_below: float = Field(35.0, ge=0, le=100, description="Starts when the tanks that it fills are below this, %")
    stop_above: float = Field(85.0, ge=0, le=100, description="Stops when they are above this, %")
    wears: float = Field(0.004, ge=0, le=1, description="Share of a bearing's life that an hour of running takes")
    worn: float = Field(0.3, ge=0, lt=1, description="How worn the bearing is at most at the start")
    trips_a_day: float = Field(2.0, ge=0, le=200)
    trip_minutes: float = Field(15.0, gt=0, le=600, description="Mean length of a stop by a fault")


class Pump(Part[PumpSettings]):
    """Current, pressure, flow, vibration and temperature move together; the bearing wears, shakes, heats and at last trips the pump."""

    INPUTS: ClassVar = {"fills": ("level",), "source": ("level",), "mains": ("mains_power", "voltage"), "around": ("temperature",)}
    OPTIONAL: ClassVar = frozenset({"fills", "source"})
    SEVERAL: ClassVar = frozenset({"fills"})
    SAYS: ClassVar = {"status": ("fault", "running", "stopped")}
    PORTS: ClassVar = (
        "running", "power_state", "status", "current", "voltage", "power", "pressure", "volume_flow_rate", "rotational_speed",
        "vibration_velocity", "vibration_acceleration", "temperature", "motor_temperature", "problem", "frequency",
    )  # fmt: skip

    def __init__(self, name: str, settings: PumpSettings, rng: Random, journal: Journal) -> None:
        super().__init__(name, settings, rng, journal)
        self._wear = between(rng, 0, settings.worn)
        self._temperature, self._runs, self._back = 30.0, True, 0.0

    def step(self, now: float) -> None:
        """Go on by a step."""
        settings, rng = self.settings, self.rng
        self._trip_or_mend(now)
        is_stopped, has_power = now < self._back, self.read("mains", "mains_power") > 0
        self._runs = has_power and not is_stopped and self._is_wanted(now)
        is_dry = bool(self.inputs["source"]) and self.read("source", "level") < 2
        turns, wear, load = float(self._runs), self._wear, 0.35 if is_dry else 1.0
        self._wear += HOURS * settings.wears * turns * (3 if is_dry else 1)
        around = self.read("around", "temperature")
        self._temperature += HOURS * 6 * (around + turns * (24 + 45 * wear) - self._temperature)
        current = settings.current * turns * (0.4 + 0.6 * load + 0.25 * wear) * between(rng, 0.98, 1.02)
        voltage = self.read("mains", "voltage")
        shake = turns * (1.1 + 6.5 * wear + 2.2 * is_dry) * between(rng, 0.92, 1.08)
        self.ports.update({
            "running": int(self._runs), "power_state": int(self._runs),
            "status": "fault" if is_stopped else "running" if self._runs else "stopped", "current": current, "voltage": voltage,
            "power": THREE_PHASES * current * voltage,
            "pressure": settings.pressure * turns * load * (1 - 0.22 * wear) * between(rng, 0.98, 1.02),
            "volume_flow_rate": settings.flow * turns * load * (1 - 0.2 * wear) * between(rng, 0.98, 1.02),
            "rotational_speed": settings.speed * turns * (1 - 0.01 * wear) * between(rng, 0.998, 1.002), "vibration_velocity": shake,
            "vibration_acceleration": shake * 0.11, "temperature": self._temperature,
            "motor_temperature": around + (self._temperature - around) * 1.3, "problem": int(is_stopped), "frequency": 50 * turns,
        })  # fmt: skip
        self.watch("pump_stopped", is_stopped, now)
        self.watch("vibration_high", shake > 7.1, now, least_seconds=120, quantity="vibration_velocity", value=shake)
        self.watch("running_dry", self._runs and is_dry, now, least_seconds=60)

    def _is_wanted(self, now: float) -> bool:
        tanks = self.inputs["fills"]
        if not tanks:
            return 6 <= now % 86400 / 3600 < 22
        levels = [float(tank.ports["level"]) for tank in tanks]
        return min(levels) < self.settings.stop_above if self._runs else min(levels) < self.settings.start_below

    def _trip_or_mend(self, now: float) -> None:
        settings = self.settings
        minutes = 60 * settings.trip_minutes * between(self.rng, 0.5, 1.5)
        if self._wear >= 1:
            self._wear, self._back = 0.02, now + 3 * minutes  # a new bearing takes its time
        elif now >= self._back and self._runs and self.chance(settings.trips_a_day / 24):
            self._back = now + minutes


class TankSettings(Settings):
    """A tank that pumps fill and people draw from."""

    kind: Literal["tank"]
    volume: float = Field(20.0, gt=0, description="m3")
    height: float = Field(3.0, gt=0, description="m")
    draw: float = Field(5.0, ge=0, description="Mean draw, m3/h; more by day")
    gulps: float = Field(1.5, ge=0, le=100, description="In an hour: draws of ten times as much, for a few minutes")


class Tank(Part[TankSettings]):
    """Fills with what pumps bring and falls with what is drawn."""

    INPUTS: ClassVar = {"filled_by": ("volume_flow_rate",), "drained_by": ("volume_flow_rate",), "around": ("temperature",)}
    OPTIONAL: ClassVar = frozenset({"filled_by", "drained_by"})
    SEVERAL: ClassVar = OPTIONAL
    PORTS: ClassVar = ("level", "volume", "water_level", "distance", "temperature", "volume_flow_rate", "weight", "problem", "ph")

    def __init__(self, name: str, settings: TankSettings, rng: Random, journal: Journal) -> None:
        super().__init__(name, settings, rng, journal)
        self._held = settings.volume * between(rng, 0.4, 0.8)
        self._temperature, self._gulp_ends, self._ph = 12.0, 0.0, between(rng, 6.9, 7.6)
        self.ports = dict.fromkeys(self.PORTS, 50.0)

    def step(self, now: float) -> None:
        """Go on by a step."""
        settings, rng = self.settings, self.rng
        if now >= self._gulp_ends and self.chance(settings.gulps):
            self._gulp_ends = now + 60 * between(rng, 2, 8)
        draw = settings.draw * (1 + 0.6 * day_wave(now, 11)) * (10 if now < self._gulp_ends else 1) * between(rng, 0.8, 1.2)
        coming = self.read("filled_by", "volume_flow_rate")
        going = min(draw + self.read("drained_by", "volume_flow_rate"), self._held / HOURS)
        self._held = clamp(self._held + HOURS * (coming - going), 0, settings.volume)
        self._temperature += HOURS * 0.3 * (self.read("around", "temperature") - self._temperature)
        self._ph = self.wander(self._ph, 0.005, 6.6, 8.0)
        share = self._held / settings.volume
        self.ports.update({
            "level": 100 * share, "volume": 1000 * self._held, "water_level": share * settings.height,
            "distance": (1 - share) * settings.height + 0.2, "temperature": self._temperature, "volume_flow_rate": going,
            "weight": 1000 * self._held, "problem": int(share < 0.05 or share > 0.98), "ph": self._ph,
        })  # fmt: skip
        self.watch("tank_empty", share < 0.05, now, quantity="level", value=100 * share)
        self.watch("tank_full", share > 0.98, now, quantity="level", value=100 * share)


class MachineSettings(Settings):
    """A machine tool with an operator's hours."""

    kind: Literal["machine"]
    power: float = Field(7500.0, gt=0, description="At work, W")
    speed: float = Field(4200.0, gt=0, description="Of the spindle, /min")
    parts: float = Field(40.0, gt=0, description="Made in an hour of work")
    opens: float = Field(6.0, ge=0, le=24)
    closes: float = Field(22.0, ge=0, le=24)
    tool_hours: float = Field(3.0, gt=0, description="Hours of work until the tool is worn and changed")
    faults_a_day: float = Field(3.0, ge=0, le=200)
    fault_minutes: float = Field(14.0, gt=0, le=600, description="Mean length")


class Machine(Part[MachineSettings]):
    """Works a part, waits, works the next; the tool wears: it shakes, heats and draws more until it is changed."""

    INPUTS: ClassVar = {"around": ("temperature",), "mains": ("mains_power", "voltage"), "air": ("pressure",)}
    OPTIONAL: ClassVar = frozenset({"air"})
    SAYS: ClassVar = {"status": ("fault", "running", "stopped"), "mode": ("tool change", "automatic", "idle")}
    PORTS: ClassVar = (
        "running", "status", "mode", "power_state", "power", "current", "voltage", "rotational_speed", "vibration_velocity",
        "vibration_acceleration", "temperature", "count", "sound_pressure", "pressure", "problem", "torque",
    )  # fmt: skip

    CHANGE_SECONDS = 240.0

    def __init__(self, name: str, settings: MachineSettings, rng: Random, journal: Journal) -> None:
        super().__init__(name, settings, rng, journal)
        self._wear, self._temperature, self._made = between(rng, 0, 0.9), 24.0, between(rng, 0, 90_000)
        self._back, self._changed = 0.0, 0.0

    def step(self, now: float) -> None:
        """Go on by a step."""
        settings, rng = self.settings, self.rng
        is_shift = settings.opens <= now % 86400 / 3600 < settings.closes
        if now >= self._back and is_shift and self.chance(settings.faults_a_day / 24):
            self._back = now + 60 * settings.fault_minutes * between(rng, 0.5, 1.5)
        if self._wear >= 1:
            self._wear, self._changed = 0.0, now + self.CHANGE_SECONDS
        has_fault, changes, has_power = now < self._back, now < self._changed, self.read("mains", "mains_power") > 0
        air = self.read("air", "pressure") if self.inputs["air"] else 6.2
        works = is_shift and has_power and not has_fault and not changes and air > 3
        turns, wear = float(works), self._wear
        self._wear += HOURS / settings.tool_hours * turns
        self._made += HOURS * settings.parts * turns
        around = self.read("around", "temperature")
        self._temperature += HOURS * 4 * (around + turns * (22 + 16 * wear) - self._temperature)
        power = (settings.power * turns * (0.75 + 0.35 * wear) * between(rng, 0.8, 1.15) + 350) * has_power
        voltage = self.read("mains", "voltage")
        shake = turns * (0.9 + 3.4 * wear * wear) * between(rng, 0.9, 1.1)
        self.ports.update({
            "running": int(works), "status": "fault" if has_fault else "running" if works else "stopped",
            "mode": "tool change" if changes else "automatic" if works else "idle", "power_state": int(has_power), "power": power,
            "current": power / (THREE_PHASES * voltage) if voltage else 0.0, "voltage": voltage,
            "rotational_speed": settings.speed * turns * between(rng, 0.995, 1.005), "vibration_velocity": shake,
            "vibration_acceleration": shake * 0.16, "temperature": self._temperature, "count": int(self._made),
            "sound_pressure": 46 + turns * (30 + 6 * wear) + between(rng, -1.5, 1.5), "pressure": air, "problem": int(has_fault),
            "torque": turns * (18 + 9 * wear) * between(rng, 0.9, 1.1),
        })  # fmt: skip
        self.watch("machine_fault", has_fault, now)
        self.watch("tool_change", changes, now, quantity="count", value=float(int(self._made)))
        self.watch("vibration_high", shake > 4, now, least_seconds=60, quantity="vibration_velocity", value=shake)


class MeterSettings(Settings):
    """A meter of what parts use."""

    kind: Literal["meter"]
    counts: Literal["energy", "water", "gas", "heat_energy"] = "energy"
    digits: int = Field(6, ge=2, le=9, description="Before the point; behind the last it begins again at 0")
    start: float = Field(1000.0, ge=0, description="What it shows at first, kW.h or m3")


class Meter(Part[MeterSettings]):
    """Counts what the parts that it is coupled to use, and begins again at 0 when its digits are full."""

    INPUTS: ClassVar = {"power": ("power",), "flow": ("volume_flow_rate",), "gas": ("gas_flow",)}
    OPTIONAL: ClassVar = frozenset(INPUTS)
    SEVERAL: ClassVar = OPTIONAL

    def __init__(self, name: str, settings: MeterSettings, rng: Random, journal: Journal) -> None:
        super().__init__(name, settings, rng, journal)
        self._shown = settings.start

    @classmethod
    def tells(cls, settings: MeterSettings) -> tuple[str, ...]:
        """The total that it counts, and the rate of it."""
        return settings.counts, "power" if settings.counts in ("energy", "heat_energy") else "volume_flow_rate"

    def step(self, now: float) -> None:
        """Go on by a step."""
        total, rate = self.ports
        use = self.read("power", "power") if rate == "power" else self.read("flow", "volume_flow_rate") + self.read("gas", "gas_flow")
        full = 10.0**self.settings.digits
        self._shown += max(0.0, use) * HOURS / (1000 if rate == "power" else 1)
        if self._shown >= full:
            self._shown -= full
            self._journal.add(Event("meter_rollover", now, now, self.name, None, self.devices, total, self._shown, meaning(total)[1]))
        self.ports.update({total: self._shown, rate: use})
