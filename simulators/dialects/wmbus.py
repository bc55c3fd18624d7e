"""wmbusmeters: M-Bus meters as flat JSON with the unit in each key; a heat meter and a water meter."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import clock, digits, numbered
from simulators.signals import clamped, daily, derived, total, walk

HEAT = Dialect(
    name="mbus-heat",
    product="wmbusmeters with a Kamstrup MULTICAL 403",
    device="«id»",
    fields=(
        noise("id", digits(8)), noise("name", numbered("substation", sign="_")),
        stamp("time", clock()),
        reading("flow", walk(0.12, 0.9, 0.05), "volume_flow_rate", "m3/h", ".3f"),
        reading("t1", daily(68, 6, 0.5, 7), "temperature", "Cel", ".2f"),
        reading("t2", derived(lambda moment: moment.of("t1") - 24.5), "temperature", "Cel", ".2f"),
        reading("power", derived(lambda moment: moment.of("flow") * 1.163 * 24.5), "power", "kW", ".1f"),
        reading("energy", total("power", (2000, 90000)), "heat_energy", "kW.h", "d", quantity_also=("energy",)),
        reading("volume", total("flow", (50, 3000)), "volume", "m3", ".2f", quantity_also=("water",)),
        reading("status", lambda _rng: lambda _moment: "OK", "status", quantity_also=("problem",)),
    ),
    sends=(
        Sends(
            "wmbusmeters/«name»",
            '{"media":"heat","meter":"kamheat","name":"«name»","id":"«id»","status":"«status»","total_energy_consumption_kwh":«energy»,'
            '"total_volume_m3":«volume»,"volume_flow_m3h":«flow»,"power_kw":«power»,"t1_temperature_c":«t1»,"t2_temperature_c":«t2»,'
            '"timestamp":"«time»"}',
            "json",
            90,
        ),
    ),
)  # fmt: skip

WATER = Dialect(
    name="mbus-water",
    product="wmbusmeters with a Sensus iPERL",
    device="«id»",
    fields=(
        noise("id", digits(8)), noise("name", numbered("cold_water", sign="_")),
        stamp("time", clock()),
        reading("flow", clamped(daily(0.05, 0.12, 0.05, 8), 0, 2), "volume_flow_rate", "m3/h", ".3f"),
        reading("total", total("flow", (10, 900)), "water", "m3", ".3f", quantity_also=("volume",)),
        reading("rssi", walk(-92, -61, 3), "signal_strength", "dBm", "d"),
    ),
    sends=(
        Sends(
            "wmbusmeters/«name»",
            '{"media":"water","meter":"iperl","name":"«name»","id":"«id»","total_m3":«total»,"max_flow_m3h":«flow»,'
            '"timestamp":"«time»","device":"rtlwmbus[00000001]","rssi_dbm":«rssi»}',
            "json",
            90,
        ),
    ),
)  # fmt: skip

DIALECTS = (HEAT, WATER)
