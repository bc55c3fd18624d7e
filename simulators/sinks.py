"""Where simulated messages go: lines of JSON, or a broker. The only place of the simulators that opens a socket."""

import threading
from collections.abc import Callable
from typing import Any, Protocol, TextIO

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from agent.errors import FatalError
from simulators.truth import Simulated

CONNECT_SECONDS = 10.0
FLUSH_SECONDS = 10.0


class SinkError(FatalError):
    """Messages cannot be delivered; the text says what to do."""


class Sink(Protocol):
    """Takes messages in their order."""

    def send(self, message: Simulated) -> None:
        """Deliver a message. Raises ``SinkError``."""

    def close(self) -> None:
        """Deliver what is on its way. Raises ``SinkError`` where something was not."""


class LineSink:
    """Messages as lines of JSON."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def send(self, message: Simulated) -> None:
        """Write a line."""
        self._out.write(message.message_line() + "\n")

    def close(self) -> None:
        """Write what is buffered."""
        self._out.flush()


class BrokerSink:
    """Messages to a broker at QoS 1, so that none is lost between the simulator and the agent that is tried with it."""

    def __init__(self, host: str, port: int, client_id: str = "", username: str | None = None, password: str | None = None) -> None:
        self._where = f"{host}:{port}"
        self._tried = threading.Event()
        self._refusal = ""
        self._last: paho.MQTTMessageInfo | None = None
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id, protocol=paho.MQTTv311)
        self.client.max_inflight_messages_set(100)
        if username is not None:
            self.client.username_pw_set(username, password)
        self.client.on_connect = self._connected
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

    def send(self, message: Simulated) -> None:
        """Hand a message to the broker."""
        self._last = self.client.publish(message.topic, message.payload.encode(), 1, message.retain)

    def listen(self, topic_filters: list[str], receive: Callable[[str, bytes], None]) -> None:
        """Subscribe; ``receive`` is called on the client's own thread with topic and payload. Returns when the broker has agreed."""
        agreed = threading.Event()
        self.client.on_message = lambda _client, _data, message: receive(message.topic, bytes(message.payload))
        self.client.on_subscribe = lambda *_: agreed.set()
        self.client.subscribe([(topic_filter, 1) for topic_filter in topic_filters])
        if not agreed.wait(CONNECT_SECONDS):
            raise SinkError(f"the broker at {self._where} did not answer a subscription")

    def close(self) -> None:
        """Wait until the broker has everything, then say goodbye."""
        try:
            if self._last is not None:
                self._last.wait_for_publish(FLUSH_SECONDS)
                if not self._last.is_published():
                    raise SinkError(f"the broker at {self._where} did not take every message within {FLUSH_SECONDS:.0f} s")
        finally:
            self._stop()

    def _stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()
