"""From the outbox to the broker."""

from agent.publish.publisher import Publisher

__all__ = ["Publisher"]
