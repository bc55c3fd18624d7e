"""A batch of named values (``{"values":[{"id":"Line1.Temp","v":21.5},...]}``) -> one document for each of its records.

Servers send what has changed, so the same records come in ever new company; each says by itself which value it is. Learned one by one
they are known after the first message that holds them, learned together they never would be.
"""

from dataclasses import dataclass, replace

from agent.domain.document import Candidate, Document
from agent.extract.keys import is_record

_MOST_CANDIDATES = 20_000
"""Of all parts together: what stands outside of the records is in each of them."""


@dataclass(frozen=True, slots=True)
class Part:
    """One record with what stands outside of all, as if it came alone; ``places`` are its candidates' numbers in the whole."""

    document: Document
    places: tuple[int, ...]


def parts_of(document: Document) -> list[Part]:
    """The records of a document, or the document as its only part: where it is no JSON, or its records don't say which value they hold."""
    whole = [Part(document, tuple(range(len(document.candidates))))]
    if document.format != "json" or not any("]." in candidate.path for candidate in document.candidates):
        return whole
    records: dict[str, list[int]] = {}
    outside: list[int] = []
    for index, candidate in enumerate(document.candidates):
        record = _record(candidate)
        (records.setdefault(record, []) if record else outside).append(index)
    lists = {record[: record.rindex("[")] for record in records}
    if len(lists) != 1 or len(document.candidates) + len(outside) * len(records) > _MOST_CANDIDATES:
        return whole
    if not all(is_record([document.candidates[index] for index in places]) for places in records.values()):
        return whole
    return [_part(document, record, sorted([*outside, *places])) for record, places in records.items()]


def _record(candidate: Candidate) -> str:
    """The path to the element of a list in which a candidate stands."""
    return candidate.path[: candidate.path.rfind("].") + 1]


def _part(document: Document, record: str, places: list[int]) -> Part:
    first = record[: record.rindex("[")] + "[0]"
    candidates = [document.candidates[index] for index in places]
    alone = tuple(replace(one, path=first + one.path[len(record) :]) if _record(one) == record else one for one in candidates)
    return Part(replace(document, candidates=alone), tuple(places))
