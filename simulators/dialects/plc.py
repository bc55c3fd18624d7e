"""A PLC's status lines as text: a machine's state and its process values, and an alarm now and then."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import clock, numbered
from simulators.signals import daily, derived, walk
from simulators.states import machine, when

DIALECTS = (
    Dialect(
        name="plc-line",
        product="PLC with a status line a minute (S7-1200 behind a text gateway)",
        device="«pump»",
        fields=(
            noise("pump", numbered("P10", "P20", sign="")),
            stamp("time", clock("%Y-%m-%d %H:%M:%S")),
            reading("state", machine({"RUNNING": (90, ("STOPPED", "FAULT")), "STOPPED": (12, ("RUNNING",)), "FAULT": (5, ("STOPPED",))},
                                     {"running": "RUNNING", "stopped": "STOPPED", "fault": "FAULT"}),
                    "status", quantity_also=("running", "mode")),
            reading("speed", walk(1420, 1490, 6), "rotational_speed", "/min", "d"),
            reading("flow", walk(9, 16, 0.4), "volume_flow_rate", "m3/h", ".1f"),
            reading("press", walk(2.8, 4.4, 0.1), "pressure", "bar", ".2f"),
            reading("temp", daily(46, 5, 0.5), "temperature", "Cel", ".1f", name="bearing"),
            reading("vib", walk(0.8, 4.8, 0.3), "vibration_velocity", "mm/s", ".2f", name="vibration"),
            reading("level", walk(20, 95, 2), "level", "%", "d", name="tank level"),
            noise("severity", when("level", 80, ("INFO", "WARN"))),
            reading("power", derived(lambda moment: moment.of("flow") * moment.of("press") * 0.042), "power", "kW", ".2f"),
        ),
        sends=(
            Sends(
                "plant/pumps/«pump»/status",
                "«time» «pump» «state» speed=«speed»rpm flow=«flow» m3/h press=«press» bar power=«power» kW",
                "kv",
            ),
            Sends(
                "plant/pumps/«pump»/log",
                "[«time»] «severity»: «pump» bearing «temp» °C, vibration «vib» mm/s, tank level «level» %",
                "text",
                90,
            ),
        ),
    ),
)  # fmt: skip
