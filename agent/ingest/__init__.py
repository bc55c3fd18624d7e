"""From the broker to the pipeline and back to the acknowledgement."""

from agent.ingest.gate import Gate
from agent.ingest.ledger import Ledger
from agent.ingest.subscriber import Link, Subscriber

__all__ = ["Gate", "Ledger", "Link", "Subscriber"]
