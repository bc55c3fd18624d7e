"""Samples with times of their own: which time counts for which candidate, where rows or elements of a list each state one."""

import re
from bisect import bisect_right

from agent.domain.document import Candidate, Document

_INDEX = re.compile(r"\[\d+\]")
_STEP = re.compile(r"(?:[./]?[^./\[\]]+|\[\d+\])$")
_XML_STEP = re.compile(r"[./]?[^./\[\]]+(?:\[\d+\])?$")
_ROW_FORMATS = ("csv", "kv")
"""Here a sample is a line; elsewhere it is what stands under the same parent."""


class Samples:
    """The times of a document that are stated as the candidate ``moment`` is, and what each of them counts for.

    They stand in the same column, or under the same keys in other elements of a list. Where that one is alone there are no samples:
    its time is the whole message's.
    """

    def __init__(self, document: Document, moment: int) -> None:
        chosen = document.candidates[moment]
        shape = _INDEX.sub("", chosen.path)
        twins = [
            index
            for index, candidate in enumerate(document.candidates)
            if candidate.kind == chosen.kind and _INDEX.sub("", candidate.path) == shape
        ]
        self.times: list[int] = twins if len(twins) > 1 and chosen.path else []
        """Indices of the times among the candidates."""
        self._step = _XML_STEP if document.format == "xml" else _STEP
        self._lines = [0, *(match.end() for match in re.finditer("\n", document.text))] if document.format in _ROW_FORMATS else []
        self._places: dict[int | str | tuple[str, str], int] = {}
        for index in self.times:
            self._places[self._place(document.candidates[index])] = index

    def time_of(self, candidate: Candidate) -> int | None:
        """The index of the time that counts for a candidate; None where it stands in no sample."""
        if not self._places:
            return None
        if self._lines:
            return self._places.get(self._line(candidate))
        path = candidate.path
        if (column := self._column(path)) in self._places:
            return self._places[column]
        while path:
            path = self._step.sub("", path)
            if path in self._places:
                return self._places[path]
        return None

    def _line(self, candidate: Candidate) -> int:
        return bisect_right(self._lines, candidate.start)

    def _column(self, path: str) -> tuple[str, str]:
        """Where a list of times stands beside lists of values: the parent of both, and the place in the list."""
        parent = self._step.sub("", path)
        return self._step.sub("", parent), path[len(parent) :]

    def _place(self, time: Candidate) -> int | str | tuple[str, str]:
        if self._lines:
            return self._line(time)
        parent = self._step.sub("", time.path)
        in_list_of_times = self._step is _STEP and time.path.endswith("]") and not parent.endswith("]")
        return self._column(time.path) if in_list_of_times else parent
