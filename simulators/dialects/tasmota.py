"""Tasmota: ``tele/<node>/SENSOR`` and ``STATE`` as JSON, ``LWT`` retained: a plug with energy meter, a climate sensor."""

from simulators.dialect import Dialect, Sends, noise, reading, scalars, stamp
from simulators.identity import clock, hexadecimal, mac, uptime
from simulators.moment import Moment
from simulators.signals import arrivals, clamped, daily, derived, dew_point, lazy, total, walk
from simulators.states import always, switch

STATE = (
    '{"Time":"«time»","Uptime":"«up»","UptimeSec":«upsec»,"Heap":«heap»,"SleepMode":"Dynamic","Sleep":50,"LoadAvg":«load»,'
    '"MqttCount":«mqtt»,"Wifi":{"AP":1,"SSId":"workshop","BSSId":"«ap»","Channel":6,"Mode":"11n","RSSI":«rssi»,"Signal":«signal»,'
    '"LinkCount":«links»,"Downtime":"0T00:00:07"}}'
)
FIELDS = (
    noise("node", hexadecimal(6, upper=True)),
    stamp("time", clock("%Y-%m-%dT%H:%M:%S")),
    reading("upsec", uptime(), "uptime", "s"),
    noise("up", lambda _rng: lambda moment: period(int(moment.of("upsec")))),
    reading("heap", walk(22, 29, 1), "data_size", "kBy", "d", unit_also=("KiBy",)),
    reading("load", walk(19, 60, 15), "cpu_load", "%", "d", optional=True, unit_also=(None,)),
    reading("mqtt", arrivals(0.02, (1, 4)), "count", None, "d", optional=True),
    reading("links", arrivals(0.02, (1, 4)), "count", None, "d", optional=True),
    noise("ap", mac()),
    reading("signal", walk(-78, -48, 2), "signal_strength", "dBm", "d"),
    reading("rssi", derived(lambda moment: min(100.0, 2 * (moment.of("signal") + 100))), "signal_quality", "%", "d",
            quantity_also=("signal_strength",)),
    reading("online", always("Online"), "connectivity"),
)  # fmt: skip


def period(seconds: int) -> str:
    """A length of time as Tasmota writes it: ``3T04:05:06``."""
    return f"{seconds // 86400}T{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def apparent(moment: Moment) -> float:
    """Volt-ampere that go with power and power factor."""
    return moment.of("power") / moment.of("factor")


def reactive(moment: Moment) -> float:
    """The rest of the power triangle, to first order; a meter's own arithmetic is no better at this load."""
    return moment.of("apparent") * (1 - moment.of("factor")) * 1.9


PLUG = Dialect(
    name="tasmota-plug",
    product="Tasmota on a plug with energy meter (Nous A1T)",
    device="tasmota_«node»",
    fields=(
        *FIELDS,
        reading("voltage", walk(227, 236, 0.8), "voltage", "V", "d"),
        reading("power", clamped(daily(80, 65, 12, 19), 4, 2300), "power", "W", "d"),
        reading("factor", walk(0.72, 0.98, 0.02), "power_factor", None, ".2f", unit_also=("1",)),
        reading("apparent", derived(apparent), "apparent_power", "VA", "d"),
        reading("reactive", derived(reactive), "reactive_power", "var", "d"),
        reading("current", derived(lambda moment: moment.of("apparent") / moment.of("voltage")), "current", "A", ".3f"),
        reading("total", total("power", (40, 900), 1e-3), "energy", "kW.h", ".3f"),
        reading("yesterday", lazy(walk(0.8, 2.4, 0.001), 0.5), "energy", "kW.h", ".3f"),
        reading("today", total("power", (0, 0.4), 1e-3), "energy", "kW.h", ".3f"),
        reading("period", walk(0, 9, 3), "energy", "W.h", "d"),
        reading("relay", switch(240, 30, ("OFF", "ON")), "power_state"),
    ),
    sends=(
        Sends(
            "tele/tasmota_«node»/SENSOR",
            '{"Time":"«time»","ENERGY":{"TotalStartTime":"2025-11-02T17:21:09","Total":«total»,"Yesterday":«yesterday»,"Today":«today»,'
            '"Period":«period»,"Power":«power»,"ApparentPower":«apparent»,"ReactivePower":«reactive»,"Factor":«factor»,'
            '"Voltage":«voltage»,"Current":«current»}}',
            "json",
        ),
        Sends("tele/tasmota_«node»/STATE", STATE.replace('"Wifi"', '"POWER":"«relay»","Wifi"'), "json", 120),
        *scalars("stat/tasmota_«node»", {"POWER": "relay"}, every_seconds=240),
        *scalars("tele/tasmota_«node»", {"LWT": "online"}, every_seconds=None, retain=True),
    ),
)  # fmt: skip

CLIMATE = Dialect(
    name="tasmota-climate",
    product="Tasmota with an AM2301 and a BH1750 on an ESP8266",
    device="tasmota_«node»",
    fields=(
        *FIELDS,
        reading("temp", daily(20.5, 2.5, 0.1), "temperature", "Cel", ".1f"),
        reading("hum", daily(48, 7, 0.4, 4), "humidity", "%", ".1f"),
        reading("dew", dew_point("temp", "hum"), "dew_point", "Cel", ".1f"),
        reading("lux", clamped(daily(300, 340, 15, 12.5), 0, 900), "illuminance", "lx", "d"),
    ),
    sends=(
        Sends(
            "tele/tasmota_«node»/SENSOR",
            '{"Time":"«time»","AM2301":{"Temperature":«temp»,"Humidity":«hum»,"DewPoint":«dew»},"BH1750":{"Illuminance":«lux»},"TempUnit":"C"}',
            "json",
        ),
        Sends("tele/tasmota_«node»/STATE", STATE, "json", 180),
        *scalars("tele/tasmota_«node»", {"LWT": "online"}, every_seconds=None, retain=True),
    ),
)

DIALECTS = (PLUG, CLIMATE)
