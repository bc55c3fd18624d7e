"""ESPHome: ``<node>/sensor/<name>/state`` with one bare value, retained by default; ``<node>/status`` as birth and will."""

from simulators.dialect import Dialect, noise, reading, scalars
from simulators.identity import numbered, uptime
from simulators.signals import daily, walk
from simulators.states import always, switch

DIALECTS = (
    Dialect(
        name="esphome",
        product="ESPHome node with SCD41, PIR and a relay",
        device="«node»",
        fields=(
            noise("node", numbered("living-room-node", "attic-node", "nursery-node", sign="")),
            reading("temp", daily(21.4, 1.8, 0.05), "temperature", "Cel", ".1f", name="room_temperature"),
            reading("hum", daily(47, 6, 0.3, 4), "humidity", "%", ".1f", name="room_humidity"),
            reading("co2", walk(420, 1350, 40), "carbon_dioxide", "[ppm]", "d", name="co2"),
            reading("wifi", walk(-80, -50, 2), "signal_strength", "dBm", "d", name="wifi_signal"),
            reading("motion", switch(3, 20, ("OFF", "ON")), "motion", name="hall_motion"),
            reading("relay", switch(30, 120, ("OFF", "ON")), "power_state", name="fan_relay"),
            reading("uptime", uptime(), "uptime", "s", name="uptime"),
            reading("status", always("online"), "connectivity"),
        ),
        sends=(
            *scalars("«node»/sensor", {"room_temperature/state": "temp", "room_humidity/state": "hum", "co2/state": "co2"}, retain=True),
            *scalars("«node»/sensor", {"wifi_signal/state": "wifi", "uptime/state": "uptime"}, every_seconds=120, retain=True),
            *scalars("«node»/binary_sensor", {"hall_motion/state": "motion"}, retain=True),
            *scalars("«node»/switch", {"fan_relay/state": "relay"}, every_seconds=180, retain=True),
            *scalars("«node»", {"status": "status"}, every_seconds=None, retain=True),
        ),
    ),
)
