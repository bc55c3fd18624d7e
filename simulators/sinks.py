"""Where simulated messages go: lines of JSON, or a broker."""

import socket
import threading
from collections.abc import Callable
from typing import Any, Protocol, TextIO

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from agent.errors import FatalError
from simulators import packets
from simulators.truth import Simulated

CONNECT_SECONDS = 10.0
FLUSH_SECONDS = 10.0
BATCH_BYTES = 1 << 16
MOST_IN_FLIGHT = 1000
"""Messages that the broker has not confirmed: the next one waits."""
STALL_SECONDS = 60.0
"""How long a broker may be away in the middle of a run."""


class SinkError(FatalError):
    """Messages cannot be delivered; the text says what to do."""


class Sink(Protocol):
    """Takes messages in their order."""

    def send(self, message: Simulated) -> None:
        """Deliver a message. Raises ``SinkError``."""

    def flush(self) -> None:
        """Let nothing wait that was sent. Raises ``SinkError``."""

    def close(self) -> None:
        """Deliver what is on its way. Raises ``SinkError`` where something was not."""


class LineSink:
    """Messages as lines of JSON."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def send(self, message: Simulated) -> None:
        """Write a line."""
        self._out.write(message.message_line() + "\n")

    def flush(self) -> None:
        """Write what is buffered."""
        self._out.flush()

    def close(self) -> None:
        """Write what is buffered."""
        self._out.flush()


class LoadSink:
    """Messages to a broker at QoS 0 by the ten thousand a second: packets are written together, straight to the socket.

    paho-mqtt takes a lock, a wake-up and a system call for each; ``BrokerSink`` uses it where each message counts.
    """

    def __init__(self, host: str, port: int, username: str | None = None, password: str | None = None) -> None:
        self._where = f"{host}:{port}"
        self._buffer = bytearray()
        try:
            self._socket = socket.create_connection((host, port), CONNECT_SECONDS)
            self._socket.sendall(packets.connect("", username, password))
            answer = self._socket.recv(packets.CONNACK_BYTES, socket.MSG_WAITALL)
        except OSError as error:
            raise SinkError(f"no broker at {self._where} ({error}): start one, or name another with --broker HOST:PORT") from error
        if reason := packets.refusal(answer):
            self._socket.close()
            raise SinkError(f"the broker at {self._where} did not let us in ({reason}): check --username and --password")

    def send(self, message: Simulated) -> None:
        """Put a message into the buffer, and the buffer on its way once it is full."""
        self._buffer += packets.publish(message.topic, message.body, message.retain)
        if len(self._buffer) >= BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand the socket what is buffered; waits where the broker is slower."""
        try:
            self._socket.sendall(self._buffer)
        except OSError as error:
            raise SinkError(f"the broker at {self._where} took no more ({error}): see its log") from error
        self._buffer.clear()

    def close(self) -> None:
        """Say goodbye, and wait until the broker has read everything and closed the connection."""
        with self._socket:
            self._buffer += packets.DISCONNECT
            self.flush()
            try:
                self._socket.settimeout(FLUSH_SECONDS)
                self._socket.shutdown(socket.SHUT_WR)
                while self._socket.recv(4096):
                    pass
            except OSError as error:
                raise SinkError(f"the broker at {self._where} did not take every message within {FLUSH_SECONDS:.0f} s") from error


class BrokerSink:
    """Messages to a broker at QoS 1, so that none is lost between the simulator and the agent that is tried with it."""

    def __init__(self, host: str, port: int, client_id: str = "", username: str | None = None, password: str | None = None) -> None:
        self._where = f"{host}:{port}"
        self._tried = threading.Event()
        self._refusal = ""
        self._in_flight = 0
        self._taken = threading.Condition()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id, protocol=paho.MQTTv311)
        self.client.max_inflight_messages_set(100)
        if username is not None:
            self.client.username_pw_set(username, password)
        self.client.on_connect = self._connected
        self.client.on_publish = self._published
        try:
            self.client.connect(host, port)
        except OSError as error:
            raise SinkError(f"no broker at {self._where} ({error}): start one, or name another with --broker HOST:PORT") from error
        self.client.loop_start()
        if not self._tried.wait(CONNECT_SECONDS) or self._refusal:
            self._stop()
            raise SinkError(
                f"the broker at {self._where} did not let us in ({self._refusal or 'no answer'}): check --username and --password"
            )

    def _connected(self, _client: object, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        self._refusal = str(reason) if reason.is_failure else ""
        self._tried.set()

    def _published(self, *_: object) -> None:
        with self._taken:
            self._in_flight -= 1
            self._taken.notify_all()

    def _wait_for(self, most: int, seconds: float) -> None:
        """Wait until no more are in flight. Raises ``SinkError`` where the broker confirms nothing for so long."""
        with self._taken:
            while self._in_flight > most:
                if not self._taken.wait(seconds):
                    raise SinkError(f"the broker at {self._where} confirmed nothing for {seconds:.0f} s, {self._in_flight} messages wait")

    def send(self, message: Simulated) -> None:
        """Hand a message to the broker; waits while too many are in flight. Raises ``SinkError``."""
        self._wait_for(MOST_IN_FLIGHT - 1, STALL_SECONDS)
        with self._taken:
            self._in_flight += 1
        self.client.publish(message.topic, message.body, 1, message.retain)

    def flush(self) -> None:
        """Nothing waits here: the client's own thread sends at once."""

    def listen(self, topic_filters: list[str], receive: Callable[[str, bytes], None]) -> None:
        """Subscribe; ``receive`` is called on the client's own thread with topic and payload. Returns when the broker has agreed."""
        agreed = threading.Event()
        self.client.on_message = lambda _client, _data, message: receive(message.topic, bytes(message.payload))
        self.client.on_subscribe = lambda *_: agreed.set()
        self.client.subscribe([(topic_filter, 1) for topic_filter in topic_filters])
        if not agreed.wait(CONNECT_SECONDS):
            raise SinkError(f"the broker at {self._where} did not answer a subscription")

    def close(self) -> None:
        """Wait until the broker has everything, as long as it goes on confirming, then say goodbye. Raises ``SinkError``."""
        try:
            self._wait_for(0, FLUSH_SECONDS)
        finally:
            self._stop()

    def _stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()
