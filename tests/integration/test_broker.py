"""An agent with a scripted model beside a real broker: both MQTT versions, restarts, refusals, own topics, commands."""

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess

import paho.mqtt.client as paho
import pytest
from fakes import ScriptedModel, free_port, until
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from agent.app import App
from agent.config import parse_config
from agent.errors import FatalError

pytestmark = pytest.mark.broker


def config(mosquitto, tmp_path, **tables):
    """A configuration for a broker."""
    mqtt = {"port": mosquitto.port, "host": "127.0.0.1", **tables.pop("mqtt", {})}
    return parse_config({"agent": "box", "state_folder": str(tmp_path / "state"), "drain_seconds": 5, "mqtt": mqtt, **tables})


@contextlib.asynccontextmanager
async def agent(settings, model=None):
    """An agent that runs within a block and stops in order at its end."""
    app, stop = App(settings, load=(model or ScriptedModel()).loaded()), asyncio.Event()
    task = asyncio.create_task(app.run(stop))
    try:
        await until(lambda: app.metrics.count("subscriptions_total") or task.done())
        if task.done():
            await task
        yield app
    finally:
        stop.set()
        await task


def bodies(client, level):
    """What came on a topic of the agent."""
    return [json.loads(one.payload) for one in client.received if one.topic.startswith(f"sensorscribe/box/{level}")]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_message_becomes_readings(mosquitto, peer, tmp_path, protocol):
    """What a device publishes comes back as readings by the contract, in both versions of MQTT."""
    upstream, device = peer("sensorscribe/#"), peer()
    async with agent(config(mosquitto, tmp_path, mqtt={"protocol": protocol})):
        device.publish("home/attic/sensor7", '{"tempF": 71.3}')
        await until(lambda: bodies(upstream, "readings"))
    (body,) = bodies(upstream, "readings")
    assert body["schema"] == "sensorscribe.readings/1"
    assert body["topic"] == "home/attic/sensor7"
    (reading,) = body["readings"]
    assert reading["value"] == 71.3
    assert reading["source"] == {"topic": "home/attic/sensor7", "literal": "71.3", "start": 10}
    assert (reading["via"], reading["model"], reading["device"]) == ("slm", "scripted-1", body["device"])


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_long_list_passes_a_broker_that_takes_small_packets(mosquitto, peer, tmp_path, protocol):
    """A cloud's 128 kB: 2 MB of readings at once would end every connection with MQTT 3.1.1, and hold up all that comes behind."""
    mosquitto.stop()
    mosquitto.lines.append("max_packet_size 131072")
    mosquitto.start()
    upstream, device = peer("sensorscribe/box/readings/#"), peer()
    async with agent(config(mosquitto, tmp_path, mqtt={"protocol": protocol})) as app:
        device.publish("home/list", json.dumps(list(range(10_000, 16_500))))
        await until(lambda: bodies(upstream, "readings"))
        device.publish("home/behind", '{"t": 21.5}')
        await until(lambda: bodies(upstream, "readings")[-1]["topic"] == "home/behind")
    assert app.metrics.count("connects_total", reason="mqtt") == 1
    parts = bodies(upstream, "readings")[:-1]
    assert [part["part"] for part in parts] == list(range(1, parts[0]["parts"] + 1))
    assert [reading["value"] for part in parts for reading in part["readings"]] == list(range(10_000, 16_500))


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_retained_message_comes_once_and_is_told_as_one(mosquitto, peer, tmp_path, protocol):
    """Whatever is changed by command, only what is subscribed anew brings what the broker had kept."""
    upstream, device = peer("sensorscribe/#"), peer()
    device.publish("old/sensor", '{"t": 21.5}', retain=True).wait_for_publish(10)
    async with agent(config(mosquitto, tmp_path, mqtt={"protocol": protocol, "topics": ["old/#"]})) as app:
        await until(lambda: bodies(upstream, "readings"))
        patch = {"id": "q1", "patch": {"telemetry": {"log_level": "error"}}}
        device.publish("sensorscribe/box/cmd/config.set", json.dumps(patch))
        await until(lambda: bodies(upstream, "reply/q1"))
        device.publish("sensorscribe/box/cmd/topics.add", '{"id": "q2", "filter": "new/#"}')
        await until(lambda: bodies(upstream, "reply/q2"))
        device.publish("new/sensor", '{"t": 22.5}')
        await until(lambda: len(bodies(upstream, "readings")) > 1)
    old, new = bodies(upstream, "readings")
    assert (old["retained"], old["readings"][0]["value"]) == (True, 21.5)
    assert ("retained" in new, new["readings"][0]["value"]) == (False, 22.5)
    assert app.metrics.count("readings_left_out_total", reason="retained") == 1


