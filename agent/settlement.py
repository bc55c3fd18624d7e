"""An outcome -> the rows that are committed for it: readings, or a notice and a kept payload, or both. Pure."""

from dataclasses import dataclass
from datetime import datetime

from agent.mqtt.topics import level_of
from agent.pipeline import Outcome
from agent.publish.envelope import quarantine_body, readings_body
from agent.store import OutboxRow, QuarantineRow


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is committed in one transaction before the message is acknowledged."""

    rows: tuple[OutboxRow, ...]
    kept: QuarantineRow | None


def settlement(outcome: Outcome, model: str) -> Settlement:
    """The rows of an outcome; topics are below the agent's root."""
    message, understood = outcome.message, outcome.understood
    rows = []
    if understood is not None and understood.readings:
        body = readings_body(message, understood.device, understood.time, understood.time_source, understood.readings, model)
        rows.append(OutboxRow(message.id, f"readings/{level_of(understood.device)}", body, len(understood.readings)))
    if outcome.reason is None:
        return Settlement(tuple(rows), None)
    rows.append(OutboxRow(message.id, "quarantine", quarantine_body(message, outcome.reason, outcome.detail)))
    kept = QuarantineRow(
        message.id, message.received_at, message.topic, message.payload, len(message.payload), outcome.reason, outcome.detail
    )
    return Settlement(tuple(rows), kept)


def refused(row_id: str, topic: str, body: bytes, detail: str, refused_at: datetime) -> QuarantineRow:
    """The kept form of a publication that the broker can never take: what is kept is the body that was to be published."""
    return QuarantineRow(row_id, refused_at, topic, body, len(body), "publish_refused", detail)
