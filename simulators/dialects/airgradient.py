"""AirGradient ONE: ``airgradient/readings/<serial>``, flat JSON without units."""

from simulators.dialect import Dialect, Sends, noise, reading
from simulators.identity import counter, hexadecimal
from simulators.signals import daily, times, walk

DIALECTS = (
    Dialect(
        name="airgradient",
        product="AirGradient ONE (I-9PSL)",
        device="«serial»",
        fields=(
            noise("serial", hexadecimal(12)),
            noise("boot", counter(0, 900)),
            reading("wifi", walk(-74, -41, 2), "signal_strength", "dBm", "d"),
            reading("pm25", walk(1, 38, 2), "pm25", "ug/m3", "d"),
            reading("pm1", times("pm25", 0.7), "pm1", "ug/m3", "d"),
            reading("pm10", times("pm25", 1.15), "pm10", "ug/m3", "d"),
            reading("count", times("pm25", 96), "particle_count", None, "d", unit_also=("/dL", "{#}")),
            reading("temp", daily(22.1, 1.8, 0.1), "temperature", "Cel", ".1f"),
            reading("hum", daily(46, 7, 0.5, 4), "humidity", "%", "d"),
            reading("co2", daily(690, 240, 25, 20), "carbon_dioxide", "[ppm]", "d"),
            reading("voc", walk(60, 180, 12), "volatile_organic_compounds", None, "d", quantity_also=("aqi",)),
            reading("nox", walk(1, 5, 0.6), "aqi", None, "d", quantity_also=("nitrogen_dioxide", "nitrogen_monoxide", "gas_concentration")),
        ),
        sends=(
            Sends(
                "airgradient/readings/«serial»",
                '{"wifi":«wifi»,"serialno":"«serial»","rco2":«co2»,"pm01":«pm1»,"pm02":«pm25»,"pm10":«pm10»,"pm003Count":«count»,"atmp":«temp»,'
                '"rhum":«hum»,"tvocIndex":«voc»,"noxIndex":«nox»,"bootCount":«boot»,"firmware":"3.1.9","model":"I-9PSL"}',
                "json",
            ),
        ),
    ),
)
