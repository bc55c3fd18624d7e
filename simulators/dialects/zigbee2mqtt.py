"""Zigbee2MQTT: ``zigbee2mqtt/<friendly name>`` with a flat JSON object; availability as JSON, retained."""

from simulators.dialect import Dialect, Sends, noise, reading
from simulators.identity import numbered
from simulators.signals import cell_voltage, charge_percent, daily, derived, lazy, total, walk
from simulators.states import always, low_cell, switch

LINK = reading("lqi", walk(60, 220, 15), "signal_quality", None, "d")
BATTERY = (
    reading("mv", cell_voltage(2500, 3085), "battery_voltage", "mV", "d", quantity_also=("voltage",)),
    reading("batt", charge_percent(), "battery", "%", "d"),
)
AVAILABILITY = Sends("zigbee2mqtt/«name»/availability", '{"state":"«state»"}', "json", None, retain=True)
ONLINE = reading("state", always("online"), "connectivity")

CLIMATE = Dialect(
    name="zigbee2mqtt-climate",
    product="Zigbee2MQTT with an Aqara WSDCGQ11LM",
    device="«name»",
    fields=(
        noise("name", numbered("bedroom_climate", "cellar_climate", "office_climate", sign="_")),
        reading("temp", lazy(daily(20.8, 2.1, 0.05), 0.1), "temperature", "Cel", ".2f"),
        reading("hum", lazy(daily(51, 6, 0.2, 4), 0.5), "humidity", "%", ".2f"),
        reading("press", walk(996, 1024, 0.2), "atmospheric_pressure", "hPa", ".1f"),
        reading("outages", always("12"), "count", optional=True),
        *BATTERY,
        LINK,
        ONLINE,
    ),
    sends=(
        Sends(
            "zigbee2mqtt/«name»",
            '{"battery":«batt»,"humidity":«hum»,"linkquality":«lqi»,"power_outage_count":«outages»,"pressure":«press»,"temperature":«temp»,"voltage":«mv»}',
            "json",
        ),
        AVAILABILITY,
    ),
)

CONTACT = Dialect(
    name="zigbee2mqtt-contact",
    product="Zigbee2MQTT with a SONOFF SNZB-04P",
    device="«name»",
    fields=(
        noise("name", numbered("patio_contact", "garage_contact", "hall_contact", sign="_")),
        reading("contact", switch(90, 12, ("false", "true")), "opening", inverted=True, quantity_also=("door", "window")),
        reading("low", low_cell(("false", "true")), "battery_low"),
        reading("tamper", switch(1, 400, ("false", "true")), "tamper"),
        *BATTERY,
        LINK,
        ONLINE,
    ),
    sends=(
        Sends(
            "zigbee2mqtt/«name»",
            '{"battery":«batt»,"battery_low":«low»,"contact":«contact»,"linkquality":«lqi»,"tamper":«tamper»,"voltage":«mv»}',
            "json",
            90,
            retain=True,
        ),
        AVAILABILITY,
    ),
)

PLUG = Dialect(
    name="zigbee2mqtt-plug",
    product="Zigbee2MQTT with a Tuya TS011F plug",
    device="«name»",
    fields=(
        noise("name", numbered("freezer_plug", "desk_plug", "pump_plug", sign="_")),
        reading("volt", walk(228, 236, 1), "voltage", "V", "d"),
        reading("amp", walk(0.08, 1.4, 0.1), "current", "A", ".2f"),
        reading("watt", derived(lambda moment: moment.of("volt") * moment.of("amp") * 0.93), "power", "W", "d"),
        reading("kwh", total("watt", (10, 400), 1e-3), "energy", "kW.h", ".2f"),
        reading("relay", switch(300, 20, ("OFF", "ON")), "power_state"),
        LINK,
        ONLINE,
    ),
    sends=(
        Sends(
            "zigbee2mqtt/«name»",
            '{"child_lock":"UNLOCK","current":«amp»,"energy":«kwh»,"indicator_mode":"off/on","linkquality":«lqi»,"power":«watt»,'
            '"power_outage_memory":"restore","state":"«relay»","voltage":«volt»}',
            "json",
        ),
        AVAILABILITY,
    ),
)

DIALECTS = (CLIMATE, CONTACT, PLUG)
