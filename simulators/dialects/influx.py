"""InfluxDB line protocol: Telegraf's MQTT output for a host, and a field node that writes it itself."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import epoch, hexadecimal, numbered
from simulators.signals import cell_voltage, clamped, daily, derived, walk

TELEGRAF = Dialect(
    name="telegraf",
    product="Telegraf with inputs cpu, mem and temp, output mqtt",
    device="«host»",
    fields=(
        noise("host", numbered("edge", "nas", "pi", sign="-")),
        stamp("time", epoch("ns")),
        reading("user", clamped(daily(22, 15, 6, 14), 0.5, 90), "cpu_load", "%", ".4f", name="usage_user"),
        reading("system", walk(1, 9, 1), "cpu_load", "%", ".4f", name="usage_system"),
        reading("idle", derived(lambda moment: 100 - moment.of("user") - moment.of("system")), "percentage", "%", ".4f",
                name="usage_idle", quantity_also=("cpu_load",)),
        reading("free", walk(6e8, 3.2e9, 4e7), "data_size", "By", "d", name="available"),
        reading("mem", derived(lambda moment: 100 - moment.of("free") / 41e6), "memory_usage", "%", ".4f", name="used_percent"),
        reading("temp", daily(52, 6, 1.5), "temperature", "Cel", ".1f", name="temp", inner=True),
    ),
    sends=(
        Sends("telegraf/«host»/cpu", "cpu,cpu=cpu-total,host=«host» "
              "usage_user=«user»,usage_system=«system»,usage_idle=«idle» «time»", "kv"),
        Sends("telegraf/«host»/mem", "mem,host=«host» available=«free»i,used_percent=«mem» «time»", "kv", 90),
        Sends("telegraf/«host»/temp", "temp,host=«host»,sensor=cpu_thermal temp=«temp» «time»", "kv", 90),
    ),
)  # fmt: skip

FIELD_NODE = Dialect(
    name="influx-node",
    product="A field node that writes InfluxDB line protocol",
    device="«node»",
    fields=(
        noise("node", hexadecimal(8)),
        stamp("time", epoch("ms")),
        reading("temp", daily(17, 6, 0.2), "temperature", "Cel", ".2f", name="temperature_c"),
        reading("hum", daily(62, 15, 0.5, 4), "humidity", "%", ".2f", name="humidity_pct"),
        reading("batt", cell_voltage(3300, 4170), "battery_voltage", "mV", "d", name="battery_mv"),
    ),
    sends=(
        Sends(
            "field/«node»/line",
            "climate,node=«node»,site=north temperature_c=«temp»,humidity_pct=«hum»,battery_mv=«batt»i «time»",
            "kv",
        ),
    ),
)

DIALECTS = (TELEGRAF, FIELD_NODE)
