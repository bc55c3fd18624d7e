"""SenML (RFC 8428): a pack of records with base name, base time and a unit each."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import epoch, hexadecimal
from simulators.signals import cell_voltage, clamped, daily

DIALECTS = (
    Dialect(
        name="senml",
        product="SenML pack of a constrained node",
        device="urn:dev:mac:«mac»:",
        fields=(
            noise("mac", hexadecimal(16)),
            stamp("time", epoch()),
            reading("temp", daily(19.8, 3.0, 0.1), "temperature", "Cel", ".1f"),
            reading("hum", daily(50, 8, 0.5, 4), "humidity", "%", ".1f"),
            reading("lux", clamped(daily(350, 380, 20, 12.5), 0, 900), "illuminance", "lx", "d"),
            reading("volt", cell_voltage(2.1, 3.1), "battery_voltage", "V", ".2f", quantity_also=("voltage",)),
        ),
        sends=(
            Sends(
                "senml/«mac»/sensors",
                '[{"bn":"urn:dev:mac:«mac»:","bt":«time»,"n":"temperature","u":"Cel","v":«temp»},{"n":"humidity","u":"%RH","v":«hum»},'
                '{"n":"illuminance","u":"lx","v":«lux»},{"n":"voltage","u":"V","v":«volt»}]',
                "json",
            ),
        ),
    ),
)
