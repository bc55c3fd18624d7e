"""Record and replay: identities go, shapes and bytes stay; a proxy makes the way to the broker bad."""

import asyncio
import base64
import json
import re
import string
import threading

import paho.mqtt.client as paho
import pytest
from fakes import free_port, running, until
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent.errors import FatalError
from simulators import sinks
from simulators.catalogue import dialects
from simulators.checksums import nmea, p1
from simulators.commands import app
from simulators.embedded import HOST, embedded_broker
from simulators.faults import parse_faults, with_faults
from simulators.fleet import fleet, traffic
from simulators.listener import Heard, Listener
from simulators.proxy import Proxy, parse_ways, play_ways
from simulators.record import RecordError, recorded_line, replayed
from simulators.redact import Redactor
from simulators.sinks import BrokerSink, SinkError

SALT = b"a salt of the tests"
REDACTOR = Redactor(SALT, ["Miller"])
MESSAGES = tuple(with_faults(traffic(fleet(5, len(dialects())), seconds=200), parse_faults("all"), 1))


def shape(text):
    """Digits as 0, letters as a or A: what a reader sees of a form."""
    return "".join("0" if one.isdecimal() else "a" if one.islower() else "A" if one.isupper() else one for one in text)


def hexadecimal(*lengths):
    """Hexadecimal numbers of these lengths with letters and digits."""
    return st.sampled_from(lengths).flatmap(
        lambda length: st.text("0123456789abcdef", min_size=length, max_size=length).filter(
            lambda text: re.search("[a-f]", text) and re.search("[0-9]", text) and not re.fullmatch(r"\d+e\d+", text)
        )
    )


def grouped(text, separator, size):
    """The text in groups."""
    return separator.join(text[at : at + size] for at in range(0, len(text), size))


