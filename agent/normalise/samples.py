"""Samples with times of their own: which time counts for which candidate, where rows or elements of a list each state one."""

import re
from bisect import bisect_right
from collections import Counter

from agent.domain.document import Candidate, Document

_INDEX = re.compile(r"\[\d+\]")
_LINE_END = re.compile(r"\r\n|\r|\n")
_ROW_FORMATS = ("csv", "kv", "text", "telegram")
"""Here a sample is a line; elsewhere it is an element of a list, or the place in several lists of one length."""

Place = int | str | tuple[str, str]
"""A line, the path of an element, or the parent of lists that stand side by side with an index of theirs."""


def _shape(path: str) -> str:
    """What paths of the same meaning in other elements share. In a list of lists the inner place has a meaning."""
    inner = path.rpartition("[")[2] if path.endswith("]") and path[: path.rfind("[")].endswith("]") else ""
    return _INDEX.sub("", path).lstrip(".") + inner


def _elements(path: str) -> list[str]:
    """The elements of lists that a path leads through, the outermost first."""
    return [path[: match.end()] for match in _INDEX.finditer(path)]


class Samples:
    """The times of a document that are stated as the candidate ``moment`` is, and what each of them counts for.

    They stand in the same column, or under the same keys in other elements of a list. Where that one is alone there are no samples: its
    time is the whole message's. A place that two of them claim is none.
    """

    def __init__(self, document: Document, moment: int) -> None:
        self._format = document.format
        self._is_ndjson = document.dialect == "ndjson"
        self._lines = [match.end() for match in _LINE_END.finditer(document.text)] if document.format in _ROW_FORMATS else []
        candidates = document.candidates
        chosen = candidates[moment]
        shape = _shape(chosen.path)
        twins = [index for index, one in enumerate(candidates) if one.kind == chosen.kind and _shape(one.path) == shape]
        places = [self._place_of_time(candidates[index]) for index in twins]
        claims = Counter(places)
        self._lengths = Counter(one.path.rpartition("[")[0] for one in candidates if one.path.endswith("]"))
        self._count = len(twins)
        self._indices = {
            place: index for place, index in zip(places, twins, strict=True) if place is not None and claims[place] == 1 and len(twins) > 1
        }

    @property
    def times(self) -> list[int]:
        """Indices of the times among the document's candidates."""
        return list(self._indices.values())

    def time_of(self, candidate: Candidate) -> int | None:
        """The index of the time that counts for a candidate; None where it stands in no sample."""
        if not self._indices:
            return None
        return next((self._indices[place] for place in self._places(candidate) if place in self._indices), None)

    def _places(self, candidate: Candidate) -> list[Place]:
        """Where a candidate stands, the innermost first."""
        path = candidate.path
        if self._format in _ROW_FORMATS:
            return [self._line(candidate)]
        if self._format == "xml":
            return [path[:at] for at in range(len(path) - 1, 0, -1) if path[at] == "."]
        places: list[Place] = [*reversed(_elements(path))]
        column = self._column(path)
        if column is not None and self._lengths[path.rpartition("[")[0]] == self._count:
            places.insert(0, column)
        return [*places, "[0]"] if self._is_ndjson and not path.startswith("[") else places

    def _place_of_time(self, time: Candidate) -> Place | None:
        """The line, or the innermost element that the time stands in; of a list of times the place in it."""
        path = time.path
        if self._format in _ROW_FORMATS:
            return self._line(time)
        if self._format == "xml":
            return path.rpartition(".")[0] or None
        if (column := self._column(path)) is not None:
            return column
        elements = _elements(path)
        if path.endswith("]") and len(elements) > 1:
            elements.pop()  # the time's own place in a list within a list
        return elements[-1] if elements else "[0]" if self._is_ndjson else None

    def _line(self, candidate: Candidate) -> int:
        return bisect_right(self._lines, candidate.start)

    @staticmethod
    def _column(path: str) -> tuple[str, str] | None:
        """The parent of a list of values, and a value's place in it; None for what stands in no such list."""
        name, bracket, index = path.rpartition("[")
        if not bracket or not path.endswith("]") or name.endswith("]"):
            return None
        return name.rpartition(".")[0], index
