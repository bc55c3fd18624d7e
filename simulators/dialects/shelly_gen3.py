"""Shelly, third generation, on batteries: it wakes to say what has changed; ``online`` is birth and will."""

from simulators.dialect import Dialect, Sends, noise, reading
from simulators.identity import hexadecimal
from simulators.signals import cell_voltage, charge_percent, daily, fahrenheit, lazy
from simulators.states import always

STATUS = "shellyhtg3-«id»/status/"

DIALECTS = (
    Dialect(
        name="shelly-ht-g3",
        product="Shelly H&T Gen3",
        device="shellyhtg3-«id»",
        fields=(
            noise("id", hexadecimal(12)),
            reading("temp", lazy(daily(20.2, 2.4, 0.1), 0.1), "temperature", "Cel", ".1f"),
            reading("temp_f", fahrenheit("temp"), "temperature", "[degF]", ".1f"),
            reading("hum", lazy(daily(49, 8, 0.5, 4), 0.5), "humidity", "%", ".1f"),
            reading("volt", cell_voltage(4.2, 6.1), "battery_voltage", "V", ".2f", quantity_also=("voltage",)),
            reading("batt", charge_percent(), "battery", "%", "d"),
            reading("mains", always("false"), "mains_power", optional=True, quantity_also=("presence", "connectivity")),
            reading("on", always("true"), "connectivity"),
            reading("off", always("false"), "connectivity"),
        ),
        sends=(
            Sends(STATUS + "temperature:0", '{"id": 0,"tC":«temp», "tF":«temp_f»}', "json", only_changes=True),
            Sends(STATUS + "humidity:0", '{"id": 0,"rh":«hum»}', "json", only_changes=True),
            Sends(
                STATUS + "devicepower:0",
                '{"id": 0,"battery":{"V":«volt», "percent":«batt»},"external":{"present":«mains»}}',
                "json",
                600,
            ),
            Sends("shellyhtg3-«id»/online", "«on»", "scalar", None, retain=True),
            Sends("shellyhtg3-«id»/online", "«off»", "scalar", retain=True, will=True),
        ),
    ),
)