async def test_status_is_born_and_says_farewell(mosquitto, peer, tmp_path):
    """The retained status says online while the agent runs and offline after it."""
    upstream = peer("sensorscribe/box/status")
    async with agent(config(mosquitto, tmp_path)):
        await until(lambda: bodies(upstream, "status"))
    await until(lambda: len(bodies(upstream, "status")) == 2)
    assert [(body["status"], body.get("reason")) for body in bodies(upstream, "status")] == [("online", None), ("offline", "stopped")]
    late = peer("sensorscribe/box/status", name="late")
    await until(lambda: late.received)
    assert late.received[0].retain


async def test_health_is_published_with_metrics(mosquitto, peer, tmp_path):
    """Health comes by itself and names the counters."""
    upstream, device = peer("sensorscribe/box/#"), peer()
    async with agent(config(mosquitto, tmp_path, telemetry={"health_seconds": 0.2})):
        device.publish("a/b", '{"t": 1}')
        await until(lambda: any(body["metrics"].get("readings_published_total") for body in bodies(upstream, "health")))
    metrics = bodies(upstream, "health")[-1]["metrics"]
    assert metrics["messages_received_total"] == 1
    assert metrics["model_calls_total"] == 1
    assert metrics["message_seconds_p99"] > 0


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_own_topics_are_not_read(mosquitto, peer, tmp_path, protocol):
    """With # subscribed an agent reads neither itself nor other agents of its prefix."""
    upstream, device = peer("sensorscribe/#"), peer()
    async with agent(config(mosquitto, tmp_path, mqtt={"protocol": protocol})) as app:
        device.publish("sensorscribe/other/readings/x", '{"t": 1}')
        device.publish("sensorscribe/box/readings/y", '{"t": 1}')
        device.publish("home/a", '{"t": 2}')
        await until(lambda: any(body["topic"] == "home/a" for body in bodies(upstream, "readings") if "topic" in body))
        await until(lambda: app.metrics.count("messages_ignored_total", reason="own_topic") >= 2)
    assert app.metrics.count("messages_received_total") == 1


