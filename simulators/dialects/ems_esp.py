"""EMS-ESP: a boiler's bus as one JSON object, ``status`` as birth and will."""

from simulators.dialect import Dialect, Sends, noise, reading
from simulators.identity import numbered
from simulators.signals import clamped, daily, derived, walk
from simulators.states import always, switch

DIALECTS = (
    Dialect(
        name="ems-esp",
        product="EMS-ESP on a Buderus boiler",
        device="«base»",
        fields=(
            noise("base", numbered("ems-esp", sign="-")),
            reading("set", daily(55, 8, 0, 7), "setpoint", "Cel", "d"),
            reading("flow", derived(lambda moment: moment.of("set") - 1.5), "temperature", "Cel", ".1f"),
            reading("return", derived(lambda moment: moment.of("flow") - 10), "temperature", "Cel", ".1f"),
            reading("flue", derived(lambda moment: moment.of("flow") + 30), "temperature", "Cel", ".1f"),
            reading("outside", daily(7, 5, 0.2), "temperature", "Cel", ".1f"),
            reading("press", walk(1.2, 1.8, 0.02), "pressure", "bar", ".1f"),
            reading("gas", switch(15, 20, ("off", "on")), "running", quantity_also=("power_state",)),
            reading("modulation", clamped(walk(0, 90, 8), 0, 100), "duty_cycle", "%", "d", quantity_also=("percentage", "power")),
            reading("on", always("online"), "connectivity"),
            reading("off", always("offline"), "connectivity"),
        ),
        sends=(
            Sends(
                "«base»/boiler_data",
                '{"selflowtemp":«set»,"curflowtemp":«flow»,"rettemp":«return»,"exhausttemp":«flue»,"outdoortemp":«outside»,"syspress":«press»,'
                '"burngas":"«gas»","curburnpow":«modulation»,"servicecode":"0Y","servicecodenumber":204}',
                "json",
            ),
            Sends("«base»/status", "«on»", "scalar", None, retain=True),
            Sends("«base»/status", "«off»", "scalar", retain=True, will=True),
        ),
    ),
)
