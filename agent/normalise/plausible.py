"""Physical ranges of quantities in their usual units. A value outside is marked, never removed."""

RANGES: dict[str, tuple[float, float]] = {
    "temperature": (-100, 2000), "dew_point": (-100, 100), "humidity": (0, 105), "soil_moisture": (0, 105), "leaf_wetness": (0, 105),
    "atmospheric_pressure": (300, 1100), "uv_index": (0, 30), "carbon_dioxide": (0, 1_000_000), "battery": (0, 105),
    "battery_health": (0, 105), "battery_voltage": (0, 1500), "voltage": (-2_000_000, 2_000_000), "power_factor": (-100, 100),
    "frequency": (0, 1e11), "wind_speed": (0, 150), "wind_gust": (0, 150), "wind_direction": (-180, 360), "precipitation": (0, 30_000),
    "cloud_cover": (0, 100), "ph": (-2, 16), "spo2": (0, 100), "heart_rate": (0, 400), "latitude": (-90, 90), "longitude": (-180, 360),
    "altitude": (-12_000, 100_000_000), "heading": (-360, 360), "signal_strength": (-200, 50), "satellites": (0, 200),
    "irradiance": (-50, 2000), "illuminance": (0, 300_000), "level": (-10, 110), "position": (-5, 105), "brightness": (0, 110),
    "duty_cycle": (0, 105), "percentage": (-1000, 100_000), "snow_depth": (0, 2000), "visibility": (0, 1_000_000), "pm25": (0, 10_000),
    "pm10": (0, 50_000), "cpu_load": (0, 110), "memory_usage": (0, 105), "oxygen": (0, 100), "dissolved_oxygen": (0, 100),
}  # fmt: skip


def is_plausible(quantity: str, usual_value: float | None) -> bool:
    """False where the value in the usual unit lies outside what nature and the quantity's definition allow."""
    limits = RANGES.get(quantity)
    if limits is None or usual_value is None:
        return True
    return limits[0] <= usual_value <= limits[1]
