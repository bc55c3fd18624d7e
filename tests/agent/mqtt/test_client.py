"""The edge to the library: what it hands over becomes our values, whatever is in it."""

import socket
from types import SimpleNamespace

import pytest
from fakes import running, until
from paho.mqtt.client import Client as Paho
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from agent.config import BrokerConfig
from agent.errors import DataError, FatalError
from agent.mqtt.client import Client
from agent.mqtt.driver import Driver
from agent.mqtt.packet import Outgoing, Subscription
from agent.telemetry.events import Reporter
from agent.telemetry.metrics import Metrics


async def test_topic_that_is_no_utf8_does_not_end_the_agent():
    """A broker that lets such a topic through must not bring the agent down again and again: the message is read under a readable name."""
    received = []
    client = Client(BrokerConfig(), "mqtt", "me", None, Reporter(Metrics()), on_message=received.append)
    message = MQTTMessage(7, b"a/\xff\xfe/b")
    message.qos, message.payload = 1, b"21.5"
    client._received(None, None, message)
    assert [(one.topic, one.payload, one.packet_id) for one in received] == [("a/\\xff\\xfe/b", b"21.5", 7)]


class Recorder:
    """Stands in for the library and notes what it is asked for."""

    def __init__(self):
        self.asked = []

    def subscribe(self, wire, qos=0, options=None):
        """Note it."""
        self.asked.append(("subscribe", wire))
        return 0, len(self.asked)

    def unsubscribe(self, wires):
        """Note it."""
        self.asked += [("unsubscribe", wire) for wire in wires]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_filter_removed_and_added_again_while_offline_is_subscribed(protocol):
    """What is ended is ended before anything is subscribed, or the broker would end the new subscription."""
    client = Client(BrokerConfig(protocol=protocol), "mqtt", "me", None, Reporter(Metrics()))
    client._paho = Recorder()
    client.unsubscribe(["a/#"])
    client.subscribe([Subscription("a/#")])
    client._connected(None, None, SimpleNamespace(session_present=True), SimpleNamespace(is_failure=False), None)
    assert client._paho.asked == [("unsubscribe", "a/#"), ("subscribe", "a/#")]


def connected(protocol="3.1.1", *filters):
    """A client with a recorder in the library's place, connected, with subscriptions; and what it is asked for from then on."""
    client = Client(BrokerConfig(protocol=protocol), "mqtt", "me", None, Reporter(Metrics()))
    client._paho = Recorder()
    client.subscribe([Subscription(one) for one in filters])
    reconnect(client, session_present=False)
    client._paho.asked.clear()
    return client, client._paho.asked


def reconnect(client, session_present):
    """The connection is lost and comes back."""
    client._disconnected(None, None, None, "gone", None)
    client._connected(None, None, SimpleNamespace(session_present=session_present), SimpleNamespace(is_failure=False), None)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_only_what_is_new_or_changed_is_subscribed(protocol):
    """What stands already would bring every retained message again with MQTT 3.1.1, for a change of the log level even."""
    client, asked = connected(protocol, "a/#", "b/#")
    client.subscribe([Subscription("a/#"), Subscription("b/#")])
    assert asked == []
    client.subscribe([Subscription("a/#"), Subscription("b/#", 0), Subscription("c/#")])
    assert asked == [("subscribe", "b/#"), ("subscribe", "c/#")]
    client.unsubscribe(["c/#"])
    client.subscribe([Subscription("c/#")])
    assert asked[2:] == [("unsubscribe", "c/#"), ("subscribe", "c/#")]


@pytest.mark.parametrize(
    ("protocol", "is_answered", "session_present", "asked_again"),
    [("3.1.1", True, True, []), ("3.1.1", False, True, ["a/#"]), ("3.1.1", True, False, ["a/#"]), ("5", True, True, ["a/#"])],
)
async def test_reconnection_subscribes_what_the_broker_may_not_have(protocol, is_answered, session_present, asked_again):
    """A lost session, or a request that the connection broke before its answer; MQTT 5 sends no retained message for it."""
    client, asked = connected(protocol, "a/#")
    if is_answered:
        client._subscribed(None, None, 1, [SimpleNamespace(is_failure=False)], None)
    reconnect(client, session_present)
    assert asked == [("subscribe", wire) for wire in asked_again]


async def test_filter_wanted_while_offline_is_subscribed_in_a_session_that_stands():
    """The session knows what was subscribed before, not what was wanted meanwhile."""
    client, asked = connected("3.1.1", "a/#")
    client._subscribed(None, None, 1, [SimpleNamespace(is_failure=False)], None)
    client._disconnected(None, None, None, "gone", None)
    client.subscribe([Subscription("a/#"), Subscription("b/#")])
    reconnect(client, session_present=True)
    assert asked == [("subscribe", "b/#")]


async def test_refused_filter_is_asked_for_again():
    """Its ACL may have been corrected when the configuration changes next."""
    client, asked = connected("3.1.1", "a/#")
    client._subscribed(None, None, 1, [SimpleNamespace(is_failure=True)], None)
    client.subscribe([Subscription("a/#")])
    assert asked == [("subscribe", "a/#")]


@pytest.mark.parametrize(("topic", "correlation"), [("a" * 100, None), ("温" * 40, None), ("a", b"c" * 100)])
async def test_packet_larger_than_the_broker_takes_is_not_sent(topic, correlation):
    """Topic and correlation data count in bytes: a packet too large would end this connection and, sent again, each one after it."""
    client = Client(BrokerConfig(), "mqtt", "me", None, Reporter(Metrics()))
    client._room.set()
    client.maximum_packet_bytes = 200
    with pytest.raises(DataError, match="maximum of 200"):
        await client.publish(Outgoing(topic, b"x" * 50, correlation_data=correlation))


@pytest.mark.parametrize("is_vital", [True, False])
async def test_refused_user_ends_only_an_agent_that_can_do_nothing_without(is_vital):
    """A password that the uplink does not take any more must not stop the reading here; it is tried again and told."""
    metrics = Metrics()
    client = Client(BrokerConfig(), "uplink", "me", None, Reporter(metrics), is_vital=is_vital)
    refused = FatalError("refused user")

    async def connect_once():
        return refused

    client._connect_once = connect_once
    if is_vital:
        with pytest.raises(FatalError):
            await client.run()
    else:
        async with running(client.run()) as task:
            await until(client.was_tried.is_set)
            assert not task.done()
        assert metrics.count("disconnects_total", reason="uplink") == 1


async def test_broker_is_told_how_large_a_packet_may_be():
    """A firmware image on a topic must not fill the memory of a small device."""
    client = Client(BrokerConfig(), "mqtt", "me", None, Reporter(Metrics()))
    assert client._paho._connect_properties.MaximumPacketSize == 16 * 1024 * 1024


async def test_socket_that_closed_before_the_loop_heard_of_it_is_left_alone():
    """A connection that breaks within the connecting thread is no defect; the next attempt follows."""
    crashes = []
    driver = Driver(Paho(CallbackAPIVersion.VERSION2), crashes.append)
    with socket.socket() as opened:
        pass
    driver._opened(opened)
    driver.pause()
    driver.resume()
    assert crashes == []
