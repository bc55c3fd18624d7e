"""OpenDTU: ``solar/<inverter>/<channel>/<name>``, one bare value a topic; channel 0 is the AC side."""

from simulators.dialect import Dialect, noise, reading, scalars
from simulators.identity import digits
from simulators.signals import daily, derived, sun, times, total, walk
from simulators.states import always, when

DIALECTS = (
    Dialect(
        name="opendtu",
        product="OpenDTU with a Hoymiles HM-800",
        device="«serial»",
        fields=(
            noise("serial", digits(12)),
            reading("dc", sun(410), "power", "W", ".1f"),
            reading("dcvolt", walk(31, 36, 0.4), "voltage", "V", ".1f"),
            reading("dcamp", derived(lambda moment: moment.of("dc") / moment.of("dcvolt")), "current", "A", ".2f"),
            reading("ac", times("dc", 0.952), "power", "W", ".1f"),
            reading("volt", walk(228, 237, 0.8), "voltage", "V", ".1f"),
            reading("freq", walk(49.93, 50.07, 0.03), "frequency", "Hz", ".2f"),
            reading("day", total("ac", (0, 40)), "energy", "W.h", ".1f"),
            reading("total", total("ac", (120, 1900), 1e-3), "energy", "kW.h", ".3f"),
            reading("temp", daily(24, 14, 0.4), "temperature", "Cel", ".1f"),
            reading("producing", when("ac", 1.0, ("0", "1")), "running", quantity_also=("power_state",)),
            reading("reachable", always("1"), "connectivity"),
        ),
        sends=(
            *scalars("solar/«serial»/0", {"power": "ac", "voltage": "volt", "frequency": "freq", "temperature": "temp"}),
            *scalars("solar/«serial»/0", {"yieldday": "day", "yieldtotal": "total"}, every_seconds=90),
            *scalars("solar/«serial»/1", {"power": "dc", "voltage": "dcvolt", "current": "dcamp"}, every_seconds=90),
            *scalars("solar/«serial»/status", {"producing": "producing", "reachable": "reachable"}, every_seconds=240, retain=True),
        ),
    ),
)