octets = st.integers(10, 255)
identities = st.one_of(
    hexadecimal(12).map(lambda text: grouped(text, ":", 2)),
    hexadecimal(12).map(lambda text: grouped(text.upper(), "-", 2)),
    hexadecimal(6, 8, 12, 16, 32),
    hexadecimal(16).map(lambda text: f"0x{text}"),
    hexadecimal(32).map(lambda text: f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"),
    st.tuples(octets, octets, octets, octets).map(lambda parts: ".".join(map(str, parts))),
    st.text(string.ascii_lowercase, min_size=3, max_size=9).map(lambda name: f"{name}.x@example.com"),
    st.text("0123456789", min_size=14, max_size=14).map(lambda text: f"35{text[1:]}9"),
    hexadecimal(32).map(lambda text: grouped(text, ":", 4)),
    st.just("Miller"),
    st.from_regex(r"HQ[0-9]{4}[A-Z0-9]{4}", fullmatch=True),
)
frames = st.sampled_from(
    ['{{"id":"{}","temp":21.5}}', "dev={} t=21.5", "<a id='{}'>21.5</a>", "{},21.5,48", "[{}] 21.5 °C", '{{"a":{{"{}":1}}}}', "{}"]
)


@settings(deadline=None)
@given(frames, identities)
def test_no_identity_is_left_and_the_shape_stays(frame, identity):
    """What is replaced is of the same form; what is not stays; once more changes no shape."""
    text = frame.format(identity)
    redacted = REDACTOR.payload("a/b", text.encode()).decode()
    assert identity.casefold() not in redacted.casefold()
    assert shape(redacted) == shape(text)
    before, behind = frame.format("\0").split("\0")
    assert redacted.startswith(before)
    assert redacted.endswith(behind)
    again = REDACTOR.payload("a/b", redacted.encode()).decode()
    assert shape(again) == shape(text)
    topic = REDACTOR.topic(f"site/{identity}/state")
    assert identity.casefold() not in topic.casefold()
    assert shape(topic) == shape(f"site/{identity}/state")


@given(hexadecimal(12))
def test_same_identity_has_the_same_pseudonym_in_every_form(text):
    """With and without separators, in capitals or not, in topics and payloads; another salt gives another."""
    plain = REDACTOR.topic(f"a/{text}/b").split("/")[1]
    assert plain != text
    assert REDACTOR.payload("x", grouped(text, ":", 2).encode()).decode() == grouped(plain, ":", 2)
    assert REDACTOR.payload("x", grouped(text.upper(), "-", 2).encode()).decode() == grouped(plain.upper(), "-", 2)
    assert Redactor(SALT).topic(f"a/{text}/b") == f"a/{plain}/b"
    assert len({Redactor(bytes([number])).topic(text) for number in range(1, 5)}) > 1


@pytest.mark.parametrize(
    ("topic", "payload", "redacted"),
    [
        ("a", '{"lat":52.520008,"lon":-13.404954}', '{"lat":52.520000,"lon":-13.400000}'),
        ("a", '{"gps":"52.520008, 13.404954"}', '{"gps":"52.520000, 13.400000"}'),
        ("boat/gps/latitude", "52.520008", "52.520000"),
        ("a", '{"t":"2026-05-01T10:00:00.123Z","e":1777629600123,"n":0.123456789012}', None),
        ("a", "at 2026-05-01 10:00:00 T=21.5;acc=0.123456,0.567891 up 3T04:05:06 dead facade v1.14.0", None),
        ("a", '{"energy":123456.789,"count":12345678,"x":1e5,"y":12e10}', None),
        ("a", '{"a":1.23456e-07,"b":-1.234567E+12,"c":123456e-07,"d":0.00123456e5}', None),
        ("a", '{"velocity":12.34567,"clock":1.23456,"position":45.67891,"geometry_ok":1,"allocation":3.14159}', None),
        ("x/velocity", "12.34567", None),
        ("a", "0-0:1.0.0(230501100000S) 0-1:24.2.1(230501095959W)(00123.456*m3) 260501100010,21.5", None),
        ("a", '{"lat_lon":"52.520008,13.404954"}', '{"lat_lon":"52.520000,13.400000"}'),
        ("a", '{"position":[52.520008,13.404954]}', '{"position":[52.520000,13.400000]}'),
    ],
)
def test_coordinates_are_cut_and_measurements_stay(topic, payload, redacted):
    """About a kilometre is left of a place; times, values and words are nobody's identity."""
    assert REDACTOR.payload(topic, payload.encode()).decode() == (payload if redacted is None else redacted)


@pytest.mark.parametrize(
    "payload",
    [
        '{"id":"aabb.ccdd.ee12"}',
        "dev AA_BB_CC_11_22_33 t=21.5",
        '{"deviceId":"12345678"}',
        '{"ssid":"The Millers 5G"}',
        "sensor_id=4711081",
    ],
)
def test_less_usual_forms_are_found(payload):
    """Dotted and underlined MAC addresses, decimal numbers of devices, names of networks with spaces."""
    redacted = REDACTOR.payload("a", payload.encode()).decode()
    assert shape(redacted) == shape(payload)
    kept = sum(one == other for one, other in zip(redacted, payload, strict=True))
    assert kept < len(payload) - 5


@given(hexadecimal(12), hexadecimal(8))
def test_same_identity_has_the_same_pseudonym_under_every_key(mac, number):
    """Whichever rule finds it: the letters follow what it is, not where it stands."""
    for identity in (mac, number):
        forms = [f'{{"serial":"{identity}"}}', f'{{"mac":"{identity}"}}', f'{{"ssid":"{identity}"}}', f"0x{identity}"]
        pseudonyms = {
            REDACTOR.payload("x", form.encode()).decode()[form.index(identity) : form.index(identity) + len(identity)] for form in forms
        }
        assert len(pseudonyms) == 1


def test_long_text_without_an_address_is_read_once():
    """The pattern of e-mail addresses does not begin anew at each letter."""
    text = "a." * 100_000
    assert REDACTOR.payload("x", text.encode()).decode() == text


def test_readings_and_times_survive():
    """What a careful reader takes of simulated traffic stands in the redacted one, but for places on earth."""
    kept = 0
    for message in MESSAGES:
        if message.faults:
            continue
        body = REDACTOR.payload(message.topic, message.body).decode()
        for one in message.readings:
            if one.quantity not in ("latitude", "longitude"):
                assert body.startswith(one.literal, one.start), (message.payload, body, one)
                kept += 1
        assert message.time is None or message.time in body, (message.payload, body)
    assert kept > 500


def test_json_stays_json_and_checksums_fit():
    """Simulated traffic of all dialects, faults included, keeps its form and its length; telegrams still end with their checksum."""
    kept = 0
    for message in MESSAGES:
        body = REDACTOR.payload(message.topic, message.body)
        assert len(body) == len(message.body)
        assert REDACTOR.payload(message.topic, message.body) == body
        if message.format == "json" and message.wire is None and message.payload.endswith("}"):
            with_json = _json_or_none(message.payload)
            assert (with_json is None) == (_json_or_none(body.decode()) is None)
            kept += 1
        if message.faults == () and message.dialect == "nmea-boat":
            assert body.decode().endswith(nmea(body.decode()[:-3]))
        if message.faults == () and message.dialect == "dsmr-p1":
            assert body.decode().endswith(p1(body.decode()[:-6]))
    assert kept > 50


def _json_or_none(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


@given(st.binary(max_size=60), st.text(st.characters(codec="utf-8"), max_size=20))
def test_any_bytes_are_recorded_and_replayed_exactly(body, topic):
    """A line keeps a message whole, whatever it holds; redaction takes any bytes, too."""
    (message,) = replayed("x", [recorded_line(Heard(1.5, topic, body, True), None)])
    assert (message.at, message.topic, message.body, message.retain) == (1.5, topic, body, True)
    (message,) = replayed("x", [recorded_line(Heard(1.5, topic, body, False), REDACTOR)])
    assert message.body == REDACTOR.payload(topic, body)


@pytest.mark.parametrize(
    "line",
    ['{"at": 1}', '{"at": 1, "topic": "a", "payload": 3}', '{"at": 1, "topic": "a", "payload_base64": "?"}', '{"at": [], "topic": "a"}'],
)
def test_bad_line_of_a_recording_is_named(line):
    """The file, the line, and what one looks like."""
    with pytest.raises(RecordError, match=r"traffic\.jsonl, line 2: .*a line is \{"):
        list(replayed("traffic.jsonl", ["", line]))


def invoke(*arguments):
    """Run a command."""
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        (("record", "--broker", "nowhere"), 2, "HOST:PORT"),
        (("record", "--broker", "h:1", "--name", "--"), 2, "neither letter nor digit"),
        (("record", "--broker", "h:1", "--salt", "x" * 65), 2, "1 to 64 bytes"),
        (("replay", "/nowhere", "--broker", "h:1"), 1, "cannot be read"),
        (("replay", "/dev/null", "--broker", "h:1"), 1, "/dev/null holds no message"),
        (("proxy", "--broker", "h:1", "--listen", "0", "--ways", "gone=1"), 1, "write away, slow or half_open"),
        (("proxy", "--broker", "h:1", "--listen", "0", "--ways", "away=0.8,slow=0.8"), 1, "more than the whole time"),
    ],
)
def test_bad_arguments_say_what_to_do(arguments, code, hint):
    """A mistake ends with its exit code and a hint."""
    result = invoke(*arguments)
    assert result.exit_code == code
    assert hint in " ".join(result.stderr.replace("│", " ").split())


