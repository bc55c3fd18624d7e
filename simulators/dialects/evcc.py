"""evcc: ``evcc/loadpoints/<n>/<name>`` about an EV charger, one bare value a topic, retained."""

from simulators.dialect import Dialect, noise, reading, scalars
from simulators.identity import numbered
from simulators.moment import Moment
from simulators.signals import derived, total, walk
from simulators.states import machine, switch


def charging_power(moment: Moment) -> float:
    """The power that the car takes, 0 while it does not charge."""
    return moment.of("max") if moment.value("charging") == "true" else 0.0


DIALECTS = (
    Dialect(
        name="evcc",
        product="evcc with a wallbox",
        device="«site»",
        fields=(
            noise("site", numbered("evcc", sign="")),
            noise("max", walk(5200, 10800, 300)),
            reading("charging", switch(90, 40, ("false", "true")), "battery_charging", quantity_also=("running",)),
            reading("connected", switch(400, 60, ("false", "true")), "connectivity", quantity_also=("opening", "presence", "occupancy")),
            reading("watt", derived(charging_power), "power", "W", "d"),
            reading("wh", total("watt", (0, 9000)), "energy", "W.h", "d"),
            reading("soc", walk(22, 98, 1), "battery", "%", "d"),
            reading("limit", lambda _rng: lambda _moment: 80, "setpoint", "%", "d"),
            reading("mode", machine({"pv": (200, ("minpv", "now")), "minpv": (60, ("pv",)), "now": (45, ("pv",))}), "mode"),
        ),
        sends=(
            *scalars("«site»/loadpoints/1", {"chargePower": "watt", "chargedEnergy": "wh", "vehicleSoc": "soc"}, retain=True),
            *scalars("«site»/loadpoints/1", {"charging": "charging", "connected": "connected"}, every_seconds=150, retain=True),
            *scalars("«site»/loadpoints/1", {"mode": "mode", "effectiveLimitSoc": "limit"}, every_seconds=150, retain=True),
        ),
    ),
)  # fmt: skip
