"""Z-Wave JS UI: ``zwave/<node>/<class>/<endpoint>/<property>`` with time and value; the topic says what it is, and no unit."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import epoch, numbered
from simulators.signals import charge_percent, clamped, daily, lazy
from simulators.states import switch

VALUES = {
    "sensor_multilevel/endpoint_0/Air_temperature": "temp", "sensor_multilevel/endpoint_0/Humidity": "hum",
    "sensor_multilevel/endpoint_0/Illuminance": "lux", "battery/endpoint_0/level": "batt", "sensor_binary/endpoint_0/Motion": "motion",
}  # fmt: skip

DIALECTS = (
    Dialect(
        name="zwave-js",
        product="Z-Wave JS UI with an Aeotec MultiSensor 6",
        device="«node»",
        fields=(
            noise("node", numbered("nodeID", sign="_")),
            stamp("time", epoch("ms")),
            reading("temp", lazy(daily(21, 2, 0.1), 0.2), "temperature", "Cel", ".1f", unit_also=(None,)),
            reading("hum", lazy(daily(48, 7, 0.5, 4), 1), "humidity", "%", "d"),
            reading("lux", clamped(daily(260, 280, 20, 12.5), 0, 700), "illuminance", "lx", "d"),
            reading("batt", charge_percent(), "battery", "%", "d"),
            reading("motion", switch(4, 25, ("false", "true")), "motion"),
        ),
        sends=tuple(
            Sends(f"zwave/«node»/{path}", f'{{"time":«time»,"value":«{slot}»}}', "json", 100, retain=True) for path, slot in VALUES.items()
        ),
    ),
)
