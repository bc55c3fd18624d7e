"""The connections of an agent: to the devices' broker, and to the uplink where there is one. Names, will, birth, subscriptions."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from agent.config import BrokerConfig, Config, password
from agent.mqtt.client import Client
from agent.mqtt.packet import Incoming, Outgoing, Subscription, nobody
from agent.mqtt.topics import covers, widest
from agent.publish.envelope import status_body
from agent.telemetry.events import Reporter
from agent.telemetry.version import agent_version


def status_message(config: Config, status: str, now: datetime | None, reason: str = "") -> Outgoing:
    """The retained status: birth, will or farewell."""
    return Outgoing(f"{config.root}/status", status_body(status, config.agent, agent_version(), now, reason), qos=1, retain=True)


def make_client(config: Config, section: str, reporter: Reporter, on_message: Callable[[Incoming], None] = nobody) -> Client:
    """The client of ``mqtt``, or of ``uplink``, without which the agent goes on reading; it connects when it is run.

    Raises ``ConfigError`` for files that do not load.
    """
    broker: BrokerConfig = config.uplink if section == "uplink" else config.mqtt
    suffix = "-uplink" if section == "uplink" else ""
    return Client(
        broker,
        section,
        broker.client_id or f"sensorscribe-{config.agent}{suffix}",
        password(broker, section),
        reporter,
        is_vital=section == "mqtt",
        receive_maximum=config.mqtt.max_inflight,
        will=status_message(config, "offline", None, "connection lost"),
        birth=lambda: status_message(config, "online", datetime.now(UTC)),
        on_message=on_message,
    )


def subscriptions(config: Config, commands: Subscription) -> list[Subscription]:
    """What is subscribed. A filter that another covers is left out, or the broker might deliver messages twice."""
    group, qos = config.mqtt.share_group, min(config.mqtt.qos, 1)
    wanted = [Subscription(one, qos, group) for one in widest(config.mqtt.topics)]
    if group or qos < commands.qos or not any(covers(one.topic_filter, commands.topic_filter) for one in wanted):
        wanted.append(commands)
    return wanted


def ended(before: Iterable[str], now: Iterable[Subscription]) -> list[str]:
    """Subscriptions of before, as they went to the broker, that are wanted no more."""
    wanted = {one.wire for one in now}
    return [wire for wire in before if wire not in wanted]
