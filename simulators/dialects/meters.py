"""Meter readers: Tasmota's smart-meter script with the meter's own keys, and a camera that reads a gas meter's dials."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import clock, hexadecimal, numbered
from simulators.signals import clamped, daily, total
from simulators.states import always

SML = Dialect(
    name="sml-meter",
    product="Tasmota with an infrared head on a smart meter (SML)",
    device="tasmota_«node»",
    fields=(
        noise("node", hexadecimal(6, upper=True)),
        stamp("time", clock("%Y-%m-%dT%H:%M:%S")),
        reading("power", daily(640, 420, 60, 19), "power", "W", "d"),
        reading("energy", total("power", (2000, 30_000), 1e-3), "energy", "kW.h", ".4f"),
        reading("on", always("Online"), "connectivity"),
        reading("off", always("Offline"), "connectivity"),
    ),
    sends=(
        Sends("tele/tasmota_«node»/SENSOR", '{"Time":"«time»","SML":{"total_in_kWh":«energy»,"power_curr_W":«power»}}', "json", 20),
        Sends("tele/tasmota_«node»/LWT", "«on»", "scalar", None, retain=True),
        Sends("tele/tasmota_«node»/LWT", "«off»", "scalar", retain=True, will=True),
    ),
)

GAS = Dialect(
    name="gas-eye",
    product="AI-on-the-edge camera on a gas meter",
    device="«node»",
    fields=(
        noise("node", numbered("gaseye", sign="-")),
        stamp("time", clock("%Y-%m-%dT%H:%M:%S+0000")),
        reading("rate", clamped(daily(0.03, 0.03, 0.004, 7), 0, 1), "volume_flow_rate", "m3/min", ".6f"),
        reading("gas", total("rate", (800, 6000), 60), "gas", "m3", ".3f", quantity_also=("volume",)),
        reading("fault", always("no error"), "error_code", optional=True, quantity_also=("status", "message", "problem")),
    ),
    sends=(
        Sends(
            "«node»/gasmeter/json",
            '{"value":"«gas»","error":"«fault»","rate":"«rate»","timestamp":"«time»"}',
            "json",
            120,
        ),
    ),
)

DIALECTS = (SML, GAS)
