"""The weather of a site, and the mains that reach it."""

from random import Random
from typing import ClassVar, Literal

from pydantic import Field

from simulators.events import Journal
from simulators.moment import between, clamp
from simulators.plant.part import Part, Settings
from simulators.signals import day_wave


class WeatherSettings(Settings):
    """The climate: means and swings of a day."""

    kind: Literal["weather"]
    mean: float = Field(12.0, ge=-50, le=50, description="Mean temperature of a day, Cel")
    swing: float = Field(6.0, ge=0, le=25, description="Half the difference between afternoon and night, Cel")
    sun: float = Field(850.0, ge=0, le=1200, description="Irradiance of a clear noon, W/m2")
    wind: float = Field(4.0, ge=0, le=30, description="Mean wind, m/s")


class Weather(Part[WeatherSettings]):
    """Sun, cloud, wind and rain; the sun warms, cloud shades it and brings rain, and warm air is drier."""

    PORTS: ClassVar = (
        "temperature", "dew_point", "humidity", "atmospheric_pressure", "cloud_cover", "irradiance", "illuminance", "uv_index",
        "wind_speed", "wind_gust", "wind_direction", "precipitation_intensity", "rain",
    )  # fmt: skip

    def __init__(self, name: str, settings: WeatherSettings, rng: Random, journal: Journal) -> None:
        super().__init__(name, settings, rng, journal)
        self._cloud = between(rng, 0.2, 0.8)
        self._drift = between(rng, -2, 2)
        self._wind = settings.wind
        self._direction = between(rng, 0, 360)
        self._pressure = between(rng, 1002, 1022)

    def step(self, now: float) -> None:
        """Go on by a step."""
        settings = self.settings
        self._cloud = self.wander(self._cloud, 0.03, 0.0, 1.0)
        self._drift = self.wander(self._drift, 0.03, -4, 4)
        self._wind = self.wander(self._wind, 0.25, 0.1, 3 * settings.wind + 0.2)
        self._direction = (self._direction + between(self.rng, -4, 4)) % 360
        self._pressure = self.wander(self._pressure, 0.04, 985, 1035)
        temperature = settings.mean + settings.swing * day_wave(now, 15) * (1 - 0.4 * self._cloud) + self._drift
        humidity = clamp(66 - 2.4 * (temperature - settings.mean) + 22 * (self._cloud - 0.4), 18, 100)
        irradiance = max(0.0, day_wave(now, 12.5)) * settings.sun * (1 - 0.75 * self._cloud)
        rain = max(0.0, self._cloud - 0.85) * 40
        gust = self._wind * between(self.rng, 1.2, 1.7)
        self.ports.update({
            "temperature": temperature, "humidity": humidity, "dew_point": temperature - (100 - humidity) / 5,
            "atmospheric_pressure": self._pressure, "cloud_cover": 100 * self._cloud, "irradiance": irradiance,
            "illuminance": irradiance * 115, "uv_index": irradiance / 110, "wind_speed": self._wind, "wind_gust": gust,
            "wind_direction": self._direction, "precipitation_intensity": rain, "rain": int(rain > 0),
        })  # fmt: skip
        self.watch("rain", rain > 0, now, least_seconds=120, quantity="precipitation_intensity", value=rain)
        self.watch("frost", temperature < 0, now, least_seconds=300, quantity="temperature", value=temperature)
        self.watch("storm", self._wind > 14, now, least_seconds=60, quantity="wind_speed", value=self._wind)


class MainsSettings(Settings):
    """How often the power fails, and for how long."""

    kind: Literal["mains"]
    outages_a_day: float = Field(1.0, ge=0, le=500)
    outage_minutes: float = Field(6.0, gt=0, le=600, description="Mean length; from half of it to one and a half")


class Mains(Part[MainsSettings]):
    """The public grid: its voltage sags in the evening, and fails now and then."""

    PORTS: ClassVar = ("mains_power", "voltage", "frequency")

    def __init__(self, name: str, settings: MainsSettings, rng: Random, journal: Journal) -> None:
        super().__init__(name, settings, rng, journal)
        self._voltage, self._frequency = between(rng, 229, 234), 50.0
        self._back: float | None = None

    def step(self, now: float) -> None:
        """Go on by a step."""
        if self._back is None and self.chance(self.settings.outages_a_day / 24):
            self._back = now + 60 * self.settings.outage_minutes * between(self.rng, 0.5, 1.5)
        elif self._back is not None and now >= self._back:
            self._back = None
        is_out = self._back is not None
        self._voltage = self.wander(self._voltage, 0.4, 224, 238)
        self._frequency = self.wander(self._frequency, 0.008, 49.92, 50.08)
        sag = 2 * day_wave(now, 19)
        self.ports.update({
            "mains_power": int(not is_out),
            "voltage": 0.0 if is_out else self._voltage - sag,
            "frequency": 0.0 if is_out else self._frequency,
        })  # fmt: skip
        self.watch("power_outage", is_out, now)
