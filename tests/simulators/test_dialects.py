"""Every dialect: its truth stands in its payloads, its formats parse, and the agent's decoder finds all that is labelled."""

import json
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from urllib.parse import parse_qs

import pytest

from agent.decode import decode
from agent.domain.document import Document
from agent.domain.quantity import quantities
from agent.domain.unit import codes
from agent.mqtt.topics import filter_fault
from simulators.catalogue import dialects
from simulators.checksums import crc16
from simulators.compose import cut
from simulators.fleet import fleet, traffic
from simulators.moment import START

assert len(dialects()) >= 45, "dialects are missing: a file in simulators/dialects does not load"
INFLUX = re.compile(r"[a-z]+(?:,[\w-]+=[\w-]+)+ [a-z_]+=-?[\d.]+i?(?:,[a-z_]+=-?[\d.]+i?)* \d{13,19}")


@pytest.fixture(scope="module")
def said():
    """Two devices of every dialect for two hours of the day: their messages by dialect."""
    messages = {name: [] for name in dialects()}
    for message in traffic(fleet(3, 2 * len(dialects())), seconds=7200):
        messages[message.dialect].append(message)
    return messages


@pytest.mark.parametrize("name", dialects())
class TestDialect:
    """What holds for each."""

    def test_truth_stands_in_the_payload(self, said, name):
        """Every literal stands at its offset, and no two readings share a place."""
        for message in said[name]:
            known = message.readings + message.optional
            assert all(message.payload.startswith(one.literal, one.start) and one.literal for one in known)
            assert len({one.start for one in known}) == len(known)
            assert message.time is None or message.time in message.payload

    def test_every_kind_of_message_is_labelled(self, said, name):
        """Each message has a reading, and each kind of message is sent, but for wills."""
        assert all(message.readings for message in said[name])
        assert len({re.sub(r"\d", "#", one.topic) for one in said[name]}) <= len(dialects()[name].sends) * 2
        assert len(said[name]) >= sum(not kind.will for kind in dialects()[name].sends)

    def test_topics_and_device_are_made_of_identifiers(self, name):
        """They stay as they are, so that a device has them worked out once."""
        dialect = dialects()[name]
        roles = {field.slot: field.role for field in dialect.fields}
        for text in (dialect.device, *(kind.topic for kind in dialect.sends)):
            assert {roles[slot] for slot in cut(text)[1::2]} <= {"none"}

    def test_quantities_and_units_are_of_the_lists(self, name):
        """Labels use the closed lists of the agent alone."""
        for field in dialects()[name].fields:
            if field.role in ("reading", "optional"):
                assert {field.quantity, *field.quantity_also} <= set(quantities())
                assert {field.unit, *field.unit_also} <= {*codes(), None}

    def test_every_label_is_a_candidate(self, said, name):
        """The decoder offers each labelled literal at its place, so that the model can choose it."""
        for message in said[name]:
            document = decode(message.payload.encode(), message.topic)
            assert isinstance(document, Document)
            places = {(one.start, one.literal) for one in document.candidates}
            missed = [one for one in message.readings + message.optional if (one.start, one.literal) not in places]
            assert not missed, (message.payload, missed)
            assert document.format == message.format

    def test_device_is_named_where_it_is_said(self, said, name):
        """A device stands in its topic or payload (colons and spelling of an address aside), and topics can be published to."""
        for message in said[name]:
            assert message.device
            assert message.device in f"{message.topic} {message.payload}"
            assert filter_fault(message.topic) is None
            assert not set(message.topic) & set("+#")

    def test_payload_parses(self, said, name):
        """JSON is JSON, XML is XML, NMEA and DSMR carry the right checksums, Influx lines and query strings are well formed."""
        for message in said[name]:
            if message.format == "json":
                json.loads(message.payload)
            elif message.format == "xml":
                ET.fromstring(message.payload)
            elif name == "nmea-boat":
                body, check = re.fullmatch(r"\$([^*]+)\*([0-9A-F]{2})", message.payload).groups()
                total = 0
                for char in body:
                    total ^= ord(char)
                assert int(check, 16) == total
            elif name == "dsmr-p1":
                telegram, check = re.fullmatch(r"(/.*!)([0-9A-F]{4})\r\n", message.payload, re.DOTALL).groups()
                assert int(check, 16) == crc16(telegram.encode())
            elif name in ("telegraf", "influx-node"):
                assert INFLUX.fullmatch(message.payload)
            elif name == "ecowitt":
                assert len(parse_qs(message.payload, strict_parsing=True)["tempf"]) == 1

    def test_meters_never_fall(self, said, name):
        """Energy, water, gas and rain totals only grow, for each device and name."""
        last = {}
        totals = {field.slot for field in dialects()[name].fields if field.quantity in ("energy", "heat_energy", "water", "gas")}
        names = {field.name for field in dialects()[name].fields if field.slot in totals} | totals | {"Total", "total", "yieldtotal"}
        for message in said[name]:
            for one in message.readings:
                if one.name in names and one.quantity in ("energy", "heat_energy", "water", "gas"):
                    key = (message.topic, one.name)
                    assert float(one.literal) >= last.get(key, 0)
                    last[key] = float(one.literal)