class Peer:
    """A client of the test on a broker or a proxy; ``received`` holds (topic, payload)."""

    def __init__(self, port, topic_filter, keep_alive=60):
        self.received, self.subscriptions, self.losses = [], 0, 0
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = lambda client, *_: client.subscribe(topic_filter, 1)
        self.client.on_subscribe = self._subscribed
        self.client.on_disconnect = self._lost
        self.client.on_message = lambda _client, _data, message: self.received.append((message.topic, bytes(message.payload)))
        self.client.connect(HOST, port, keep_alive)
        self.client.loop_start()

    def _subscribed(self, *_):
        self.subscriptions += 1

    def _lost(self, *_):
        self.losses += 1

    def close(self):
        """Disconnect."""
        self.client.disconnect()
        self.client.loop_stop()


async def peer_of(port, topic_filter="#", keep_alive=60):
    """A subscribed client."""
    peer = await asyncio.to_thread(Peer, port, topic_filter, keep_alive)
    await until(lambda: peer.subscriptions)
    return peer


async def test_traffic_is_recorded_and_replayed(tmp_path):
    """A recording has no identity of the original, and its replay is what was recorded, byte for byte."""
    out = tmp_path / "traffic.jsonl"
    sent = [
        ("tele/tasmota_1A2B3C/SENSOR", b'{"Mac":"B4:E6:2D:AA:00:11","T":21.5}'),
        ("x/raw", bytes(range(128, 160))),
        ("x/b4e62daa0011", b"on"),
    ]
    async with embedded_broker() as port:
        arguments = ("record", "--broker", f"{HOST}:{port}", "--topic", "tele/#", "--topic", "x/#", "--salt", "s", "--out", str(out))
        recording = asyncio.create_task(asyncio.to_thread(invoke, *arguments, "--seconds", "3"))
        peer = await peer_of(port, "none")
        await until(lambda: out.exists() and (out.stat().st_size or not peer.client.publish("x/started", "1", 1).rc))
        await until(lambda: out.stat().st_size or (peer.client.publish("x/started", "1", 1) and False))
        for topic, body in sent:
            peer.client.publish(topic, body, 1)
        result = await recording
        assert result.exit_code == 0, result.output
        lines = [json.loads(line) for line in out.read_text().splitlines()]
        lines = [line for line in lines if line["topic"] != "x/started"]
        redactor = Redactor(b"s")
        bodies = [base64.b64decode(one["payload_base64"]) if "payload_base64" in one else one["payload"].encode() for one in lines]
        expected = [(redactor.topic(topic), redactor.payload(topic, body)) for topic, body in sent]
        assert list(zip((one["topic"] for one in lines), bodies, strict=True)) == expected
        assert "1A2B3C" not in out.read_text()
        listener = await peer_of(port, "+/#")
        replaying = await asyncio.to_thread(invoke, "replay", str(out), "--broker", f"{HOST}:{port}", "--speed", "1000")
        assert replaying.exit_code == 0, replaying.output
        await until(lambda: [one for one in listener.received if one[0] != "x/started"] == expected)
        await asyncio.to_thread(listener.close)
        await asyncio.to_thread(peer.close)