async def test_unreadable_message_is_kept_and_told(mosquitto, peer, tmp_path):
    """A payload that is no text goes to quarantine; a notice names the reason."""
    upstream, device = peer("sensorscribe/#"), peer()
    async with agent(config(mosquitto, tmp_path)):
        device.publish("a/b", bytes(range(256)) * 4)
        device.publish("a/large", b"x" * 300_000)
        await until(lambda: len(bodies(upstream, "quarantine")) == 2)
    reasons = {body["topic"]: (body["reason"], body["bytes"]) for body in bodies(upstream, "quarantine")}
    assert reasons == {"a/b": ("binary", 1024), "a/large": ("too_large", 300_000)}


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_bad_payloads_and_odd_topics_over_the_wire(mosquitto, peer, tmp_path, protocol):
    """What a real broker lets through ends in readings or a notice with its reason, 10 MB and strange names included."""
    upstream, device = peer("sensorscribe/#"), peer()
    sent = {
        "/": b'{"t": 1}', "a//b": b'{"t": 1}', " a ": b'{"t": 1}', "größe/°C/🌡": b'{"t": 1}', "x" * 30_000: b'{"t": 1}',
        "cut": b'{"t": 1, "u": "ab', "deep": b"[" * 10_000, "nan": b'{"t": NaN}', "empty": b"", "nul": bytes(100),
        "utf16": '{"t": 1}'.encode("utf-16"), "huge": b"x" * 10_000_000, "after": b'{"t": 1}',
    }  # fmt: skip
    async with agent(config(mosquitto, tmp_path, mqtt={"protocol": protocol})) as app:
        for topic, payload in sent.items():
            device.publish(topic, payload)
        await until(lambda: len(bodies(upstream, "readings")) + len(bodies(upstream, "quarantine")) == len(sent) + 1, 60)
    reasons = {body["topic"]: body["reason"] for body in bodies(upstream, "quarantine")}
    assert reasons.pop("cut") == "partly_read"
    assert reasons == {"deep": "no_candidates", "nan": "no_readings", "empty": "empty", "nul": "empty", "huge": "too_large"}
    assert {body["topic"] for body in bodies(upstream, "readings")} == set(sent) - set(reasons)
    assert app.metrics.count("internal_errors_total") == 0


async def test_broker_restart_is_survived(mosquitto, peer, tmp_path):
    """The agent connects again by itself and goes on reading; nothing that was acknowledged to it is missing."""
    upstream, device = peer("sensorscribe/#"), peer()
    async with agent(config(mosquitto, tmp_path)) as app:
        device.publish("a/b", '{"t": 1}').wait_for_publish(20)
        await until(lambda: len(bodies(upstream, "readings")) == 1)
        await asyncio.to_thread(mosquitto.stop)
        await until(lambda: app.metrics.count("disconnects_total"))
        await asyncio.to_thread(mosquitto.start)
        await until(lambda: app.metrics.count("subscriptions_total") == 2)
        await until(device.client.is_connected)
        device.publish("a/b", '{"t": 2}')
        await until(lambda: len({body["id"] for body in bodies(upstream, "readings")}) == 2)


async def test_broker_that_is_down_at_first_is_waited_for(mosquitto, peer, tmp_path):
    """An agent that starts before its broker connects when it comes up."""
    await asyncio.to_thread(mosquitto.stop)
    app, stop = App(config(mosquitto, tmp_path), load=ScriptedModel().loaded()), asyncio.Event()
    task = asyncio.create_task(app.run(stop))
    await until(lambda: app.metrics.count("disconnects_total"))
    await asyncio.to_thread(mosquitto.start)
    await until(lambda: app.metrics.count("connects_total"))
    stop.set()
    await task


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_wrong_password_says_what_to_do(mosquitto, tmp_path, protocol, monkeypatch):
    """A refused login ends the start with an error that names the user and the settings to correct."""
    passwords = tmp_path / "passwords"
    made = await asyncio.to_thread(subprocess.run, ["mosquitto_passwd", "-b", "-c", str(passwords), "scribe", "right"], check=False)
    if made.returncode:
        pytest.skip("mosquitto_passwd does not work here")
    mosquitto.stop()
    mosquitto.access = ["allow_anonymous false", f"password_file {passwords}"]
    mosquitto.start()
    monkeypatch.setenv("SENSORSCRIBE_MQTT_PASSWORD", "wrong")
    settings = config(mosquitto, tmp_path, mqtt={"protocol": protocol, "username": "scribe"})
    with pytest.raises(FatalError, match=r'refused user "scribe".*SENSORSCRIBE_MQTT_PASSWORD.*mqtt.password_file'):
        await App(settings, load=ScriptedModel().loaded()).run(asyncio.Event())
    monkeypatch.setenv("SENSORSCRIBE_MQTT_PASSWORD", "right")
    async with agent(settings):
        pass


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_command_changes_topics_at_once_and_for_good(mosquitto, peer, tmp_path, protocol):
    """A topic filter added by command is read at once, and again after a restart."""
    upstream, device = peer("sensorscribe/#"), peer()
    settings = config(mosquitto, tmp_path, mqtt={"protocol": protocol, "topics": ["old/#"]})
    async with agent(settings) as app:
        await until(lambda: app.metrics.count("subscriptions_total") == 2)
        device.publish("sensorscribe/box/cmd/topics.add", '{"id": "1", "filter": "new/#"}')
        await until(lambda: bodies(upstream, "reply"))
        assert bodies(upstream, "reply")[0]["ok"]
        device.publish("new/a", '{"t": 1}')
        await until(lambda: len(bodies(upstream, "readings")) == 1)
    device.publish("new/a", '{"t": 2}')
    async with agent(settings):
        await until(lambda: len(bodies(upstream, "readings")) == 2)


