"""Shelly, second generation: component status as JSON, and the same by RPC in ``NotifyStatus``."""

from simulators.dialect import Dialect, Sends, noise, reading, scalars, stamp
from simulators.identity import epoch, hexadecimal
from simulators.moment import Moment
from simulators.signals import clamped, daily, derived, fahrenheit, total, walk
from simulators.states import always, switch


def minute(moment: Moment) -> float:
    """Milliwatt-hours of a minute at the present power."""
    return moment.of("watt") * 1000 / 60


DIALECTS = (
    Dialect(
        name="shelly2-1pm",
        product="Shelly Plus 1PM",
        device="shellyplus1pm-«id»",
        fields=(
            noise("id", hexadecimal(12)),
            stamp("ts", epoch()),
            noise("minute_ts", lambda _rng: lambda moment: int(moment.time) // 60 * 60),
            reading("output", switch(300, 25, ("false", "true")), "power_state"),
            reading("watt", clamped(daily(420, 380, 60, 18), 0, 3500), "power", "W", ".1f"),
            reading("volt", walk(226, 237, 0.7), "voltage", "V", ".1f"),
            reading("freq", walk(49.92, 50.08, 0.03), "frequency", "Hz", ".1f"),
            reading("amp", derived(lambda moment: moment.of("watt") / moment.of("volt")), "current", "A", ".3f"),
            reading("pf", walk(0.88, 1.0, 0.02), "power_factor", None, ".2f", unit_also=("1",)),
            reading("wh", total("watt", (1000, 400_000)), "energy", "W.h", ".3f"),
            reading("min0", derived(minute), "energy", "mW.h", ".3f"),
            reading("min1", derived(lambda moment: minute(moment) * 0.98), "energy", "mW.h", ".3f"),
            reading("min2", derived(lambda moment: minute(moment) * 1.03), "energy", "mW.h", ".3f"),
            reading("temp", daily(44, 5, 0.4), "temperature", "Cel", ".1f", inner=True),
            reading("temp_f", fahrenheit("temp"), "temperature", "[degF]", ".1f", inner=True),
            reading("online", always("true"), "connectivity"),
        ),
        sends=(
            Sends(
                "shellyplus1pm-«id»/status/switch:0",
                '{"id":0, "source":"init", "output":«output», "apower":«watt», "voltage":«volt», "freq":«freq», "current":«amp», '
                '"pf":«pf», "aenergy":{"total":«wh»,"by_minute":[«min0»,«min1»,«min2»],"minute_ts":«minute_ts»},'
                '"temperature":{"tC":«temp», "tF":«temp_f»}}',
                "json",
            ),
            Sends(
                "shellyplus1pm-«id»/events/rpc",
                '{"src":"shellyplus1pm-«id»","dst":"shellyplus1pm-«id»/events","method":"NotifyStatus","params":{"ts":«ts»,'
                '"switch:0":{"id":0,"apower":«watt»,"current":«amp»,"voltage":«volt»}}}',
                "json",
                90,
            ),
            *scalars("shellyplus1pm-«id»", {"online": "online"}, every_seconds=None, retain=True),
        ),
    ),
)
