"""Worlds: causes have effects, events truly happen, the same seed gives the same bytes, one number scales a site."""

import hashlib
import json
import os
import subprocess
import sys
from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.quantity import quantities
from simulators.events import Event, Journal
from simulators.moment import START, Moment
from simulators.plant.part import STEP_SECONDS
from simulators.plant.ports import meaning
from simulators.site import load_site, parse_site, shipped
from simulators.world import World
from tests.conftest import ROOT

SCRIPT = """
import hashlib
from simulators.site import load_site
from simulators.world import World
text = "".join(one.truth_line() for one in World(load_site("greenhouse"), 7).traffic(900))
print(hashlib.sha256(text.encode()).hexdigest())
"""


def played(world, seconds, *areas):
    """The ports of areas at every step, by (area, port), and the events that are over."""
    course, events = defaultdict(list), []
    for step in range(int(seconds / STEP_SECONDS)):
        world.advance(START + step * STEP_SECONDS)
        events += world.journal.taken()
        for area in areas:
            for port, value in world.parts[area].ports.items():
                course[area, port].append(value)
    return course, events


def bench(areas, seed=1):
    """A world of areas, with one device that does not matter."""
    calm = {
        "outdoors": {"kind": "weather"},
        "mains": {"kind": "mains", "outages_a_day": 0},
        "around": {"kind": "weather", "swing": 0},
    }
    table = {"title": "t", "areas": calm | areas, "devices": [{"dialect": "senml", "area": "outdoors"}]}
    return World(parse_site(table, "bench"), seed)


def mean(values):
    """The arithmetic mean."""
    return sum(values) / len(values)


def test_open_door_warms_a_cold_room():
    """A room whose door is always left open is warmer than one whose door stays shut, and the events say so."""
    busy = {"kind": "cold_room", "opens": 0, "closes": 24, "openings": 60, "left_open": 1.0, "left_minutes": 40}
    course, events = played(bench({"busy": busy, "calm": {"kind": "cold_room", "openings": 0}}), 4 * 3600, "busy", "calm")
    assert mean(course["busy", "temperature"]) > mean(course["calm", "temperature"]) + 2
    assert max(course["calm", "temperature"]) < 4 + 4
    assert {one.event for one in events if one.area == "calm"} <= {"defrost"}
    assert any(course["busy", "door"])


def test_compressor_draws_current_only_while_it_runs():
    """Power and current go with the compressor, the coil is colder than the room."""
    course, _ = played(bench({"cold": {"kind": "cold_room"}}), 3 * 3600, "cold")
    running = [power for power, runs in zip(course["cold", "power"], course["cold", "running"], strict=True) if runs]
    resting = [power for power, runs in zip(course["cold", "power"], course["cold", "running"], strict=True) if not runs]
    assert min(running) > 2000 > max(resting)
    assert mean(course["cold", "coil_temperature"]) < mean(course["cold", "temperature"])


def test_pump_quantities_move_together_and_wear_shows():
    """Nothing flows or shakes while it stands; a worn pump shakes, draws and heats more than a new one."""
    new = {"kind": "pump", "worn": 0.0, "wears": 0.0, "trips_a_day": 20}
    old = {"kind": "pump", "worn": 0.95, "wears": 0.3}
    course, events = played(bench({"new": new, "old": old}), 3 * 3600, "new", "old")
    for port in ("current", "pressure", "volume_flow_rate", "vibration_velocity", "power"):
        assert {bool(value) for value, runs in zip(course["new", port], course["new", "running"], strict=True) if not runs} <= {False}
        assert all(value > 0 for value, runs in zip(course["new", port], course["new", "running"], strict=True) if runs)
    assert max(course["old", "vibration_velocity"]) > 2 * max(course["new", "vibration_velocity"])
    assert max(course["old", "current"]) > max(course["new", "current"])
    assert "pump_stopped" in {one.event for one in events}


def test_tank_fills_and_drains_with_its_pump():
    """The level falls while the pump stands, rises while it runs, and the pump follows the level."""
    areas = {
        "tank": {"kind": "tank", "couplings": {"filled_by": "pump"}},
        "pump": {"kind": "pump", "trips_a_day": 0, "couplings": {"fills": "tank"}},
    }
    course, _ = played(bench(areas), 12 * 3600, "tank", "pump")
    levels, runs = course["tank", "level"], course["pump", "running"]
    assert set(runs) == {0, 1}
    rising = [after - before for before, after, on in zip(levels, levels[1:], runs[1:], strict=False) if on]
    falling = [after - before for before, after, on in zip(levels, levels[1:], runs[1:], strict=False) if not on]
    assert mean(rising) > 0 > mean(falling)


def test_tank_that_nobody_fills_is_empty():
    """The event begins when it does and goes on."""
    world = bench({"tank": {"kind": "tank", "volume": 2}})
    played(world, 2 * 3600)
    assert [(one.event, one.area, one.until) for one in world.journal.going_on()] == [("tank_empty", "tank", None)]