async def test_topic_removed_from_the_configuration_is_unsubscribed(mosquitto, peer, tmp_path):
    """The broker's session does not keep a filter that the configuration has no more."""
    device = peer()
    async with agent(config(mosquitto, tmp_path, mqtt={"topics": ["a/#", "b/#"]})):
        pass
    async with agent(config(mosquitto, tmp_path, mqtt={"topics": ["a/#"]})) as app:
        device.publish("b/x", '{"t": 1}')
        device.publish("a/x", '{"t": 1}')
        await until(lambda: app.metrics.count("messages_received_total") == 1)
    assert app.metrics.count("messages_ignored_total", reason="not_subscribed") == 0


async def test_message_that_waits_for_the_model_holds_up_nobody(mosquitto, peer, tmp_path):
    """While the model reads one message, others whose template is known are read and acknowledged."""
    upstream, device, model = peer("sensorscribe/#"), peer(), ScriptedModel()
    model.gate = asyncio.Event()
    async with agent(config(mosquitto, tmp_path), model):
        device.publish("quick/a", '{"t": 0}')
        await until(lambda: len(bodies(upstream, "readings")) == 1)
        device.publish("slow/a", '{"x": 1}')
        for number in range(10):
            device.publish("quick/a", json.dumps({"t": number}))
        await until(lambda: len(bodies(upstream, "readings")) == 11)
        assert all(body["topic"] == "quick/a" for body in bodies(upstream, "readings"))
        model.gate.set()
        await until(lambda: len(bodies(upstream, "readings")) == 12)


async def test_readings_go_to_the_uplink(mosquitto, peer, tmp_path):
    """With an uplink readings are published there; the devices' broker and the uplink may be one."""
    upstream, device = peer("sensorscribe/#"), peer()
    uplink = {"enabled": True, "host": "127.0.0.1", "port": mosquitto.port, "protocol": "3.1.1"}
    async with agent(config(mosquitto, tmp_path, uplink=uplink)) as app:
        await until(lambda: app.metrics.count("connects_total", reason="uplink"))
        device.publish("a/b", '{"t": 1}')
        await until(lambda: len(bodies(upstream, "readings")) == 1)


async def test_second_agent_on_one_state_folder_is_refused(mosquitto, tmp_path):
    """Two agents never share a database."""
    settings = config(mosquitto, tmp_path)
    async with agent(settings):
        with pytest.raises(FatalError, match="another agent runs"):
            await App(settings, load=ScriptedModel().loaded()).run(asyncio.Event())


async def test_readings_wait_for_an_uplink_that_is_down(mosquitto, other_mosquitto, peer, tmp_path):
    """While the uplink is away messages are acknowledged to the devices' broker and kept; they are delivered when it is back, in order."""
    other_mosquitto.stop()
    device = peer()
    settings = config(mosquitto, tmp_path, uplink={"enabled": True, "host": "127.0.0.1", "port": other_mosquitto.port}, drain_seconds=1)
    async with agent(settings) as app:
        for number in range(20):
            device.publish("a/b", json.dumps({"t": number}))
        await until(lambda: app.metrics.snapshot()["outbox_rows"] == 20 and not app.metrics.snapshot()["inflight"])
    await asyncio.to_thread(other_mosquitto.start)
    upstream = peer("sensorscribe/#", broker=other_mosquitto)
    async with agent(settings):
        await until(lambda: len(bodies(upstream, "readings")) == 20)
    values = [body["readings"][0]["value"] for body in bodies(upstream, "readings")]
    assert sorted(values) == list(range(20))


