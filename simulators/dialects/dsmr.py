"""DSMR 5 P1 telegram of a Dutch smart meter, passed on whole: identification, OBIS lines, CRC."""

from simulators.checksums import p1
from simulators.dialect import Dialect, Sends, hidden, noise, reading, stamp
from simulators.identity import clock, digits
from simulators.signals import clamped, daily, derived, lazy, sun, total, walk

DIALECTS = (
    Dialect(
        name="dsmr-p1",
        product="DSMR 5.0 smart meter (Landis+Gyr E350) on a P1 reader",
        device="«meter»",
        fields=(
            noise("meter", lambda _rng: lambda moment: f"45303036373030{moment.number:03d}3034303139".ljust(34, "3")),
            noise("gasmeter", lambda _rng: lambda moment: f"473030343030313934{moment.number:03d}".ljust(34, "8")),
            noise("node", digits(6)),
            stamp("time", clock("%y%m%d%H%M%SS")),
            noise("gastime", clock("%y%m%d%H0000S")),
            reading("tariff", lambda _rng: lambda moment: "0002" if 7 <= moment.time % 86400 / 3600 < 23 else "0001", "mode",
                    name="0-0:96.14.0", optional=True, quantity_also=("status", "other", "ratio")),
            hidden("load", clamped(daily(0.55, 0.4, 0.08, 19), 0.08, 9), "power", "kW"), hidden("pv", sun(2.4), "power", "kW"),
            reading("in", derived(lambda moment: max(0.0, moment.of("load") - moment.of("pv"))), "power", "kW", "06.3f", name="1-0:1.7.0"),
            reading("out", derived(lambda moment: max(0.0, moment.of("pv") - moment.of("load"))), "power", "kW", "06.3f", name="1-0:2.7.0"),
            reading("in1", total("in", (1200, 9000), 0.3), "energy", "kW.h", "010.3f", name="1-0:1.8.1"),
            reading("in2", total("in", (1200, 9000), 0.7), "energy", "kW.h", "010.3f", name="1-0:1.8.2"),
            reading("out1", total("out", (300, 3000), 0.3), "energy", "kW.h", "010.3f", name="1-0:2.8.1"),
            reading("out2", total("out", (300, 3000), 0.7), "energy", "kW.h", "010.3f", name="1-0:2.8.2"),
            reading("volt", walk(226, 237, 0.8), "voltage", "V", ".1f", name="1-0:32.7.0"),
            reading("amp", derived(lambda moment: (moment.of("in") + moment.of("out")) * 1000 / moment.of("volt")), "current", "A", "03.0f",
                    name="1-0:31.7.0"),
            hidden("burn", daily(0.18, 0.17, 0.0, 7), "volume_flow_rate", "m3/h"),
            reading("gas", lazy(total("burn", (800, 6000)), 0.02), "gas", "m3", "09.3f", name="0-1:24.2.1[1]"),
        ),
        sends=(
            Sends(
                "p1/«node»/telegram",
                "/XMX5LGBBFG1009021021\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(«time»)\r\n0-0:96.1.1(«meter»)\r\n1-0:1.8.1(«in1»*kWh)\r\n"
                "1-0:1.8.2(«in2»*kWh)\r\n1-0:2.8.1(«out1»*kWh)\r\n1-0:2.8.2(«out2»*kWh)\r\n0-0:96.14.0(«tariff»)\r\n1-0:1.7.0(«in»*kW)\r\n"
                "1-0:2.7.0(«out»*kW)\r\n1-0:32.7.0(«volt»*V)\r\n1-0:31.7.0(«amp»*A)\r\n0-1:24.1.0(003)\r\n0-1:96.1.0(«gasmeter»)\r\n"
                "0-1:24.2.1(«gastime»)(«gas»*m3)\r\n!",
                "telegram",
                seal=p1,
            ),
        ),
    ),
)  # fmt: skip
