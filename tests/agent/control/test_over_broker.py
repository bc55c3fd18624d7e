"""Commands over a real broker, by MQTT 5 and by MQTT 3.1.1, against the running service."""

import contextlib
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.conftest import ROOT

PATIENCE_SECONDS = 60
AGENT = "sensorscribe/tested"


@pytest.fixture
def port(tmp_path):
    """A broker's port on the loopback interface."""
    mosquitto = shutil.which("mosquitto", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if mosquitto is None:
        pytest.skip("no mosquitto here: deploy/system-packages.sh installs it")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"listener {number} 127.0.0.1\nallow_anonymous true\nlog_dest stderr\n")
    with subprocess.Popen([mosquitto, "-c", str(config)], stderr=subprocess.PIPE, text=True) as broker:
        try:
            assert any("running" in line for line in broker.stderr), "mosquitto ended before it was running"
            yield number
        finally:
            broker.kill()


class Client:
    """A client that puts what comes in into a queue."""

    def __init__(self, port, protocol, *topics):
        self.received = queue.Queue()
        subscribed = queue.Queue()
        self.link = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=protocol)
        self.link.on_message = lambda client, userdata, message: self.received.put(message)
        self.link.on_subscribe = lambda *arguments: subscribed.put(arguments)
        self.link.connect("127.0.0.1", port)
        self.link.loop_start()
        for topic in topics:
            self.link.subscribe(topic, 1)
            subscribed.get(timeout=PATIENCE_SECONDS)

    def next(self, topic):
        """The next message on a topic."""
        while True:
            message = self.received.get(timeout=PATIENCE_SECONDS)
            if message.topic == topic:
                return message

    def close(self):
        """End the connection and its thread."""
        self.link.disconnect()
        self.link.loop_stop()


@contextlib.contextmanager
def running(command, environment):
    """A process that does not outlive the block."""
    with subprocess.Popen(command, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.broker
def test_both_protocols_are_answered_and_a_change_outlives_a_restart(port, tmp_path):
    """MQTT 5 gets its correlation data back, MQTT 3.1.1 its id; a change counts after the next start, too; SIGTERM ends with 0."""
    config = tmp_path / "agent.toml"
    config.write_text(f'agent = "tested"\nstate_folder = "{tmp_path / "state"}"\n[mqtt]\nhost = "127.0.0.1"\nport = {port}\n')
    command = [sys.executable, "-m", "agent", "run", "--config", str(config)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    new = Client(port, mqtt.MQTTv5, "answers/1", f"{AGENT}/status")
    old = Client(port, mqtt.MQTTv311, f"{AGENT}/reply/+")
    properties = Properties(PacketTypes.PUBLISH)
    properties.ResponseTopic, properties.CorrelationData = "answers/1", b"\x00\x01"
    try:
        with running(command, environment) as agent:
            assert json.loads(new.next(f"{AGENT}/status").payload)["status"] == "online"
            new.link.publish(f"{AGENT}/cmd/config.set", '{"patch": {"extract": {"threshold": 0.21}}}', 1, properties=properties)
            answer = new.next("answers/1")
            assert (answer.properties.CorrelationData, json.loads(answer.payload)["ok"]) == (b"\x00\x01", True)
            old.link.publish(f"{AGENT}/cmd/nothing", '{"id": "q1"}', 1)
            assert json.loads(old.next(f"{AGENT}/reply/q1").payload)["error"]["code"] == "unknown_command"
            agent.send_signal(signal.SIGTERM)
            assert agent.wait(PATIENCE_SECONDS) == 0
        with running(command, environment) as agent:
            old.link.publish(f"{AGENT}/cmd/config.get", '{"id": "q2", "path": "extract.threshold"}', 1)
            assert json.loads(old.next(f"{AGENT}/reply/q2").payload)["result"] == 0.21
            agent.send_signal(signal.SIGTERM)
            assert agent.wait(PATIENCE_SECONDS) == 0
    finally:
        new.close()
        old.close()