async def test_proxy_lets_through_slows_stops_and_goes_away():
    """Open passes at once; half open passes nothing and ends nothing; away ends what stands and refuses; open again heals."""
    async with embedded_broker() as port, Proxy(HOST, port) as proxy:
        near, far = await peer_of(proxy.port), await peer_of(port)
        far.client.publish("a", "1", 1)
        await until(lambda: ("a", b"1") in near.received)
        proxy.way = "slow"
        far.client.publish("a", "x" * 900, 1)
        await until(lambda: ("a", b"x" * 900) in near.received)
        proxy.way = "half_open"
        far.client.publish("a", "2", 1)
        await until(lambda: ("a", b"2") in far.received)
        assert ("a", b"2") not in near.received
        assert near.losses == 0
        proxy.way = "away"
        await until(lambda: near.losses > 0 and proxy.refused > 0)
        proxy.way = "open"
        await until(lambda: near.subscriptions == 2)
        far.client.publish("a", "3", 1)
        await until(lambda: ("a", b"3") in near.received)
        for one in (near, far):
            await asyncio.to_thread(one.close)


async def test_half_open_way_is_found_out_by_keep_alive():
    """A client whose broker is silent gives the connection up by itself."""
    async with embedded_broker() as port, Proxy(HOST, port) as proxy:
        peer = await peer_of(proxy.port, keep_alive=1)
        proxy.way = "half_open"
        await until(lambda: peer.losses > 0)
        await asyncio.to_thread(peer.close)


