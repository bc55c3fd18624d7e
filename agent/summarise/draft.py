"""A text with placeholders -> the text: ``{f3.value}`` stands for a field of a fact, and code writes it."""

import re
from collections.abc import Mapping
from typing import Protocol

from agent.errors import DataError
from agent.summarise.facts import Facts
from agent.summarise.wording import Style

_SENTENCE_BEGIN = re.compile(r"(?:^|[.!?]\s+)$")
PLACEHOLDER = re.compile(r"\{(f[1-9]\d*)\.([a-z_]+)\}")
Written = Mapping[str, Mapping[str, str]]
"""The fields of each fact as they are written, by the fact's id."""


class Writer(Protocol):
    """Turns facts into a text with placeholders; it writes no number, unit, name or time itself."""

    @property
    def name(self) -> str:
        """What summaries call it."""

    def write(self, facts: Facts, style: Style, attempt: int) -> str:
        """The draft: one to three sentences. ``attempt`` is 0, then 1 where the first draft was refused.

        Raises ``RetryableError`` or ``DataError`` where there is none.
        """


def fill(draft: str, written: Written) -> str:
    """The text of a draft. Raises ``DataError`` for a placeholder that no fact has."""

    def replaced(match: re.Match[str]) -> str:
        try:
            shown = written[match[1]][match[2]]
        except KeyError:
            raise DataError(f"{match[0]} stands for no field of the facts") from None
        begins = match[2] == "quantity" and _SENTENCE_BEGIN.search(draft, 0, match.start()) is not None
        return shown[:1].upper() + shown[1:] if begins and not shown[1:2].isupper() else shown

    stray = PLACEHOLDER.sub("", draft)
    if "{" in stray or "}" in stray:
        raise DataError("a brace that belongs to no placeholder")
    return PLACEHOLDER.sub(replaced, draft)
