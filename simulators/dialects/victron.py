"""Victron Venus OS: ``N/<portal>/<service>/<instance>/<path>`` with ``{"value": …}``; the topic alone says what it is."""

from simulators.dialect import Dialect, Sends, noise, reading
from simulators.identity import hexadecimal
from simulators.signals import derived, lazy, sun, total, walk

ROOT = "N/«portal»/"
VALUES = {
    "battery/279/Dc/0/Voltage": "volt", "battery/279/Dc/0/Current": "amp", "battery/279/Dc/0/Power": "watt", "battery/279/Soc": "soc",
    "solarcharger/288/Pv/V": "pvvolt", "solarcharger/288/Yield/Power": "pv", "solarcharger/288/History/Daily/0/Yield": "yield",
    "system/0/Ac/Consumption/L1/Power": "load",
}  # fmt: skip

DIALECTS = (
    Dialect(
        name="victron",
        product="Victron Cerbo GX: SmartShunt and SmartSolar",
        device="«portal»",
        fields=(
            noise("portal", hexadecimal(12)),
            reading("volt", walk(25.4, 27.8, 0.1), "voltage", "V", ".2f", quantity_also=("battery_voltage",)),
            reading("pvvolt", walk(58, 82, 1.5), "voltage", "V", ".2f"),
            reading("pv", sun(780), "power", "W", "d"),
            reading("load", walk(60, 900, 60), "power", "W", "d"),
            reading("watt", derived(lambda moment: moment.of("pv") - moment.of("load")), "power", "W", "d"),
            reading("amp", derived(lambda moment: moment.of("watt") / moment.of("volt")), "current", "A", ".1f"),
            reading("soc", lazy(walk(35, 100, 0.4), 0.5), "battery", "%", ".1f"),
            reading("yield", total("pv", (0, 0.3), 1e-3), "energy", "kW.h", ".2f"),
        ),
        sends=tuple(Sends(ROOT + path, f'{{"value":«{slot}»}}', "json", 75) for path, slot in VALUES.items()),
    ),
)
