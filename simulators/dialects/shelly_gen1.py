"""Shelly, first generation: ``shellies/<model>-<id>/...``, one bare value a topic."""

from simulators.dialect import Dialect, Sends, noise, reading, scalars
from simulators.identity import hexadecimal
from simulators.signals import charge_percent, clamped, daily, lazy, total
from simulators.states import always, switch

ID = noise("id", hexadecimal(6, upper=True))
ONLINE = reading("online", always("true"), "connectivity")

PLUG = Dialect(
    name="shelly1-plug",
    product="Shelly Plug S",
    device="shellyplug-s-«id»",
    fields=(
        ID,
        ONLINE,
        reading("relay", switch(200, 40, ("off", "on")), "power_state", name="0"),
        reading("watt", clamped(daily(140, 120, 30, 19), 0, 2400), "power", "W", ".2f"),
        reading("energy", total("watt", (1000, 900_000), 60), "energy", "W.min", "d"),
        reading("temp", daily(33, 4, 0.5), "temperature", "Cel", ".2f", inner=True),
        reading("hot", always("0"), "heat_alarm", quantity_also=("problem",)),
    ),
    sends=(
        *scalars("shellies/shellyplug-s-«id»/relay", {"0": "relay", "0/power": "watt", "0/energy": "energy"}),
        *scalars("shellies/shellyplug-s-«id»", {"temperature": "temp", "overtemperature": "hot"}, every_seconds=90),
        *scalars("shellies/shellyplug-s-«id»", {"online": "online"}, every_seconds=None, retain=True),
    ),
)

HT = Dialect(
    name="shelly1-ht",
    product="Shelly H&T",
    device="shellyht-«id»",
    fields=(
        ID,
        ONLINE,
        reading("temp", lazy(daily(19.5, 2.5, 0.1), 0.5), "temperature", "Cel", ".2f"),
        reading("hum", lazy(daily(52, 8, 0.5, 4), 1), "humidity", "%", ".1f"),
        reading("batt", charge_percent(), "battery", "%", "d"),
    ),
    sends=(
        *scalars("shellies/shellyht-«id»/sensor", {"temperature": "temp", "humidity": "hum", "battery": "batt"}, every_seconds=120),
        Sends("shellies/shellyht-«id»/online", "«online»", "scalar", None, retain=True),
    ),
)

DIALECTS = (PLUG, HT)
