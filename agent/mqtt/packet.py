"""What crosses the edge to the broker, as values of our own: no type of the library leaves this package."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Incoming:
    """A PUBLISH packet that came in. With QoS 1 it stays the broker's until ``Client.acknowledge`` is called with it."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    is_duplicate: bool = False
    """The DUP flag: the broker has sent it before and saw no acknowledgement."""
    packet_id: int = 0
    connection: int = 0
    """Number of the connection that it came on; an acknowledgement counts on that one only."""
    content_type: str | None = None
    response_topic: str | None = None
    correlation_data: bytes | None = None


def nobody(_incoming: Incoming) -> None:
    """Takes what comes in on a connection that only publishes."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish; ``correlation_data`` is an MQTT 5 property and left out of MQTT 3.1.1."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    correlation_data: bytes | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic filter with its QoS. ``share_group`` makes it a shared one (MQTT 5, section 4.8.2)."""

    topic_filter: str
    qos: int = 1
    share_group: str = ""

    @property
    def wire(self) -> str:
        """The filter as it goes to the broker."""
        return f"$share/{self.share_group}/{self.topic_filter}" if self.share_group else self.topic_filter