async def test_broker_that_is_not_there_is_refused():
    """The proxy takes the connection and ends it, as a broker's host does whose broker is down."""
    async with Proxy(HOST, free_port()) as proxy:
        reader, writer = await asyncio.open_connection(HOST, proxy.port)
        assert await reader.read() == b""
        assert proxy.refused == 1
        writer.close()


async def test_port_that_is_taken_is_told():
    """Two proxies cannot share a port."""
    async with Proxy(HOST, 1) as proxy:
        with pytest.raises(FatalError, match="name another with --listen"):
            await Proxy(HOST, 1, proxy.port).__aenter__()


async def test_ways_change_by_chance_and_by_seed():
    """The same seed gives the same course; shares of 0 never come."""
    courses = []
    for _ in range(2):
        said, stop = [], asyncio.Event()
        async with Proxy(HOST, 1) as proxy, running(play_ways(proxy, parse_ways("away=0.5,slow=0"), 1, stop, said.append, 0.001)):
            await until(lambda said=said: len(said) >= 6)
            stop.set()
        courses.append(said[:6])
    assert courses[0] == courses[1]
    assert set(courses[0]) == {"away", "open"}


def listened(port, publish, idle_seconds=None):
    """What a listener yields that is told to stop (or to wait for so long) once something was published to it."""
    stopped = threading.Event()
    with Listener(HOST, port, ["a/#"]) as listener:
        publish()
        if idle_seconds is None:
            stopped.set()
        return [heard.payload for heard in listener.messages(stopped, idle_seconds=idle_seconds)]


async def test_what_was_published_before_the_end_is_heard():
    """A listener that is told to stop leaves first, and yields what had come by then."""
    bodies = [str(number).encode() for number in range(300)]
    async with embedded_broker() as port:
        peer = await peer_of(port, "none")

        def publish():
            for info in [peer.client.publish("a/b", body, 1) for body in bodies]:
                info.wait_for_publish(20)

        assert sorted(await asyncio.to_thread(listened, port, publish)) == sorted(bodies)
        assert await asyncio.to_thread(listened, port, list, 0.2) == []
        await asyncio.to_thread(peer.close)


async def test_lost_connection_is_said():
    """Whoever listens hears when the broker is gone, and when it is back."""
    said = []
    async with embedded_broker() as port, Proxy(HOST, port) as proxy:
        listener = await asyncio.to_thread(Listener, HOST, proxy.port, ["#"], None, None, said.append)
        proxy.way = "away"
        await until(lambda: any("is lost" in text for text in said))
        proxy.way = "open"
        await until(lambda: any("again" in text for text in said))
        await asyncio.to_thread(listener.close)
    assert "is lost" not in said[-1]


async def test_sink_waits_for_the_broker_and_tells_of_one_that_is_away(monkeypatch):
    """What is in flight is bounded; a broker that confirms nothing ends the run with a sentence, at the end of it, too."""
    monkeypatch.setattr(sinks, "MOST_IN_FLIGHT", 3)
    monkeypatch.setattr(sinks, "STALL_SECONDS", 0.2)
    monkeypatch.setattr(sinks, "FLUSH_SECONDS", 0.2)
    (message,) = replayed("x", [recorded_line(Heard(0.0, "a", b"1", False), None)])
    async with embedded_broker() as port, Proxy(HOST, port) as proxy:
        sink = await asyncio.to_thread(BrokerSink, HOST, proxy.port)
        for _ in range(10):
            await asyncio.to_thread(sink.send, message)
        proxy.way = "away"
        await until(lambda: not sink.client.is_connected())

        def fill():
            for _ in range(10):
                sink.send(message)

        with pytest.raises(SinkError, match="confirmed nothing"):
            await asyncio.to_thread(fill)
        with pytest.raises(SinkError, match="confirmed nothing for 0 s, 3 messages wait"):
            await asyncio.to_thread(sink.close)
