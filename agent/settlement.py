"""An outcome -> what is committed for it: readings, or a notice and a kept payload, or both, and what windows count. Pure."""

from dataclasses import dataclass
from datetime import datetime

from agent.domain.observation import Observed
from agent.mqtt.topics import level_of
from agent.normalise import device_from_topic
from agent.pipeline import Outcome
from agent.publish.envelope import quarantine_body, readings_bodies
from agent.store import OutboxRow, QuarantineRow, kept_of
from agent.summarise.observe import Grouping, observed


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is committed in one transaction before the message is acknowledged."""

    rows: tuple[OutboxRow, ...]
    kept: QuarantineRow | None
    observed: Observed | None = None


def settlement(outcome: Outcome, model: str, grouping: Grouping | None = None) -> Settlement:
    """The rows of an outcome; topics are below the agent's root. Without ``grouping`` no window counts it."""
    message, understood = outcome.message, outcome.understood
    counted = _observed(outcome, grouping) if grouping is not None else None
    rows: list[OutboxRow] = []
    if understood is not None and understood.readings:
        topic = f"readings/{level_of(understood.device)}"
        bodies = readings_bodies(message, understood.device, understood.time, understood.time_source, understood.readings, model)
        rows += [OutboxRow(message.id, topic, body, count) for body, count in bodies]
    if outcome.reason is None:
        return Settlement(tuple(rows), None, counted)
    rows.append(OutboxRow(message.id, "quarantine", quarantine_body(message, outcome.reason, outcome.detail)))
    kept = QuarantineRow(
        message.id,
        message.received_at,
        message.topic,
        kept_of(message.payload, outcome.reason),
        len(message.payload),
        outcome.reason,
        outcome.detail,
        message.retain,
    )
    return Settlement(tuple(rows), kept, counted)


def _observed(outcome: Outcome, grouping: Grouping) -> Observed:
    message, understood = outcome.message, outcome.understood
    if understood is None:
        device = device_from_topic(message.topic, False)
        return observed(message, device, message.received_at, "arrival", (), outcome.reason, grouping)
    return observed(message, understood.device, understood.time, understood.time_source, understood.readings, outcome.reason, grouping)


def refused(row_id: str, topic: str, body: bytes, detail: str, refused_at: datetime) -> QuarantineRow:
    """The kept form of a publication that the broker can never take: the body that was to be published, whole whatever its size.

    What it came of was acknowledged long ago: there is no other copy.
    """
    return QuarantineRow(row_id, refused_at, topic, body, len(body), "publish_refused", detail)
