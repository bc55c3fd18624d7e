"""Home Assistant's statestream: one bare value a topic, when it has changed, retained."""

from simulators.dialect import Dialect, Sends, noise, reading
from simulators.identity import numbered
from simulators.signals import daily, lazy, sun, walk
from simulators.states import switch

ROOT = "homeassistant/"
VALUES = {
    "sensor/«node»_pv_power/state": "power", "sensor/«node»_inverter_temperature/state": "temp", "sensor/«node»_battery_level/state": "soc",
    "binary_sensor/«node»_battery_charging/state": "charging",
}  # fmt: skip
NAMES = {slot: level.split("/")[1].replace("«node»_", "") for level, slot in VALUES.items()}

DIALECTS = (
    Dialect(
        name="homeassistant",
        product="Home Assistant with mqtt_statestream",
        device="«node»",
        fields=(
            noise("node", numbered("roof", sign="_")),
            reading("power", lazy(sun(6800), 10), "power", "W", "d", name=NAMES["power"]),
            reading("temp", lazy(daily(33, 8, 0.4), 0.5), "temperature", "Cel", ".1f", name=NAMES["temp"]),
            reading("soc", lazy(walk(20, 100, 0.5), 1), "battery", "%", "d", name=NAMES["soc"]),
            reading("charging", switch(40, 60, ("off", "on")), "battery_charging", name=NAMES["charging"]),
        ),
        sends=tuple(Sends(ROOT + level, f"«{slot}»", "scalar", 30, retain=True, only_changes=True) for level, slot in VALUES.items()),
    ),
)
