"""Tuya's data points: numbers for names, tenths for units, and only those that have changed."""

from simulators.dialect import Dialect, Sends, noise, reading
from simulators.identity import hexadecimal
from simulators.signals import derived, lazy, total, walk
from simulators.states import always, switch

DIALECTS = (
    Dialect(
        name="tuya-plug",
        product="Tuya plug behind tuya2mqtt",
        device="«id»",
        fields=(
            noise("id", hexadecimal(20)),
            reading("relay", switch(120, 15, ("false", "true")), "power_state"),
            noise("load", lazy(walk(60, 900, 30), 5)),
            reading("amp", derived(lambda moment: moment.of("load") if moment.value("relay") == "true" else 0.0), "current", "mA", "d"),
            reading("volt", walk(2280, 2360, 6), "voltage", "dV", "d"),
            reading("watt", derived(lambda moment: moment.of("amp") * moment.of("volt") / 1000 * 0.95), "power", "dW", "d"),
            reading("energy", total("watt", (5, 400), 1e-4), "energy", "kW.h", ".2f"),
            reading("on", always("online"), "connectivity"),
            reading("off", always("offline"), "connectivity"),
        ),
        sends=(
            Sends(
                "tuya/«id»/state",
                '{"dps":{«…»}}',
                "json",
                30,
                members=('"1":«relay»', '"17":«energy»', '"18":«amp»', '"19":«watt»', '"20":«volt»'),
            ),
            Sends("tuya/«id»/status", "«on»", "scalar", None, retain=True),
            Sends("tuya/«id»/status", "«off»", "scalar", retain=True, will=True),
        ),
    ),
)
