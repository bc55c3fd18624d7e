"""rtl_433: ``rtl_433/<host>/events``, a JSON object for each radio message that was heard."""

from simulators.dialect import Dialect, Sends, hidden, noise, reading, stamp
from simulators.identity import clock, digits, numbered
from simulators.signals import clamped, daily, rain, total, walk
from simulators.states import low_cell

DIALECTS = (
    Dialect(
        name="rtl-433",
        product="rtl_433 with a Bresser 5-in-1 and a Nexus-TH",
        device="«id»",
        fields=(
            noise("id", digits(5)),
            noise("host", numbered("radio", sign="")),
            stamp("time", clock("%Y-%m-%d %H:%M:%S")),
            reading("ok", low_cell(("1", "0")), "battery_low", inverted=True),
            reading("temp", daily(14, 6, 0.2), "temperature", "Cel", ".1f"),
            reading("hum", clamped(daily(70, 18, 1, 4), 20, 99), "humidity", "%", "d"),
            reading("gust", walk(0.5, 13, 1), "wind_gust", "m/s", ".3f", quantity_also=("wind_speed",)),
            reading("wind", lambda _rng: lambda moment: moment.of("gust") * 0.7, "wind_speed", "m/s", ".3f"),
            reading("dir", walk(0, 359, 25), "wind_direction", "deg", ".3f"),
            hidden("rate", rain(5), "precipitation_intensity", "mm/h"),
            reading("rain", total("rate", (5, 600)), "precipitation", "mm", ".3f"),
            reading("rssi", walk(-14, -0.2, 2), "signal_strength", "dB", ".3f", unit_also=("dBm", None)),
            reading("snr", walk(9, 32, 2), "signal_quality", "dB", ".3f"),
            reading(
                "floor",
                walk(-34, -24, 1),
                "signal_strength",
                "dB",
                ".3f",
                optional=True,
                quantity_also=("signal_quality", "sound_pressure"),
            ),
        ),
        sends=(
            Sends(
                "rtl_433/«host»/events",
                '{"time":"«time»","model":"Bresser-5in1","id":«id»,"battery_ok":«ok»,"temperature_C":«temp»,"humidity":«hum»,"wind_max_m_s":«gust»,'
                '"wind_avg_m_s":«wind»,"wind_dir_deg":«dir»,"rain_mm":«rain»,"mic":"CHECKSUM","mod":"FSK","freq1":868.304,"freq2":868.276,'
                '"rssi":«rssi»,"snr":«snr»,"noise":«floor»}',
                "json",
            ),
            Sends(
                "rtl_433/«host»/events",
                '{"time":"«time»","model":"Nexus-TH","id":«id»,"channel":2,"battery_ok":«ok»,"temperature_C":«temp»,"humidity":«hum»}',
                "json",
                90,
            ),
        ),
    ),
)
