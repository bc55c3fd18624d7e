"""OctoPrint's MQTT plugin: ``octoPrint/temperature/<heater>`` with actual and target, and the printer's progress."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import epoch, numbered
from simulators.signals import derived, walk
from simulators.states import machine

DIALECTS = (
    Dialect(
        name="octoprint",
        product="OctoPrint with the MQTT plugin",
        device="«printer»",
        fields=(
            noise("printer", numbered("prusa", "ender", sign="-")),
            stamp("time", epoch()),
            reading("state", machine({"Printing": (120, ("Operational", "Paused")), "Operational": (25, ("Printing",)),
                                      "Paused": (6, ("Printing",))}), "status", quantity_also=("mode",)),
            reading("target", derived(lambda moment: 215.0 if moment.value("state") == "Printing" else 0), "setpoint", "Cel", ".1f"),
            noise("drift", walk(-1.5, 1.5, 0.4)),
            reading("actual", derived(lambda moment: max(24.0, moment.of("target")) + moment.of("drift")), "temperature", "Cel", ".2f"),
            reading("bed_target", derived(lambda moment: 60.0 if moment.value("state") == "Printing" else 0), "setpoint", "Cel", ".1f"),
            reading("bed", derived(lambda moment: max(23, moment.of("bed_target")) + moment.of("drift") / 2), "temperature", "Cel", ".2f"),
            reading("done", walk(0, 100, 2), "percentage", "%", "d"),
        ),
        sends=(
            Sends("«printer»/temperature/tool0", '{"_timestamp":«time»,"actual":«actual»,"target":«target»}', "json"),
            Sends("«printer»/temperature/bed", '{"_timestamp":«time»,"actual":«bed»,"target":«bed_target»}', "json"),
            Sends(
                "«printer»/progress/printing",
                '{"_timestamp":«time»,"location":"local","path":"bracket_v3.gcode","progress":«done»,"printer_data":{"state":{"text":"«state»"}}}',
                "json",
                120,
            ),
        ),
    ),
)  # fmt: skip
