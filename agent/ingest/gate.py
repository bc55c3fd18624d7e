"""Which topics are read: those subscribed, but never the agents' own nor the excluded ones."""

from collections.abc import Sequence
from typing import Literal

from agent.mqtt.topics import matches_any

Refusal = Literal["own_topic", "excluded", "not_subscribed"]


class Gate:
    """Decides by topic. Agents that share a prefix never read each other, or two of them would talk for ever."""

    def __init__(self, prefix: str, topic_filters: Sequence[str], exclude: Sequence[str]) -> None:
        self._prefix = prefix
        self.topic_filters = tuple(topic_filters)
        self.exclude = tuple(exclude)

    def refusal(self, topic: str) -> Refusal | None:
        """Why a message is not read; None for one that is."""
        if topic == self._prefix or topic.startswith(self._prefix + "/"):
            return "own_topic"
        if matches_any(self.exclude, topic):
            return "excluded"
        if not matches_any(self.topic_filters, topic):
            return "not_subscribed"
        return None
