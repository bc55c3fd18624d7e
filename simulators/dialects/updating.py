"""Devices whose firmware is updated while they run: keys are renamed, units change, values move into other objects."""

from simulators.dialect import Dialect, Sends, noise, reading
from simulators.identity import hexadecimal, numbered
from simulators.signals import cell_voltage, daily, times, walk

SOIL = Dialect(
    name="soil-node",
    product="LoRa soil node, firmware 1.8 to 2.0: short keys become long ones",
    device="«node»",
    fields=(
        noise("node", hexadecimal(12)),
        reading("temp", daily(17, 4, 0.1), "temperature", "Cel", ".1f"),
        reading("hum", daily(58, 9, 0.5, 4), "humidity", "%", "d"),
        reading("soil", walk(22, 58, 0.5), "soil_moisture", "%", "d"),
        reading("volt", cell_voltage(3.3, 4.15), "battery_voltage", "V", ".2f", quantity_also=("voltage",)),
    ),
    sends=(
        Sends("nodes/«node»", '{"id":"«node»","fw":"1.8.3","t":«temp»,"h":«hum»,"sm":«soil»,"vb":«volt»}', "json", firmware="old"),
        Sends(
            "nodes/«node»",
            '{"device":"«node»","firmware":"2.0.1","air":{"temperature_c":«temp»,"humidity_pct":«hum»},"soil_moisture_pct":«soil»,'
            '"battery_v":«volt»}',
            "json",
            firmware="new",
        ),
    ),
    updates_after=(300, 1800),
)

TANK = Dialect(
    name="ultrasonic-tank",
    product="Ultrasonic tank gauge, firmware 3 to 4: centimetres become millimetres",
    device="«node»",
    fields=(
        noise("node", numbered("gauge", sign="-")),
        reading("cm", walk(40, 260, 2), "distance", "cm", ".1f"),
        reading("mm", times("cm", 10), "distance", "mm", "d"),
        reading("level", walk(20, 95, 1), "level", "%", "d"),
        reading("litres", times("level", 80), "volume", "L", "d"),
        reading("temp", daily(14, 3, 0.1), "temperature", "Cel", ".1f"),
        reading("volt", cell_voltage(3000, 3650), "battery_voltage", "mV", "d", quantity_also=("voltage",)),
    ),
    sends=(
        Sends("tanks/«node»/up", '{"dist_cm":«cm»,"level_pct":«level»,"temp":«temp»,"bat_mv":«volt»}', "json", firmware="old"),
        Sends(
            "tanks/«node»/up",
            '{"v":4,"distance_mm":«mm»,"fill":{"percent":«level»,"litres":«litres»},"temperature":«temp»,"battery_mv":«volt»}',
            "json",
            firmware="new",
        ),
    ),
    updates_after=(300, 2400),
)

DIALECTS = (SOIL, TANK)