async def test_command_is_answered_on_the_response_topic(mosquitto, tmp_path):
    """MQTT 5: the answer goes where the request says, with its correlation data."""
    answers = []
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, "asker", protocol=paho.MQTTv5)
    client.on_message = lambda _client, _data, message: answers.append(message)
    client.on_subscribe = lambda *_: answers.append("subscribed")
    async with agent(config(mosquitto, tmp_path, mqtt={"topics": ["a/#"]})) as app:
        await until(lambda: app.metrics.count("subscriptions_total") == 2)
        client.connect("127.0.0.1", mosquitto.port)
        client.loop_start()
        client.subscribe("answers/here", 1)
        await until(lambda: answers)
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic, properties.CorrelationData = "answers/here", b"c1"
        client.publish("sensorscribe/box/cmd/agent.status", b"{}", 1, properties=properties)
        await until(lambda: len(answers) == 2)
    client.disconnect()
    client.loop_stop()
    assert answers[1].properties.CorrelationData == b"c1"
    body = json.loads(answers[1].payload)
    assert body["ok"]
    assert body["result"]["agent"] == "box"


async def test_service_manager_is_told(mosquitto, tmp_path, monkeypatch):
    """READY after the first connection, the watchdog fed, STOPPING at the end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "400000")
        heard = []

        def listen():
            with contextlib.suppress(BlockingIOError):
                while True:
                    heard.append(manager.recv(1000).decode())
            return heard

        async with agent(config(mosquitto, tmp_path)):
            await until(lambda: "READY=1\nSTATUS=connected" in listen() and listen().count("WATCHDOG=1") > 3)
        assert any(line.startswith("STOPPING=1") for line in listen())


def certificate(folder, name):
    """A key and a certificate for localhost, signed by itself."""
    folder.mkdir(exist_ok=True)
    key, cert = folder / f"{name}.key", folder / f"{name}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key), "-out", str(cert)]
    command += ["-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    return key, cert


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make certificates with")
@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_tls_is_verified(mosquitto, peer, tmp_path, protocol, capsys):
    """With the right authority the agent reads over TLS; with another one it does not connect and says what to set."""
    key, cert = await asyncio.to_thread(certificate, tmp_path / "tls", "right")
    _, other = await asyncio.to_thread(certificate, tmp_path / "tls", "other")
    await asyncio.to_thread(mosquitto.stop)
    port = free_port()
    mosquitto.access += [f"listener {port} 127.0.0.1", f"certfile {cert}", f"keyfile {key}"]
    await asyncio.to_thread(mosquitto.start)
    upstream, device = peer("sensorscribe/#"), peer()
    tls = {"port": port, "protocol": protocol, "tls": True}
    async with agent(config(mosquitto, tmp_path, mqtt={**tls, "ca_file": str(cert)})):
        for number in range(50):
            device.publish("a/b", json.dumps({"t": number, "pad": "x" * 2000}))
        await until(lambda: len(bodies(upstream, "readings")) == 50)
    app, stop = App(config(mosquitto, tmp_path, mqtt={**tls, "ca_file": str(other)}), load=ScriptedModel().loaded()), asyncio.Event()
    task = asyncio.create_task(app.run(stop))
    await until(lambda: app.metrics.count("disconnects_total"))
    stop.set()
    await task
    assert "CERTIFICATE_VERIFY_FAILED" in (said := capsys.readouterr().err)
    assert "set mqtt.ca_file" in said
