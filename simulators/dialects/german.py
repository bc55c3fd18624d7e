"""Devices that speak German: a weather station in JSON, a heating controller in a line of text with decimal commas."""

from simulators.dialect import Dialect, Sends, hidden, noise, reading, stamp
from simulators.identity import clock, numbered
from simulators.moment import Signal
from simulators.signals import cell_voltage, clamped, daily, derived, rain, sun, total, walk
from simulators.states import switch


def comma(slot: str, decimals: int = 1) -> Signal:
    """A slot's number with a decimal comma."""
    return lambda _rng: lambda moment: f"{moment.of(slot):.{decimals}f}".replace(".", ",")


WEATHER = Dialect(
    name="german-weather",
    product="Weather station with German keys",
    device="«node»",
    fields=(
        noise("node", numbered("garten", "dach", sign="-")),
        stamp("time", clock("%d.%m.%Y %H:%M:%S")),
        reading("temp", daily(13.5, 6, 0.2), "temperature", "Cel", ".1f"),
        reading("hum", clamped(daily(68, 18, 1, 4), 20, 99), "humidity", "%", "d"),
        reading("press", walk(994, 1024, 0.3), "atmospheric_pressure", "hPa", ".1f"),
        reading("wind", walk(0, 34, 3), "wind_speed", "km/h", ".1f"),
        reading("dir", walk(0, 359, 25), "wind_direction", "deg", "d"),
        reading("lux", sun(92000), "illuminance", "lx", "d"),
        hidden("rate", rain(6), "precipitation_intensity", "mm/h"),
        reading("rain", total("rate", (0, 8)), "precipitation", "mm", ".1f"),
        reading("batt", cell_voltage(3.3, 4.15), "battery_voltage", "V", ".2f"),
    ),
    sends=(
        Sends(
            "wetter/«node»/daten",
            '{"Zeit":"«time»","Aussentemperatur":«temp»,"Luftfeuchtigkeit":«hum»,"Luftdruck_hPa":«press»,"Wind":{"Geschwindigkeit_kmh":«wind»,'
            '"Richtung_Grad":«dir»},"Helligkeit_lux":«lux»,"Regen_mm":«rain»,"Batteriespannung_V":«batt»}',
            "json",
        ),
    ),
    language="de",
)

HEATING = Dialect(
    name="german-heating",
    product="Heating controller that writes a line of German",
    device="«node»",
    fields=(
        noise("node", numbered("heizung", sign="-")),
        hidden("flow_c", daily(52, 8, 0.8, 7), "temperature", "Cel"),
        hidden("return_c", derived(lambda moment: moment.of("flow_c") - 11.5), "temperature", "Cel"),
        hidden("out_c", daily(9, 6, 0.2), "temperature", "Cel"), hidden("bar", walk(1.2, 1.9, 0.02), "pressure", "bar"),
        reading("flow", comma("flow_c"), "temperature", "Cel", name="Vorlauf"),
        reading("return", comma("return_c"), "temperature", "Cel", name="Rücklauf"),
        reading("out", comma("out_c"), "temperature", "Cel", name="Außentemperatur"),
        reading("press", comma("bar", 2), "pressure", "bar", name="Anlagendruck"),
        reading("burner", switch(25, 35, ("AUS", "EIN")), "running", name="Brenner", quantity_also=("power_state", "status")),
    ),
    sends=(
        Sends(
            "haus/«node»/status",
            "Vorlauf: «flow» °C; Rücklauf: «return» °C; Außentemperatur: «out» °C; Anlagendruck: «press» bar; Brenner: «burner»",
            "kv",
        ),
    ),
    language="de",
)  # fmt: skip

DIALECTS = (WEATHER, HEATING)
