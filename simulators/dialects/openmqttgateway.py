"""OpenMQTTGateway: ``<base>/<gateway>/BTtoMQTT/<MAC>``, a Bluetooth sensor as the gateway decodes it, in both temperature scales."""

from simulators.dialect import Dialect, Sends, noise, reading
from simulators.identity import mac
from simulators.moment import Signal
from simulators.signals import cell_voltage, charge_percent, daily, fahrenheit, walk


def bare(slot: str) -> Signal:
    """An address without its colons."""
    return lambda _rng: lambda moment: str(moment.value(slot)).replace(":", "")


DIALECTS = (
    Dialect(
        name="openmqttgateway",
        product="OpenMQTTGateway with a Xiaomi LYWSD03MMC",
        device="«mac»",
        fields=(
            noise("mac", mac()),
            noise("bare", bare("mac")),
            reading("rssi", walk(-94, -58, 4), "signal_strength", "dBm", "d"),
            reading("temp", daily(21, 2.2, 0.1), "temperature", "Cel", ".2f"),
            reading("temp_f", fahrenheit("temp"), "temperature", "[degF]", ".2f"),
            reading("hum", daily(49, 7, 0.4, 4), "humidity", "%", ".2f"),
            reading("batt", charge_percent(), "battery", "%", "d"),
            reading("volt", cell_voltage(2.2, 3.05), "battery_voltage", "V", ".3f", quantity_also=("voltage",)),
        ),
        sends=(
            Sends(
                "home/OMG_ESP32/BTtoMQTT/«bare»",
                '{"id":"«mac»","mac_type":0,"adv_type":0,"name":"ATC_2FA1C3","rssi":«rssi»,"brand":"Xiaomi","model":"TH Sensor",'
                '"model_id":"LYWSD03MMC_ATC","type":"THB","tempc":«temp»,"tempf":«temp_f»,"hum":«hum»,"batt":«batt»,"volt":«volt»}',
                "json",
            ),
        ),
    ),
)
