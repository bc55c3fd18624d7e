"""Document and labels -> readings, device and time: the last step before the outbox. Pure; no clock but the one given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agent.domain.document import Candidate, Document
from agent.domain.reading import Label, Reading, Via
from agent.normalise.halves import time_text
from agent.normalise.instant import TimeSource, is_length_of_time, parse_instant
from agent.normalise.naming import device_from_topic, numbered_names, record_names, scalar_name
from agent.normalise.plausible import is_plausible
from agent.normalise.position import degrees, degrees_of_text
from agent.normalise.samples import Samples
from agent.normalise.unit import to_usual
from agent.normalise.value import decimal_mark, parse_value

Doubt = Literal["low_confidence", "no_readings", "no_candidates"]


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message says. ``doubt`` is the reason for quarantine, where there is one; readings may stand beside it."""

    device: str
    time: datetime
    time_source: TimeSource
    time_literal: str | None
    """The candidate that was taken for the time; of a date and a time of day side by side one half."""
    readings: tuple[Reading, ...]
    doubt: Doubt | None
    abstained: int
    """Candidates that look like readings and were left out, their confidence being below the threshold."""


def _reading(
    candidate: Candidate, label: Label, value: float | bool | str, name: str, via: Via, template: str | None, time: datetime | None
) -> Reading:
    assert label.quantity is not None
    usual = None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        usual = to_usual(value, label.quantity, label.unit)
    return Reading(
        name=name,
        quantity=label.quantity,
        literal=candidate.literal,
        start=candidate.start,
        value=value,
        unit=label.unit,
        confidence=round(label.confidence, 4),
        via=via,
        template=template,
        value_si=usual[0] if usual else None,
        unit_si=usual[1] if usual else None,
        plausible=is_plausible(label.quantity, usual[0] if usual else None),
        time=time,
    )


def _value(document: Document, index: int, label: Label, mark: str | None) -> float | int | bool | str:
    assert label.quantity is not None
    candidate = document.candidates[index]
    value = parse_value(candidate.literal, label.quantity, label.inverted, None if _is_bare(document, candidate) else mark)
    if label.quantity not in ("latitude", "longitude") or label.unit not in (None, "deg"):
        return value
    if isinstance(value, str):
        found = degrees_of_text(value)
        return value if found is None else found
    return degrees(document, index, label.quantity, value)


def _best(labels: Sequence[Label], role: str) -> int | None:
    """The index of the surest candidate of a role, the first of equals."""
    pairs = [(label.confidence, -index) for index, label in enumerate(labels) if label.role == role]
    return -max(pairs)[1] if pairs else None


def _is_bare(document: Document, candidate: Candidate) -> bool:
    """True for a number of JSON outside of any string, in which a point stands before decimals and nothing else."""
    before = document.text[max(0, candidate.start - 1) : candidate.start]
    return document.format == "json" and not candidate.leaf and before not in ("'", '"')


def _decimal_mark(document: Document, labels: Sequence[Label]) -> str | None:
    """What stands before the decimals of a document's readings, where one of them tells."""
    return decimal_mark(
        candidate.literal
        for candidate, label in zip(document.candidates, labels, strict=True)
        if label.role == "reading" and candidate.kind == "number" and not _is_bare(document, candidate)
    )


def _own_times(
    document: Document, labels: Sequence[Label], found: Samples, received_at: datetime, source: TimeSource
) -> dict[int, datetime]:
    """The times of samples by their index; those alone that come from where the message's does, so that one ``time_source`` says it."""
    stated = {
        index: parse_instant(time_text(document, labels, index), received_at) for index in found.times if labels[index].role != "reading"
    }
    return {index: time for index, (time, its_source) in stated.items() if its_source == source != "arrival"}


def assemble(
    document: Document,
    labels: Sequence[Label],
    topic: str,
    received_at: datetime,
    threshold: float,
    via: Via,
    template: str | None = None,
) -> Understood:
    """The readings of a message whose confidence reaches ``threshold``, its device and its time."""
    device, moment = _best(labels, "device"), _best(labels, "time")
    time, source = parse_instant("" if moment is None else time_text(document, labels, moment), received_at)
    samples = None if moment is None else Samples(document, moment)
    own = _own_times(document, labels, samples, received_at, source) if samples else {}
    mark = _decimal_mark(document, labels)
    names = record_names(document, labels) | numbered_names(document, labels)
    readings = []
    abstained = 0
    ends = -1
    for index, (candidate, label) in enumerate(zip(document.candidates, labels, strict=True)):
        if label.role != "reading" or candidate.kind == "null":
            continue
        if label.quantity == "timestamp" and is_length_of_time(candidate.literal):
            continue
        if label.confidence < threshold:
            abstained += 1
            continue
        if candidate.start < ends:  # a word of a phrase that is a reading already
            continue
        ends = candidate.start + len(candidate.literal)
        sample = samples.time_of(candidate) if samples else None
        value = _value(document, index, label, mark)
        name = names.get(index) or candidate.path or scalar_name(topic)
        readings.append(_reading(candidate, label, value, name, via, template, None if sample is None else own.get(sample)))
    doubt: Doubt | None = None
    if not document.candidates:
        doubt = "no_candidates"
    elif abstained:
        doubt = "low_confidence"
    elif not readings:
        doubt = "no_readings"
    scalar = document.format == "scalar"
    return Understood(
        device=device_from_topic(topic, scalar) if device is None else document.candidates[device].literal,
        time=time,
        time_source=source,
        time_literal=None if moment is None else document.candidates[moment].literal,
        readings=tuple(readings),
        doubt=doubt,
        abstained=abstained,
    )
