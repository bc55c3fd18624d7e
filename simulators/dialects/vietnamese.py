"""Devices that speak Vietnamese: a greenhouse in JSON (keys without marks), a pond in text (with marks)."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import clock, numbered
from simulators.signals import charge_percent, clamped, daily, sun, walk
from simulators.states import switch

GREENHOUSE = Dialect(
    name="vietnamese-greenhouse",
    product="Greenhouse controller with Vietnamese keys",
    device="«node»",
    fields=(
        noise("node", numbered("nha_kinh", sign="_")),
        stamp("time", clock("%Y-%m-%d %H:%M:%S")),
        reading("temp", daily(29.5, 4, 0.2, 14), "temperature", "Cel", ".1f"),
        reading("hum", clamped(daily(76, 12, 1, 4), 30, 99), "humidity", "%", ".1f"),
        reading("soil", walk(28, 72, 1), "soil_moisture", "%", "d"),
        reading("lux", sun(61000), "illuminance", "lx", "d"),
        reading("pump", switch(12, 60, ("TAT", "BAT")), "running", quantity_also=("power_state",)),
        reading("batt", charge_percent(), "battery", "%", "d"),
    ),
    sends=(
        Sends(
            "nongtrai/«node»/cambien",
            '{"thoi_gian":"«time»","nhiet_do":«temp»,"do_am_khong_khi":«hum»,"do_am_dat":«soil»,"anh_sang_lux":«lux»,"may_bom":"«pump»","pin":«batt»}',
            "json",
        ),
    ),
    language="vi",
)

POND = Dialect(
    name="vietnamese-pond",
    product="Shrimp-pond probe that writes a line of Vietnamese",
    device="«node»",
    fields=(
        noise("node", numbered("ao", sign="")),
        reading("temp", daily(28.6, 1.4, 0.1), "temperature", "Cel", ".1f", name="Nhiệt độ nước"),
        reading("ph", walk(7.4, 8.5, 0.04), "ph", "[pH]", ".2f", name="pH", unit_also=(None,)),
        reading("oxygen", daily(5.6, 1.3, 0.1, 16), "dissolved_oxygen", "mg/L", ".2f", name="Oxy hòa tan"),
        reading("salt", walk(12, 19, 0.1), "salinity", "[ppth]", ".1f", name="Độ mặn"),
    ),
    sends=(
        Sends(
            "ao_tom/«node»",
            "Nhiệt độ nước: «temp» °C, pH: «ph», Oxy hòa tan: «oxygen» mg/L, Độ mặn: «salt» ppt",
            "kv",
        ),
    ),
    language="vi",
)

DIALECTS = (GREENHOUSE, POND)
