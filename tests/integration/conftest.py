"""A real mosquitto on a free port of the loopback, with persistence, that can be stopped and started again."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from fakes import free_port

BINARY = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


class Mosquitto:
    """The broker as a process."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.process = None
        self.lines = [
            f"listener {self.port} 127.0.0.1", "persistence true", f"persistence_location {folder}/", "autosave_interval 1",
            "autosave_on_changes true", "user root", "max_queued_messages 100000",
        ]  # fmt: skip
        self.access = ["allow_anonymous true"]

    def start(self):
        """Start it and wait until it listens."""
        path = self.folder / "mosquitto.conf"
        path.write_text("\n".join([*self.lines, *self.access, ""]))
        log = (self.folder / "mosquitto.log").open("a")
        self.process = subprocess.Popen([BINARY, "-c", str(path)], stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.folder / "mosquitto.log").read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("mosquitto does not listen")

    def stop(self):
        """Stop it; it saves its sessions."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None


class Peer:
    """A client of the test: publishes, and keeps what comes on its subscription."""

    def __init__(self, port, topic_filter=None, name="peer", user=None):
        self.received = []
        self._subscribed = False
        self._filter = topic_filter
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, name, clean_session=False, protocol=paho.MQTTv311)
        if user:
            self.client.username_pw_set(*user)
        self.client.max_inflight_messages_set(20)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = lambda client, *_: client.subscribe(self._filter, 1) if self._filter else None
        self.client.on_subscribe = lambda *_: setattr(self, "_subscribed", True)
        self.client.on_message = lambda _client, _data, message: self.received.append(message)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        deadline = time.monotonic() + 20
        while topic_filter and not self._subscribed:
            assert time.monotonic() < deadline, "the test's client is not subscribed"
            time.sleep(0.01)

    def publish(self, topic, payload, qos=1, retain=False):
        """Publish; ``wait_for_publish`` of the answer waits for the acknowledgement."""
        return self.client.publish(topic, payload, qos, retain)

    def close(self):
        """Disconnect."""
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def mosquitto(tmp_path):
    """A broker for one test."""
    if BINARY is None:
        pytest.skip("no mosquitto on this machine: apt-get install mosquitto")
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    broker = Mosquitto(folder)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def other_mosquitto(tmp_path, mosquitto):
    """A second broker."""
    folder = tmp_path / "other"
    folder.mkdir()
    broker = Mosquitto(folder)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def peer(mosquitto):
    """A maker of clients of the test, closed at its end."""
    made = []

    def make(topic_filter=None, name=None, user=None, broker=mosquitto):
        made.append(Peer(broker.port, topic_filter, name or f"peer{len(made)}", user))
        return made[-1]

    yield make
    for one in made:
        one.close()
