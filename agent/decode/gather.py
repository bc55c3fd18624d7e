"""The list that every scanner fills: candidates with their place, bounded, sorted, none twice."""

from collections.abc import Iterable

from agent.decode.limits import MAX_CANDIDATES, MAX_PATH_CHARS
from agent.domain.document import Candidate, Kind


class Gather:
    """Candidates of one text. ``add`` takes a span, so that the literal stands at its offset by construction."""

    def __init__(self, text: str, limit: int = MAX_CANDIDATES) -> None:
        self.text = text
        self.dropped = 0
        self._limit = limit
        self._found: dict[tuple[int, int], Candidate] = {}

    def __len__(self) -> int:
        return len(self._found)

    @property
    def is_full(self) -> bool:
        """True once further candidates are only counted."""
        return len(self._found) >= self._limit

    def drop(self, count: int) -> None:
        """Count candidates that nobody will read."""
        self.dropped += count

    def add(self, path: str, start: int, end: int, kind: Kind, unit_text: str | None = None, leaf: str = "") -> None:
        """One more candidate; a span that is there already keeps its first reading."""
        span = (start, end)
        if span in self._found:
            return
        if self.is_full:
            self.dropped += 1
            return
        self._found[span] = Candidate(path[:MAX_PATH_CHARS], self.text[start:end], start, kind, unit_text or None, leaf)

    def add_placed(self, found: Iterable[Candidate], start: int, offsets: list[int]) -> None:
        """What was found in a copy without escapes; ``offsets[i]`` is where its character i is written behind ``start``.

        A number with an escape in it is no number to those who read its literal.
        """
        for one in found:
            span = (start + offsets[one.start], start + offsets[one.start + len(one.literal)])
            is_escaped = one.kind == "number" and self.text[slice(*span)] != one.literal
            if span[0] < span[1] or not one.literal:
                self.add(one.path, *span, "opaque" if is_escaped else one.kind, None if is_escaped else one.unit_text)

    def candidates(self) -> tuple[Candidate, ...]:
        """In the order of their offsets, the longer first where two begin together."""
        return tuple(self._found[span] for span in sorted(self._found, key=lambda span: (span[0], -span[1])))
