"""Scalars and devices are named by the topic where the payload gives no name."""

import pytest

from agent.normalise.naming import device_from_topic, scalar_name


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("home/attic/temperature", "temperature"),
        ("attic-node/sensor/room_temp/state", "room_temp"),
        ("a/b/value", "b"),
        ("state", "state"),
        ("", ""),
        ("shellies/shelly1-A1B2C3/relay/0", "relay"),
        ("nuki/2A3B4C5D/state", "state"),
        ("home/0x00158d0001", "0x00158d0001"),
        ("home/room/12/state", "room"),
        ("12/13", "13"),
    ],
)
def test_scalar_is_named_by_its_topic(topic, name):
    """The last level that tells something."""
    assert scalar_name(topic) == name


@pytest.mark.parametrize(
    ("topic", "scalar", "device"),
    [
        ("zigbee2mqtt/kitchen_sensor", False, "kitchen_sensor"), ("tele/plug-7/SENSOR", False, "plug-7"),
        ("home/attic7/temperature", True, "attic7"),
        ("v3/app1@ttn/devices/eui-70b3d5/up", False, "eui-70b3d5"), ("state", False, "unknown"),
        ("shellypro3em-garage/status/em:0", False, "shellypro3em-garage"), ("home/OMG_lilygo/SYStoMQTT", False, "OMG_lilygo"),
        ("garage-door/binary_sensor/garage_door_open/state", True, "garage-door"), ("wemos-boiler/debug", False, "wemos-boiler"),
        ("homeassistant/statestream/sensor/outdoor_humidity/state", True, "outdoor_humidity"), ("debug", False, "debug"),
        ("sonnenbatterie/status.xml", False, "sonnenbatterie"),
        ("nuki/2A3B4C5D/state", True, "2A3B4C5D"), ("kitchen/esp7/realtime", True, "esp7"), ("kitchen/light/power", True, "light"),
        ("home/a4:c1:38:d1:e2:f3", False, "a4:c1:38:d1:e2:f3"), ("shellies/shelly1-A1B2C3/relay/0", True, "shelly1-A1B2C3"),
        ("/v1.6/devices/weighbridge", False, "weighbridge"), ("/v1.6/devices/scale-2/weight", True, "scale-2"),
        ("plant/v12/data", False, "v12"), ("spBv1.0/Plant 1/NDATA/Raspberry Pi", False, "Raspberry Pi"),
        ("spBv1.0/Plant1/DDATA/Edge1/Press", False, "Press"), ("spBv1.0/STATE/host1", False, "host1"),
        ("ferme/serre/etat", False, "serre"), ("rover/gnss/csv", False, "gnss"), ("农业/大棚/数据", False, "大棚"),
        ("пасека/датчики/улей", False, "улей"), ("cantina/letture/temperatura", True, "cantina"),
    ],
)  # fmt: skip
def test_device_is_named_by_the_topic(topic, scalar, device):
    """Where the payload has no identity, a level of the topic is it."""
    assert device_from_topic(topic, scalar) == device
