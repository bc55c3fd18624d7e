"""Fronius Solar API: the power-flow answer as it is, passed on to MQTT; consumption is negative there."""

from simulators.dialect import Dialect, Sends, hidden, noise, reading, stamp
from simulators.identity import clock, digits
from simulators.signals import sun, times, total, walk

DIALECTS = (
    Dialect(
        name="solar-api",
        product="Fronius GEN24 with its Solar API polled",
        device="«serial»",
        fields=(
            noise("serial", digits(8)),
            stamp("time", clock("%Y-%m-%dT%H:%M:%S+00:00")),
            reading("pv", sun(7200), "power", "W", ".1f"),
            hidden("load", walk(300, 2600, 120), "power", "W"),
            reading("drawn", times("load", -1), "power", "W", ".1f", inner=True),
            reading("grid", walk(0, 900, 60), "power", "W", ".1f"),
            reading("bank", walk(-900, 900, 60), "power", "W", ".1f"),
            reading("soc", walk(20, 100, 0.5), "battery", "%", ".1f"),
            reading("total", total("pv", (1e6, 9e6)), "energy", "W.h", ".1f"),
        ),
        sends=(
            Sends(
                "fronius/«serial»/powerflow",
                '{"Body":{"Data":{"Inverters":{"1":{"SOC":«soc»}},"Site":{"E_Total":«total»,"Meter_Location":"grid","Mode":"bidirectional",'
                '"P_Akku":«bank»,"P_Grid":«grid»,"P_Load":«drawn»,"P_PV":«pv»},"Version":"13"}},"Head":{"Timestamp":"«time»"}}',
                "json",
                20,
            ),
        ),
    ),
)
