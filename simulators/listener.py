"""A subscriber that outlives its broker: what is published under some topic filters, one after the other, until it is told to stop."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from simulators.sinks import CONNECT_SECONDS, SinkError

TURN_SECONDS = 0.1
LEAVE_SECONDS = 5.0
"""How long the broker may take to end a subscription."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as it came; ``seconds`` since the subscription. MQTT 3.1.1 marks as retained what was kept before it alone."""

    seconds: float
    topic: str
    payload: bytes
    retain: bool


class Listener:
    """A subscription at QoS 1. A context manager; connects again by itself and subscribes anew."""

    def __init__(
        self,
        host: str,
        port: int,
        topic_filters: Sequence[str],
        username: str | None = None,
        password: str | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        """Subscribe. Raises ``SinkError`` where the broker cannot be reached or does not agree.

        ``say`` hears, on the client's own thread, when the connection is lost and when it is back.
        """
        self._say = say or (lambda _text: None)
        self._is_ending = False
        self._left = threading.Event()
        self._where = f"{host}:{port}"
        self._filters = [(topic_filter, 1) for topic_filter in topic_filters]
        self._heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._agreed = threading.Event()
        self._refusal = ""
        self._began = time.monotonic()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        if username is not None:
            self._client.username_pw_set(username, password)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_subscribe = self._subscribed
        self._client.on_unsubscribe = lambda *_: self._left.set()
        self._client.on_message = lambda _client, _data, message: self._heard.put(
            Heard(time.monotonic() - self._began, message.topic, bytes(message.payload), message.retain)
        )
        try:
            self._client.connect(host, port)
        except OSError as error:
            raise SinkError(f"no broker at {self._where} ({error}): start one, or name another with --broker HOST:PORT") from error
        self._client.loop_start()
        if not self._agreed.wait(CONNECT_SECONDS) or self._refusal:
            self.close()
            raise SinkError(f"the broker at {self._where} did not let us subscribe ({self._refusal or 'no answer'}): check user and topics")

    def _connected(self, client: paho.Client, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        if reason.is_failure:
            self._refusal = str(reason)
            self._agreed.set()
        else:
            if self._agreed.is_set():
                self._say(f"connected to {self._where} again")
            client.subscribe(self._filters)

    def _disconnected(self, _client: object, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        if self._agreed.is_set() and not self._is_ending:
            self._say(f"the connection to {self._where} is lost ({reason}): what is published meanwhile is not heard")

    def _subscribed(self, _client: object, _data: object, _number: object, reasons: Sequence[Any], _properties: object) -> None:
        self._refusal = next((str(reason) for reason in reasons if reason.is_failure), "")
        self._agreed.set()

    def messages(self, stopped: threading.Event, seconds: float | None = None, idle_seconds: float | None = None) -> Iterator[Heard]:
        """What comes, until ``stopped`` is set, for so many seconds, or until nothing came for so long; then what is on its way."""
        began = latest = time.monotonic()
        while not stopped.is_set() and (seconds is None or time.monotonic() - began < seconds):
            try:
                heard = self._heard.get(timeout=TURN_SECONDS)
            except queue.Empty:
                if idle_seconds is not None and time.monotonic() - latest >= idle_seconds:
                    break
                continue
            latest = time.monotonic()
            yield heard
        self._leave()
        with contextlib.suppress(queue.Empty):
            while True:
                yield self._heard.get_nowait()

    def _leave(self) -> None:
        """Unsubscribe, and wait until the broker has agreed: nothing comes behind that."""
        if self._client.is_connected():
            self._client.unsubscribe([topic_filter for topic_filter, _ in self._filters])
            self._left.wait(LEAVE_SECONDS)

    def close(self) -> None:
        """Say goodbye."""
        self._is_ending = True
        self._client.disconnect()
        self._client.loop_stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
