"""A template: what was understood of a shape, as data. Matching is a few comparisons; merging generalises constants."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from agent.domain.document import Document
from agent.domain.reading import Label
from agent.errors import DataError
from agent.extract.masking import Shape

DISTINCT_BEFORE_FREE = 3
"""A word that is no reading is free to change once so many different ones stood there with the same answer."""


@dataclass(frozen=True, slots=True)
class Template:
    """Labels of the slots of a shape; ``constants[slot]`` are the words, one of which must stand there.

    An empty tuple means that any word may stand there.
    """

    id: str
    key: str
    labels: tuple[Label, ...]
    constants: Mapping[int, tuple[str, ...]]
    origin: Literal["slm", "taught"] = "slm"
    pinned: bool = False

    def to_json(self) -> str:
        """One line of JSON, the form in which templates are stored and exported."""
        return json.dumps(
            {
                "id": self.id, "key": self.key, "labels": [asdict(label) for label in self.labels],
                "constants": {str(slot): list(words) for slot, words in self.constants.items()},
                "origin": self.origin, "pinned": self.pinned,
            },
            ensure_ascii=False,
        )  # fmt: skip

    @classmethod
    def from_json(cls, text: str) -> "Template":
        """The template of a stored line. Raises ``DataError`` where it is none."""
        try:
            table: dict[str, Any] = json.loads(text)
            labels = tuple(Label(**label) for label in table["labels"])
            constants = {int(slot): tuple(words) for slot, words in table["constants"].items()}
            return cls(table["id"], table["key"], labels, constants, table["origin"], table["pinned"])
        except (json.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"not a template: {error!r}") from error


def learn(shape: Shape, document: Document, labels: list[Label]) -> Template | None:
    """A template from the model's answer, or None where the elements of one list were read differently."""
    by_slot: dict[int, Label] = {}
    constants: dict[int, tuple[str, ...]] = {}
    for candidate, slot, label in zip(document.candidates, shape.slots, labels, strict=True):
        known = by_slot.setdefault(slot, label)
        if (known.role, known.quantity, known.unit, known.inverted) != (label.role, label.quantity, label.unit, label.inverted):
            return None
        if label.role == "none" and candidate.kind in ("word", "bool"):
            constants[slot] = (candidate.literal,)
    ordered = tuple(by_slot[slot] for slot in range(shape.size))
    digest = hashlib.sha256(json.dumps([shape.key, sorted(constants.items())]).encode("utf-8", "surrogatepass")).hexdigest()
    return Template(f"t_{digest[:10]}", shape.key, ordered, constants)


def matches(template: Template, shape: Shape, document: Document) -> bool:
    """True where every constant of the template stands in the document; shapes are equal already."""
    if template.key != shape.key or len(template.labels) != shape.size:
        return False
    for candidate, slot in zip(document.candidates, shape.slots, strict=True):
        words = template.constants.get(slot)
        if words and candidate.literal not in words:
            return False
    return True


def answer(template: Template, shape: Shape) -> list[Label]:
    """The label of every candidate by the template."""
    return [template.labels[slot] for slot in shape.slots]


def _meaning(template: Template) -> list[tuple[object, ...]]:
    return [(label.role, label.quantity, label.unit, label.inverted) for label in template.labels]


def merge(old: Template, new: Template) -> Template | None:
    """One template for two of a shape that say the same and differ in the words of one slot; None otherwise.

    The slot collects its words; with ``DISTINCT_BEFORE_FREE`` of them it is free.
    """
    if old.key != new.key or _meaning(old) != _meaning(new) or set(old.constants) != set(new.constants):
        return None
    fresh = [slot for slot, words in new.constants.items() if old.constants[slot] and not set(words) <= set(old.constants[slot])]
    if len(fresh) != 1:
        return None
    slot = fresh[0]
    words = (*old.constants[slot], *new.constants[slot])
    constants = {**old.constants, slot: () if len(words) >= DISTINCT_BEFORE_FREE else words}
    lower = tuple(replace(a, confidence=min(a.confidence, b.confidence)) for a, b in zip(old.labels, new.labels, strict=True))
    return replace(old, labels=lower, constants=constants)
