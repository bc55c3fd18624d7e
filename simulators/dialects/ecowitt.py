"""Ecowitt weather station: the form post of its gateway as it is (a query string in US units), passed on to MQTT."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import clock, hexadecimal, uptime
from simulators.signals import clamped, daily, derived, rain, sun, times, total, walk
from simulators.states import low_cell

DIALECTS = (
    Dialect(
        name="ecowitt",
        product="Ecowitt GW2000 with a WS69",
        device="«key»",
        fields=(
            noise("key", hexadecimal(32, upper=True)),
            stamp("time", clock("%Y-%m-%d+%H:%M:%S")),
            reading("runtime", uptime(), "uptime", "s"),
            reading("tempin", daily(70.2, 2.2, 0.1), "temperature", "[degF]", ".1f", name="tempinf"),
            reading("humin", daily(47, 5, 0.5, 4), "humidity", "%", "d", name="humidityin"),
            reading("baro", walk(29.6, 30.3, 0.006), "atmospheric_pressure", "[in_i'Hg]", ".3f", name="baromrelin"),
            reading(
                "baroabs", derived(lambda moment: moment.of("baro") - 0.41), "atmospheric_pressure", "[in_i'Hg]", ".3f", name="baromabsin"
            ),
            reading("temp", daily(58, 11, 0.3), "temperature", "[degF]", ".1f", name="tempf"),
            reading("hum", clamped(daily(66, 18, 1, 4), 20, 99), "humidity", "%", "d", name="humidity"),
            reading("dir", walk(0, 359, 25), "wind_direction", "deg", "d", name="winddir"),
            reading("wind", walk(0, 12, 1.2), "wind_speed", "[mi_i]/h", ".2f", name="windspeedmph"),
            reading("gust", times("wind", 1.45), "wind_gust", "[mi_i]/h", ".2f", name="windgustmph"),
            reading("sun", sun(880), "irradiance", "W/m2", ".2f", name="solarradiation"),
            reading("uv", times("sun", 0.008), "uv_index", None, "d", name="uv"),
            reading("rain", rain(0.3), "precipitation_intensity", "[in_i]/h", ".3f", name="rainratein"),
            reading("day", total("rain", (0, 0.2)), "precipitation", "[in_i]", ".3f", name="dailyrainin"),
            reading("year", total("rain", (4, 16)), "precipitation", "[in_i]", ".3f", name="yearlyrainin"),
            reading("low", low_cell(("0", "1")), "battery_low", name="wh65batt", quantity_also=("battery",)),
        ),
        sends=(
            Sends(
                "ecowitt/«key»",
                "PASSKEY=«key»&stationtype=GW2000A_V3.1.2&runtime=«runtime»&dateutc=«time»&tempinf=«tempin»&humidityin=«humin»"
                "&baromrelin=«baro»&baromabsin=«baroabs»&tempf=«temp»&humidity=«hum»&winddir=«dir»&windspeedmph=«wind»&windgustmph=«gust»"
                "&solarradiation=«sun»&uv=«uv»&rainratein=«rain»&dailyrainin=«day»&yearlyrainin=«year»&wh65batt=«low»&freq=868M&model=GW2000A",
                "kv",
            ),
        ),
    ),
)