def test_meter_counts_and_rolls_over():
    """It grows by what the parts use, and begins again at 0 when its digits are full."""
    areas = {"a": {"kind": "room", "idle_power": 1000, "people": 0}, "m": {"kind": "meter", "digits": 2, "start": 98.0}}
    areas["m"]["couplings"] = {"power": "a"}
    course, events = played(bench(areas), 4 * 3600, "m")
    shown = course["m", "energy"]
    falls = [at for at, (before, after) in enumerate(pairwise(shown)) if after < before]
    assert len(falls) == 1
    assert [one.event for one in events].count("meter_rollover") == 1
    assert shown[falls[0]] - shown[0] + shown[-1] == pytest.approx(4, abs=1.2)


def test_sun_drives_roof_and_greenhouse():
    """By day the roof gives power and the glasshouse is warmer than outside; at night neither."""
    areas = {"roof": {"kind": "solar"}, "glass": {"kind": "greenhouse", "heat_below": -10}}
    course, _ = played(bench(areas), 16 * 3600, "roof", "glass", "outdoors")
    hour = int(3600 / STEP_SECONDS)
    day, night = slice(2 * hour, 4 * hour), slice(13 * hour, 16 * hour)  # 12 to 14, 23 to 2
    assert mean(course["roof", "power"][day]) > 500
    assert max(course["roof", "power"][night]) == 0
    gain = [inside - outside for inside, outside in zip(course["glass", "temperature"], course["outdoors", "temperature"], strict=True)]
    assert mean(gain[day]) > mean(gain[night]) + 2


def test_people_breathe():
    """CO2 rises with people, and with nobody there it stays near that of outside."""
    course, _ = played(bench({"full": {"kind": "room", "people": 8}, "none": {"kind": "room", "people": 0}}), 5 * 3600, "full", "none")
    assert max(course["full", "carbon_dioxide"]) > max(course["none", "carbon_dioxide"]) + 200
    assert set(course["none", "motion"]) == {0}
    assert set(course["full", "door"]) == {0, 1}


def test_cold_weather_works_the_boiler():
    """It burns more gas when it is colder outside."""
    areas = {"cold": {"kind": "weather", "mean": -8}, "mild": {"kind": "weather", "mean": 16}}
    for name in ("cold", "mild"):
        areas[f"b_{name}"] = {"kind": "boiler", "lockouts_a_day": 0, "couplings": {"outdoors": name}}
    course, _ = played(bench(areas), 6 * 3600, "b_cold", "b_mild")
    assert mean(course["b_cold", "gas_flow"]) > 1.5 * mean(course["b_mild", "gas_flow"])
    assert mean(course["b_cold", "temperature"]) > mean(course["b_mild", "temperature"])


@pytest.mark.parametrize("name", shipped())
def test_shipped_site_has_events_with_its_devices(name):
    """In a day things happen; they begin before they end, and those of areas with devices name them."""
    world = World(load_site(name), 1)
    _, events = played(world, 24 * 3600)
    assert len({one.event for one in events}) >= 3
    assert all(one.until is None or one.at <= one.until for one in events)
    assert any(one.devices or one.device for one in events)


@pytest.mark.parametrize("name", shipped())
def test_devices_say_what_the_plant_is_like(name):
    """A number that a device carries from its area is near the area's, whatever its unit."""
    site = load_site(name)
    world = World(site, 1)
    seen = 0
    for message in world.traffic(300):
        device = world.devices[int(message.id.split("/")[1]) - 1]
        for one in message.readings:
            if one.quantity == "temperature" and one.unit == "Cel" and message.dialect == "zigbee2mqtt-climate":
                area = next(group.area for group in site.devices if group.dialect == device.dialect.name)
                assert float(one.literal) == pytest.approx(float(world.parts[area].ports["temperature"]), abs=0.6)
                seen += 1
    assert seen or "zigbee2mqtt-climate" not in {group.dialect for group in site.devices}


def test_outage_silences_devices_and_wakes_them():
    """Devices on the mains publish their wills when it fails, nothing while it lasts, and their births when it is back."""
    table = {
        "title": "t",
        "areas": {"mains": {"kind": "mains", "outages_a_day": 300, "outage_minutes": 5}},
        "devices": [{"dialect": "shelly-ht-g3", "area": "mains", "mains": "mains"}],
    }
    world = World(parse_site(table, "bench"), 3)
    online = [one.payload for one in world.traffic(2 * 3600) if one.topic.endswith("/online")]
    assert online[0] == "true"
    assert online[1::2] == ["false"] * len(online[1::2])
    assert online[2::2] == ["true"] * len(online[2::2])
    assert len(online) > 4
    assert {one.event for one in world.journal.taken()} == {"power_outage"}


