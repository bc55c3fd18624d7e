"""``explain``: what the agent makes of one message, and why: candidates, labels, probabilities, the path taken."""

from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent.cli.lines import to_table
from agent.cli.offline import Offline
from agent.decode import decode
from agent.domain.document import Document, Undecodable
from agent.domain.quantity import quantities
from agent.slm.answer import ROLES, choose_label, unit_class, unit_shares

ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate with the label chosen for it and the likeliest quantities beside it."""

    path: str
    literal: str
    start: int
    kind: str
    unit_text: str | None
    role: str
    role_probability: float
    quantity: str | None
    unit: str | None
    unit_probability: float | None
    inverted: bool
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    is_published: bool

    def to_dict(self) -> dict[str, Any]:
        """The row for ``--json``."""
        table = {name: getattr(self, name) for name in self.__slots__}
        return {**table, "alternatives": [{"quantity": name, "probability": share} for name, share in self.alternatives]}


def rows_of(offline: Offline, document: Document, topic: str, published: set[int]) -> list[Row]:
    """The candidates of a document in their order. Probabilities are the model's own, asked anew; a template hides them."""
    found = offline.reader.probabilities(document, topic)
    names = list(quantities())
    rows = []
    for index, candidate in enumerate(document.candidates):
        label = choose_label(candidate, found, index)
        is_reading = label.role == "reading"
        order = found.quantity[index].argsort()[::-1][:ALTERNATIVES]
        rows.append(
            Row(
                path=candidate.path,
                literal=candidate.literal,
                start=candidate.start,
                kind=candidate.kind,
                unit_text=candidate.unit_text,
                role=label.role,
                role_probability=_rounded(found.role[index, ROLES.index(label.role)]),
                quantity=label.quantity,
                unit=label.unit,
                unit_probability=_rounded(unit_shares(found.unit[index], candidate.unit_text)[unit_class(label.unit)])
                if is_reading
                else None,
                inverted=label.inverted,
                confidence=_rounded(label.confidence),
                alternatives=tuple((names[best], _rounded(found.quantity[index, best])) for best in order) if is_reading else (),
                is_published=candidate.start in published,
            )
        )
    return rows


def _rounded(share: float) -> float:
    return round(float(share), 4)


def explanation(offline: Offline, topic: str, payload: bytes) -> tuple[dict[str, Any], list[Row]]:
    """Everything about one message as a table of plain values, and its rows."""
    answer = offline.read(topic, payload)
    understood = answer.outcome.understood
    published = to_table(None, answer)
    del published["id"]
    table: dict[str, Any] = {"topic": topic, "format": None, "quarantine": answer.outcome.reason, "published": published, "candidates": []}
    document = decode(payload, topic)
    if understood is None or isinstance(document, Undecodable):
        return table, []
    rows = rows_of(offline, document, topic, {reading.start for reading in understood.readings})
    table |= {
        "format": document.format,
        "dialect": document.dialect,
        "encoding": document.encoding,
        "candidates": [row.to_dict() for row in rows],
        "candidates_dropped": document.dropped,
        "threshold": offline.extract.threshold_of(document),
        "via": answer.outcome.via,
        "learned_template": next((reading.template for reading in understood.readings if reading.template), None),
        "time_source": understood.time_source,
        "model": offline.reader.name,
    }
    return table, rows


def show(console: Console, answer: dict[str, Any], rows: list[Row]) -> None:
    """Print an explanation for a person."""
    published = answer["published"]
    if answer["format"] is None:
        console.print(f"Cannot be decoded ({escape(published['error'])}). The message would go to quarantine.", soft_wrap=True)
        return
    console.print(_candidates(rows))
    learned = (
        f"; learned as template {answer['learned_template']}" if answer["learned_template"] else "; not sure enough to learn a template"
    )
    console.print(f"Path: decoded as {answer['format']}, read by {answer['model']} ({published['ms']:.1f} ms){learned}", soft_wrap=True)
    console.print(
        f"Threshold: {answer['threshold']}. Device: {escape(published['device'])}. Time: {published['time'] or 'arrival'}", soft_wrap=True
    )
    if answer["quarantine"]:
        console.print(f"Kept in quarantine too: {answer['quarantine']}", soft_wrap=True)
    console.print(f"Would be published ({len(published['readings'])}):", soft_wrap=True)
    for reading in published["readings"]:
        unit = f" {reading['unit']}" if reading["unit"] else ""
        line = f"{reading['name']}: {reading['quantity']} {reading['value']}{unit}"
        console.print(f"  {escape(line)}  from {escape(repr(reading['literal']))} at {reading['start']}", soft_wrap=True)


def _candidates(rows: list[Row]) -> Table:
    table = Table(title="Candidates", title_justify="left")
    for header in ("where", "literal", "role", "quantity", "unit", "confidence", "instead"):
        table.add_column(header, overflow="fold", justify="right" if header == "confidence" else "left")
    for row in rows:
        instead = ", ".join(f"{name} {share:.2f}" for name, share in row.alternatives[1:])
        cells = (
            row.path,
            row.literal,
            f"{row.role} {row.role_probability:.2f}",
            row.quantity or "",
            row.unit or "",
            f"{row.confidence:.2f}",
            instead,
        )
        table.add_row(*(escape(cell) for cell in cells), style="bold green" if row.is_published else "dim")
    return table