def test_day_shows_in_the_traffic():
    """Over a day a climate sensor's afternoon is warmer than its night."""
    (device,) = fleet(1, 1, [dialects()["zigbee2mqtt-climate"]])
    warm, cold = [], []
    for hour in range(24):
        message = device.say(0, START - 10 * 3600 + 3600 * hour)
        value = next(float(one.literal) for one in message.readings if one.quantity == "temperature")
        (warm if 12 <= hour < 18 else cold if hour < 6 else []).append(value)
    assert min(warm) > max(cold)


def test_retained_messages_are_those_of_the_products():
    """Tasmota retains its LWT and not its telemetry; ESPHome retains its states."""
    for name, retained in (("tasmota-plug", {"LWT"}), ("shelly1-plug", {"online"})):
        (device,) = fleet(1, 1, [dialects()[name]])
        messages = [device.say(kind, START) for kind in range(len(device.dialect.sends))]
        assert {one.topic.rpartition("/")[2] for one in messages if one.retain} == retained
    assert all(one.retain for one in dialects()["esphome"].sends)


def messages_of(name, seconds=3600):
    """What a device of a dialect says."""
    return list(traffic(fleet(5, 1, [dialects()[name]]), seconds=seconds))


def test_five_languages_are_spoken():
    """Keys and words in at least five languages beside English."""
    assert {one.language for one in dialects().values()} >= {"en", "de", "vi", "fr", "es", "it", "pl"}


@pytest.mark.parametrize("name", [name for name, one in dialects().items() if any(kind.will for kind in one.sends)])
def test_will_answers_birth(name):
    """A will goes to the topic of a birth message, retained, says something else, and is not sent on time."""
    (device,) = fleet(1, 1, [dialects()[name]])
    (will,) = (device.say(kind, START) for kind in device.wills())
    births = {one.topic: one for one in (device.say(kind, START) for kind in device.births())}
    assert will.retain
    assert births[will.topic].retain
    assert births[will.topic].payload != will.payload
    assert will.payload not in {one.payload for one in messages_of(name) if one.topic == will.topic}


def test_sparse_payload_has_only_what_changed():
    """The first message is whole; later ones have the members whose literals are new, and there is no empty one."""
    said: dict[str, str] = {}
    states = [one for one in messages_of("tuya-plug") if one.topic.endswith("/state")]
    assert len(states[0].readings) == 5
    assert min(len(one.readings) for one in states) < 5
    for message in states:
        changed = {one.name: one.literal for one in message.readings}
        assert changed
        assert all(said.get(name) != literal for name, literal in changed.items())
        said.update(changed)


def test_changes_alone_are_told():
    """Of a kind that tells only changes no two messages in turn say the same."""
    for name, ending in (("shelly-ht-g3", "humidity:0"), ("frigate", "motion"), ("homeassistant", "_charging/state")):
        payloads = [one.payload for one in messages_of(name, 7200) if one.topic.endswith(ending)]
        assert len(payloads) > 1
        assert all(before != after for before, after in pairwise(payloads))


@pytest.mark.parametrize("name", [name for name, one in dialects().items() if one.updates_after])
def test_update_changes_the_shape_at_an_instant(name):
    """Before it only the old shape is sent, after it only the new; quantities stay."""
    (device,) = fleet(5, 1, [dialects()[name]])
    instant = START + device.updated_seconds
    messages = messages_of(name)
    old, new = ([one for one in messages if (one.at >= instant) == later] for later in (False, True))
    assert old
    assert new
    shapes = [{tuple(reading.name for reading in one.readings) for one in part} for part in (old, new)]
    assert not shapes[0] & shapes[1]
    assert {one.quantity for one in old[0].readings} <= {one.quantity for one in new[0].readings}
