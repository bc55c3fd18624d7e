"""Devices that speak Spanish: irrigation in a line of text with decimal commas, a solar charger in JSON."""

from simulators.dialect import Dialect, Sends, hidden, noise, reading, stamp
from simulators.dialects.german import comma
from simulators.identity import clock, numbered
from simulators.signals import daily, derived, sun, total, walk
from simulators.states import switch, when

IRRIGATION = Dialect(
    name="spanish-irrigation",
    product="Irrigation controller that writes a line of Spanish",
    device="«node»",
    fields=(
        noise("node", numbered("riego", sign="-")),
        hidden("soil_pct", walk(24, 60, 0.5), "soil_moisture", "%"),
        hidden("air_c", daily(22, 5, 0.2), "temperature", "Cel"),
        hidden("flow_m3h", walk(0, 2, 0.2), "volume_flow_rate", "m3/h"),
        reading("soil", comma("soil_pct"), "soil_moisture", "%", name="Humedad del suelo", inner=True),
        reading("air", comma("air_c"), "temperature", "Cel", name="Temperatura", inner=True),
        reading("flow", comma("flow_m3h", 2), "volume_flow_rate", "m3/h", name="Caudal", inner=True),
        reading("pump", switch(12, 50, ("APAGADA", "ENCENDIDA")), "running", name="Bomba", quantity_also=("power_state", "status")),
    ),
    sends=(
        Sends(
            "finca/«node»/estado",
            "Humedad del suelo: «soil» %; Temperatura: «air» °C; Caudal: «flow» m³/h; Bomba: «pump»",
            "kv",
        ),
    ),
    language="es",
)

SOLAR = Dialect(
    name="spanish-solar",
    product="Solar charger with Spanish keys",
    device="«node»",
    fields=(
        noise("node", numbered("cargador", sign="-")),
        stamp("time", clock("%Y-%m-%d %H:%M:%S")),
        reading("power", sun(420), "power", "W", "d"),
        reading("volt", walk(34, 41, 0.5), "voltage", "V", ".1f"),
        reading("amp", derived(lambda moment: moment.of("power") / moment.of("volt") if moment.of("volt") else 0.0), "current", "A", ".2f"),
        reading("bank", walk(30, 99, 0.5), "battery", "%", "d"),
        reading("today", total("power", (0, 1), 1e-3), "energy", "kW.h", ".2f"),
        reading("state", when("power", 5, ("parado", "generando")), "running", quantity_also=("status", "mode")),
    ),
    sends=(
        Sends(
            "solar/«node»/datos",
            '{"fecha":"«time»","potencia_W":«power»,"tensión_V":«volt»,"corriente_A":«amp»,"carga_batería":«bank»,"energía_hoy_kWh":«today»,'
            '"estado":"«state»"}',
            "json",
        ),
    ),
    language="es",
)

DIALECTS = (IRRIGATION, SOLAR)
