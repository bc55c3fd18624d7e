"""What the tests compare: a document as plain rows."""

from agent.decode import decode
from agent.domain.document import Document, Undecodable


def read(payload: str | bytes, content_type: str | None = None) -> Document:
    """The document of a payload that has one."""
    document = decode(payload.encode() if isinstance(payload, str) else payload, "t", content_type=content_type)
    assert isinstance(document, Document), document
    return document


def refuse(payload: str | bytes) -> Undecodable:
    """The reason of a payload that has no document."""
    answer = decode(payload.encode() if isinstance(payload, str) else payload)
    assert isinstance(answer, Undecodable), answer
    return answer


def leaves(payload: str | bytes) -> list[tuple[str, str]]:
    """Path and literal of each candidate."""
    return [(item.path, item.literal) for item in read(payload).candidates]


def literals(payload: str | bytes) -> list[str]:
    """The literals alone."""
    return [item.literal for item in read(payload).candidates]


def assert_grounded(document: Document) -> None:
    """Every literal stands at its offset, in order, none twice; no overlap outside prose."""
    end = 0
    spans = [(item.start, item.start + len(item.literal)) for item in document.candidates]
    assert len(set(spans)) == len(spans)
    assert [span[0] for span in spans] == sorted(span[0] for span in spans)
    for item in document.candidates:
        assert document.text[item.start : item.start + len(item.literal)] == item.literal
        if document.format not in ("text", "scalar"):
            assert item.start >= end, f"{item} begins before {end}"
        end = item.start + len(item.literal)
