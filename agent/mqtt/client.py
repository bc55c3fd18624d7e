"""A connection to a broker that comes back by itself: MQTT 5 or 3.1.1, persistent session, will and birth, manual acknowledgement.

The only place that knows the library. A PUBLISH that came in is acknowledged when ``acknowledge`` is called, and only on the
connection that it came on: after a reconnect the broker sends it again, and a packet identifier may mean another message.
QoS 2 is not offered: the library answers PUBREC before anything is on disk, so a power cut in between would lose a message.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho_client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from agent.config import BrokerConfig
from agent.errors import AgentError, DataError, FatalError, RetryableError
from agent.mqtt.backoff import full_jitter
from agent.mqtt.driver import Driver
from agent.mqtt.packet import Incoming, Outgoing, Subscription, nobody
from agent.mqtt.refusal import connect_refusal, publish_refusal
from agent.mqtt.tls import tls_context
from agent.telemetry.events import BrokerConnected, BrokerLost, Reporter, SubscriptionRefused

STEADY_SECONDS = 10.0
"""A connection that lasted so long starts the back-off anew; one that breaks at once does not."""
CLOSE_SECONDS = 3.0
PROTOCOLS = {"5": paho_client.MQTTv5, "3.1.1": paho_client.MQTTv311}
MAX_RECEIVE = 65535
MAX_PACKET_BYTES = 16 * 1024 * 1024
"""What an MQTT 5 broker may send at once. It keeps larger messages, firmware images for example, to itself (section 3.1.2.11.4): no text
that is read is as long, and one of 256 MB would fill the memory of a small device at every start."""
PACKET_HEAD_BYTES = 64
"""Room for the fixed header, the packet identifier and the lengths of a PUBLISH."""


class Client:
    """One broker. All methods belong to the event loop's thread."""

    def __init__(
        self,
        broker: BrokerConfig,
        section: str,
        client_id: str,
        password: str | None,
        reporter: Reporter,
        *,
        is_vital: bool = True,
        receive_maximum: int = 200,
        will: Outgoing | None = None,
        birth: Callable[[], Outgoing] | None = None,
        on_message: Callable[[Incoming], None] = nobody,
    ) -> None:
        self._broker, self._section, self._reporter, self._is_vital = broker, section, reporter, is_vital
        self._is_v5 = broker.protocol == "5"
        self._birth, self._on_message_in = birth, on_message
        self._subscriptions: dict[str, Subscription] = {}
        self._standing: dict[str, Subscription] = {}
        """Those that the broker was asked for and has not refused or lost."""
        self._ended: list[str] = []
        self._asked: dict[int, list[str]] = {}
        self._unacknowledged: dict[int, tuple[str, asyncio.Future[None]]] = {}
        self._connection = 0
        self._receive_maximum = MAX_RECEIVE
        self._refusal: AgentError | None = None
        self._lost: asyncio.Future[str] | None = None
        self._is_closing = False
        self.is_connected = False
        self.was_tried = asyncio.Event()
        """Set when the first attempt to connect has ended, well or not."""
        self._room = asyncio.Event()
        self.maximum_packet_bytes = 0
        """What the broker takes at most, 0 for no limit."""

        settings: dict[str, Any] = {} if self._is_v5 else {"clean_session": False}
        self._paho = paho_client.Client(
            CallbackAPIVersion.VERSION2,
            client_id,
            protocol=PROTOCOLS[broker.protocol],
            manual_ack=True,
            reconnect_on_failure=False,
            **settings,
        )
        self._paho.max_inflight_messages_set(0)  # the window is ours, since the library does not keep to the broker's receive maximum
        if broker.username:
            self._paho.username_pw_set(broker.username, password)
        if broker.tls:
            self._paho.tls_set_context(tls_context(broker, section))
        if will is not None:
            self._paho.will_set(will.topic, will.payload, will.qos, will.retain)
        self._paho.on_connect = self._connected
        self._paho.on_disconnect = self._disconnected
        self._paho.on_message = self._received
        self._paho.on_publish = self._acknowledged
        self._paho.on_subscribe = self._subscribed
        self._driver = Driver(self._paho, self._crashed)
        properties = None
        if self._is_v5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = min(broker.session_expiry_seconds, 0xFFFFFFFF)
            properties.ReceiveMaximum = receive_maximum
            properties.MaximumPacketSize = MAX_PACKET_BYTES
        clean: dict[str, Any] = {"clean_start": False} if self._is_v5 else {}
        self._paho.connect_async(broker.host, broker.port, broker.keepalive_seconds, properties=properties, **clean)

    async def run(self) -> None:
        """Connect, and connect again, until closed.

        Raises ``FatalError`` where the first attempt shows that only a person can help and nothing can be done without this broker.
        """
        keeper = asyncio.create_task(self._driver.keep_alive(), name=f"agent.{self._section}.keep_alive")
        try:
            attempt = 0
            while not self._is_closing:
                begin = asyncio.get_running_loop().time()
                problem = await self._connect_once()
                if self._is_closing:
                    return
                if isinstance(problem, FatalError) and self._connection == 0 and self._is_vital:
                    raise problem
                attempt = 0 if asyncio.get_running_loop().time() - begin > STEADY_SECONDS else attempt
                delay = full_jitter(attempt)
                attempt += 1
                self._reporter.emit(BrokerLost(self._section, str(problem), round(delay, 1)))
                self.was_tried.set()
                await asyncio.sleep(delay)
        finally:
            keeper.cancel()

    async def _connect_once(self) -> AgentError:
        """Connect and stay until the connection ends; the answer says why it did."""
        where = f"broker {self._broker.host}:{self._broker.port} ({self._section})"
        self._lost = asyncio.get_running_loop().create_future()
        self._refusal = None
        try:
            await asyncio.to_thread(self._paho.reconnect)
        except (OSError, ValueError) as error:  # name, TCP, TLS; ValueError for a name that cannot be one
            hint = f"; set {self._section}.ca_file to the authority that signed its certificate" if "CERTIFICATE" in str(error) else ""
            return RetryableError(f"{where} is not reached: {error}{hint}")
        reason = await self._lost
        return self._refusal or RetryableError(f"{where} is gone: {reason}")

    def _connected(self, _client: object, _data: object, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self._refusal = connect_refusal(reason.value, str(reason), self._broker, self._section)
            return
        self._connection += 1
        self._receive_maximum = int(getattr(properties, "ReceiveMaximum", MAX_RECEIVE))
        self.maximum_packet_bytes = int(getattr(properties, "MaximumPacketSize", 0))
        self.is_connected = True
        self._reporter.emit(BrokerConnected(self._section, f"{self._broker.host}:{self._broker.port}", bool(flags.session_present)))
        self._unsubscribe_ended()  # before: a filter that was ended and wanted again meanwhile must end up subscribed
        if self._is_v5 or not flags.session_present:
            self._standing.clear()
        self._ask_missing()
        if self._birth is not None:
            birth = self._birth()
            self._paho.publish(birth.topic, birth.payload, birth.qos, birth.retain)
        self._make_room()
        self.was_tried.set()

    def _disconnected(self, _client: object, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        self.is_connected = False
        for wires in self._asked.values():  # nobody knows whether the broker heard of them
            for wire in wires:
                self._standing.pop(wire, None)
        self._asked.clear()
        self._make_room()
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(str(reason))

    def _crashed(self, error: Exception) -> None:
        self.is_connected = False
        if self._lost is not None and not self._lost.done():
            self._lost.set_exception(error)

    def _received(self, _client: object, _data: object, message: paho_client.MQTTMessage) -> None:
        properties = message.properties
        try:
            topic = message.topic
        except UnicodeDecodeError:  # a broker should have refused it (MQTT 5, section 1.5.4); it must not end the agent
            topic = message._topic.decode("utf-8", "backslashreplace")
        self._on_message_in(
            Incoming(
                topic,
                bytes(message.payload),
                message.qos,
                message.retain,
                message.dup,
                message.mid,
                self._connection,
                content_type=getattr(properties, "ContentType", None),
                response_topic=getattr(properties, "ResponseTopic", None),
                correlation_data=getattr(properties, "CorrelationData", None),
            )
        )

    def acknowledge(self, incoming: Incoming) -> None:
        """Let the broker forget a message; nothing where its connection has ended, since the broker sends it again then."""
        if incoming.qos and incoming.connection == self._connection and self.is_connected:
            self._paho.ack(incoming.packet_id, incoming.qos)

    def pause(self) -> None:
        """Stop reading from the broker, which then waits. For seconds, not minutes: keep-alive goes on."""
        self._driver.pause()

    def resume(self) -> None:
        """Read from the broker again."""
        self._driver.resume()

    def subscribe(self, subscriptions: list[Subscription]) -> None:
        """Subscribe now or with the next connection, and again after every loss of the session.

        What stands already is not asked for again: with MQTT 3.1.1 the broker would send every retained message anew.
        """
        self._subscriptions.update({one.wire: one for one in subscriptions})
        if self.is_connected:
            self._ask_missing()

    def unsubscribe(self, wires: list[str]) -> None:
        """End subscriptions, given as they went to the broker; what it holds of them may still come in."""
        for wire in wires:
            self._subscriptions.pop(wire, None)
            self._standing.pop(wire, None)
        self._ended += wires
        self._unsubscribe_ended()

    def _unsubscribe_ended(self) -> None:
        if self.is_connected and self._ended:
            self._paho.unsubscribe(self._ended)
            self._ended = []

    def _ask_missing(self) -> None:
        missing = [one for one in self._subscriptions.values() if self._standing.get(one.wire) != one]
        for one in missing:  # one packet each, so that an answer names its filter and a long list fits any broker
            qos = min(one.qos, 1)
            if self._is_v5:  # retained messages only with a new subscription; our own publications never (not allowed for shared ones)
                options = SubscribeOptions(qos, noLocal=not one.share_group, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
                _, packet_id = self._paho.subscribe(one.wire, options=options)
            else:
                _, packet_id = self._paho.subscribe(one.wire, qos)
            self._asked[packet_id or 0] = [one.wire]
            self._standing[one.wire] = one

    def _subscribed(self, _client: object, _data: object, packet_id: int, reasons: list[Any], _properties: object) -> None:
        for wire, reason in zip(self._asked.pop(packet_id, []), reasons, strict=False):
            if reason.is_failure:
                self._standing.pop(wire, None)
                self._reporter.emit(SubscriptionRefused(wire, str(reason)))
            else:
                self._reporter.metrics.inc("subscriptions_total")

    async def publish(self, message: Outgoing) -> None:
        """Publish with QoS 1 and return when the broker has acknowledged it, over as many connections as that takes.

        Raises ``DataError`` where the broker can never take it, ``RetryableError`` where it did not now.
        """
        while not self._room.is_set():
            await self._room.wait()
        size = len(message.payload) + len(message.topic.encode("utf-8", "surrogatepass")) + len(message.correlation_data or b"")
        if 0 < self.maximum_packet_bytes < size + PACKET_HEAD_BYTES:  # sent all the same, it would end every connection anew
            raise DataError(
                f"{len(message.payload)} bytes on {message.topic} are more than the broker's maximum of {self.maximum_packet_bytes}"
            )
        try:
            info = self._paho.publish(message.topic, message.payload, 1, message.retain, self._properties(message))
        except ValueError as error:
            raise DataError(f"not a message to publish on {message.topic!r}: {error}") from error
        if info.rc not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_NO_CONN):
            raise RetryableError(f"message on {message.topic} not sent: {paho_client.error_string(info.rc)}")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unacknowledged[info.mid] = (message.topic, future)
        self._make_room()
        await future

    def publish_now(self, message: Outgoing) -> bool:
        """Publish with QoS 0 if there is a connection; True where it was sent."""
        if not self.is_connected:
            return False
        info = self._paho.publish(message.topic, message.payload, 0, message.retain, self._properties(message))
        return info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def _properties(self, message: Outgoing) -> Properties | None:
        if not self._is_v5 or message.correlation_data is None:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.CorrelationData = message.correlation_data
        return properties

    def _acknowledged(self, _client: object, _data: object, packet_id: int, reason: Any, _properties: object) -> None:
        topic, future = self._unacknowledged.pop(packet_id, ("", None))
        self._make_room()
        if future is None or future.done():
            return
        refusal = publish_refusal(reason.value, str(reason), topic)
        if refusal is None:
            future.set_result(None)
        else:
            future.set_exception(refusal)

    def _make_room(self) -> None:
        if self.is_connected and len(self._unacknowledged) < self._receive_maximum:
            self._room.set()
        else:
            self._room.clear()

    async def close(self) -> None:
        """Say goodbye to the broker, so that it does not send the will, and end ``run``."""
        self._is_closing = True
        if self.is_connected and self._lost is not None:
            self._paho.disconnect()
            await asyncio.wait([self._lost], timeout=CLOSE_SECONDS)