def test_battery_runs_low_and_is_told():
    """A device whose battery is near its end says so in its readings, and the event names it."""
    table = {
        "title": "t",
        "areas": {"outdoors": {"kind": "weather"}},
        "devices": [{"dialect": "zigbee2mqtt-contact", "area": "outdoors", "battery": {"days": 10, "charge": 0.102}}],
    }
    world = World(parse_site(table, "bench"), 1)
    low = [
        one.literal
        for message in world.traffic(3600)
        for one in message.readings
        if one.quantity == "battery_low"
    ]  # fmt: skip
    assert (low[0], low[-1]) == ("false", "true")
    (event,) = world.journal.taken()
    assert (event.event, event.device) == ("battery_low", world.devices[0].identity)
    assert event.at == pytest.approx(START + 0.002 * 10 * 86400)


@pytest.mark.parametrize(("devices", "copies"), [(10, 1), (31, 1), (32, 2), (95, 4)])
def test_one_number_scales_a_site(devices, copies):
    """Fewer devices are of every kind in turn, more stand in copies of the areas; what is shared stays one."""
    site = load_site("home")
    world = World(site, 1, devices)
    assert len(world.devices) == devices
    assert sum(name.startswith("living") for name in world.parts) == copies
    assert sum(name.startswith("outdoors") for name in world.parts) == 1
    assert len({one.dialect.name for one in world.devices}) >= min(10, devices)


def test_ten_thousand_devices_have_their_own_topics():
    """No topic belongs to two devices, at the greatest number that is promised."""
    world = World(load_site("home"), 1, 10_000)
    owners = {}
    for number, device in enumerate(world.devices):
        for kind in range(len(device.dialect.sends)):
            assert owners.setdefault(device.say(kind, START).topic, number) == number
    assert len(set(owners.values())) == 10_000


def test_plugs_in_a_room_share_its_power():
    """What the plugs of a room measure together is what goes on there; its meter counts the whole."""
    world = World(load_site("home"), 1)
    world.advance(START + 600)
    power = world.parts["living"].ports["power"]
    measured = [
        device.sensed[field.slot](Moment(START + 600)) / {"W": 1, "dW": 10, "kW": 1e-3}[field.unit]
        for device in world.devices
        if device.identity in world.parts["living"].devices
        for field in device.dialect.fields
        if field.quantity == "power" and field.slot in device.sensed
    ]
    assert len(measured) > 1
    assert sum(measured) == pytest.approx(power, rel=0.05)


@pytest.mark.parametrize("name", shipped())
def test_ports_say_the_words_that_their_parts_name(name):
    """What a port of words or of two states tells over a day is in the part's list, or 0 and 1."""
    world = World(load_site(name), 3, 1)
    for hour in range(24 * 12):
        world.advance(START + 300 * hour)
        for part in world.parts.values():
            for port, value in part.ports.items():
                if quantities()[meaning(port)[0]].kind != "number":
                    assert value in part.SAYS.get(port, (0, 1)), (part.name, port, value)


def test_same_seed_gives_the_same_bytes_in_another_process():
    """Neither hash randomness nor time zone reach a site's traffic; another seed is another world."""
    environment = {**os.environ, "PYTHONHASHSEED": "4321", "TZ": "Asia/Ho_Chi_Minh"}
    run = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    text = "".join(one.truth_line() for one in World(load_site("greenhouse"), 7).traffic(900))
    assert run.stdout.strip() == hashlib.sha256(text.encode()).hexdigest()
    assert text != "".join(one.truth_line() for one in World(load_site("greenhouse"), 8).traffic(900))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.sampled_from(sorted(shipped())))
def test_truth_stands_in_the_payload_of_every_site(seed, devices, name):
    """Whatever the seed and the number: every literal stands at its offset, and times never fall."""
    before = START
    for message in World(load_site(name), seed, devices).traffic(90):
        assert message.at >= before
        before = message.at
        assert all(message.payload.startswith(one.literal, one.start) for one in message.readings + message.optional)


def test_event_line_says_what_is_known():
    """Quantity and devices are left out where there are none; until, area and device are null."""
    assert json.loads(Event("rain", 1.0).line()) == {"event": "rain", "at": 1.0, "until": None, "area": None, "device": None}
    event = Event("too_warm", 1.0, 2.5, "cold", None, ("a", "b"), "temperature", 9.314, "Cel")
    assert json.loads(event.line()) == {
        "event": "too_warm", "at": 1.0, "until": 2.5, "area": "cold", "device": None, "devices": ["a", "b"],
        "quantity": "temperature", "value": 9.31, "unit": "Cel",
    }  # fmt: skip


def test_journal_keeps_what_goes_on_apart():
    """An event is over once it is ended, with how far it went last."""
    journal = Journal()
    journal.begin(Event("rain", 1.0, area="a", value=1.0))
    journal.begin(Event("rain", 1.0, area="a", value=2.0))
    assert ([one.value for one in journal.going_on()], journal.taken()) == ([2.0], [])
    journal.end("a", "rain", 5.0)
    assert [(one.value, one.until) for one in journal.taken()] == [(2.0, 5.0)]
    assert (journal.going_on(), journal.taken()) == ([], [])
