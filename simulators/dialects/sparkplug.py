"""A gateway that writes Sparkplug B's data message (DDATA) as JSON: a list of metrics with name, type and value."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import counter, epoch, numbered
from simulators.signals import arrivals, daily, walk
from simulators.states import switch

DIALECTS = (
    Dialect(
        name="sparkplug-json",
        product="Edge gateway with Sparkplug topics and JSON metrics",
        device="«node»",
        fields=(
            noise("node", numbered("press", "mixer", "oven", sign="-")),
            stamp("time", epoch("ms")),
            noise("seq", counter(0, 200)),
            reading("temp", daily(182, 7, 1), "temperature", "Cel", ".1f"),
            reading("press", walk(5.4, 7.9, 0.15), "pressure", "bar", ".2f"),
            reading("motor", walk(11, 19, 0.6), "current", "A", ".2f"),
            reading("parts", arrivals(240, (0, 90000)), "count", None, "d", unit_also=("{#}",)),
            reading("running", switch(120, 10, ("false", "true")), "running"),
        ),
        sends=(
            Sends(
                "spBv1.0/hall2/DDATA/edge1/«node»",
                '{"timestamp":«time»,"metrics":[{"name":"Process/Temperature_C","timestamp":«time»,"dataType":"Float","value":«temp»},'
                '{"name":"Hydraulic/Pressure_bar","timestamp":«time»,"dataType":"Float","value":«press»},'
                '{"name":"Motor/Current_A","timestamp":«time»,"dataType":"Float","value":«motor»},'
                '{"name":"Counter/Parts","timestamp":«time»,"dataType":"Int64","value":«parts»},'
                '{"name":"State/Running","timestamp":«time»,"dataType":"Boolean","value":«running»}],"seq":«seq»}',
                "json",
            ),
        ),
    ),
)
