"""A boiler controller that speaks Italian."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import clock, numbered
from simulators.signals import daily, derived, walk
from simulators.states import always, steady, switch

DIALECTS = (
    Dialect(
        name="italian-boiler",
        product="Boiler controller with Italian keys",
        device="«node»",
        fields=(
            noise("node", numbered("caldaia", sign="_")),
            stamp("time", clock("%d/%m/%Y %H:%M")),
            reading("flow", daily(56, 8, 0.6, 7), "temperature", "Cel", ".1f"),
            reading("return", derived(lambda moment: moment.of("flow") - 12), "temperature", "Cel", ".1f"),
            reading("press", walk(1.1, 1.9, 0.02), "pressure", "bar", ".2f"),
            reading("burner", switch(20, 25, ("spento", "acceso")), "running", quantity_also=("power_state", "status")),
            reading("block", steady(("no", "sì")), "problem", quantity_also=("alarm_state", "lock")),
            reading("on", always("collegata"), "connectivity", quantity_also=("status",)),
            reading("off", always("scollegata"), "connectivity", quantity_also=("status",)),
        ),
        sends=(
            Sends(
                "centrale/«node»/misure",
                '{"ora":"«time»","mandata":{"temperatura_C":«flow»},"ritorno":{"temperatura_C":«return»},"pressione_bar":«press»,'
                '"bruciatore":"«burner»","blocco":"«block»"}',
                "json",
            ),
            Sends("centrale/«node»/stato", "«on»", "scalar", None, retain=True),
            Sends("centrale/«node»/stato", "«off»", "scalar", retain=True, will=True),
        ),
        language="it",
    ),
)
