"""A template: what was understood of a shape, as data. Matching is a few comparisons; merging generalises constants."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from agent.domain.document import Candidate, Document
from agent.domain.reading import Label
from agent.errors import DataError
from agent.extract.masking import Shape

DISTINCT_BEFORE_FREE = 3
"""A word that is no reading is free to change once so many different ones stood there with the same answer."""
DISTINCT_WHERE_IT_DECIDES = 30
"""As above, for a word that says what is measured."""
DECIDING_KEYS = frozenset("type kind class measurement quantity parameter metric property field sensor_type sensortype typ art".split())
MAX_TELLING_CHARS = 24
_ADDRESS = re.compile(r"(?:0[xX])?[0-9A-Fa-f.:-]+|.*://.*|[vV]?\d+(?:\.\d+)+.*")
_OBIS = re.compile(r"\d{1,3}-\d{1,3}:[\dA-Z.*&]{3,16}")
_LAST_KEY = re.compile(r".*[./\]]", re.DOTALL)


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
    """A template from the model's answer, or None where the elements of one list were read differently.

    A list of very many words is free to change at once.
    """
    by_slot: dict[int, Label] = {}
    words: dict[int, dict[str, None]] = {}
    for candidate, slot, label in zip(document.candidates, shape.slots, labels, strict=True):
        known = by_slot.setdefault(slot, label)
        if (known.role, known.quantity, known.unit, known.inverted) != (label.role, label.quantity, label.unit, label.inverted):
            return None
        if label.role == "none" and _is_telling(candidate):
            words.setdefault(slot, {})[candidate.literal] = None
    constants = {slot: tuple(found) if len(found) < DISTINCT_WHERE_IT_DECIDES else () for slot, found in words.items()}
    ordered = tuple(by_slot[slot] for slot in range(shape.size))
    digest = hashlib.sha256(json.dumps([shape.key, sorted(constants.items())]).encode("utf-8", "surrogatepass")).hexdigest()
    return Template(f"t_{digest[:10]}", shape.key, ordered, constants)


def _is_telling(candidate: Candidate) -> bool:
    """True for a word that may decide what the numbers mean; a name with a digit is one, an address or a digest is none."""
    if candidate.kind == "opaque":
        is_name = len(candidate.literal) <= MAX_TELLING_CHARS and _ADDRESS.fullmatch(candidate.literal) is None
        return is_name or _is_register(candidate)
    return candidate.kind in ("word", "bool")


def _is_register(candidate: Candidate) -> bool:
    """True for a meter's code by OBIS (IEC 62056-61): its digits say what is measured, ``1-0:1.8.0`` energy, ``1-0:31.7.0`` a current."""
    return _OBIS.fullmatch(candidate.literal) is not None or (candidate.kind == "opaque" and "obis" in _last_key(candidate))


def _last_key(candidate: Candidate) -> str:
    return _LAST_KEY.sub("", candidate.path).lower()


def deciding_slots(shape: Shape, document: Document) -> set[int]:
    """Slots under a key like ``type``, whose word says what is measured, and those of meters' codes."""
    pairs = zip(document.candidates, shape.slots, strict=True)
    return {slot for candidate, slot in pairs if _last_key(candidate) in DECIDING_KEYS or _is_register(candidate)}


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


def is_alike(one: Template, other: Template) -> bool:
    """True where two templates of a shape say the same, whatever words stand there."""
    return one.key == other.key and set(one.constants) == set(other.constants) and _meaning(one) == _meaning(other)


def free_slots(group: Sequence[Template], new: Template, held: Collection[int]) -> set[int]:
    """Slots whose word may change from now on, since so many different ones stood there with the same answer.

    ``held`` are slots whose key says that the word decides; so do the slots in which templates with another answer differ.
    """
    alike = [old for old in group if is_alike(old, new)]
    others = [old for old in group if not is_alike(old, new)]
    free = set()
    for slot in new.constants:
        words = {word for one in (*alike, new) for word in one.constants[slot]}
        decides = slot in held or any(other.constants.get(slot) and words.isdisjoint(other.constants[slot]) for other in others)
        is_free = any(not one.constants[slot] for one in (*alike, new))
        if is_free or len(words) >= (DISTINCT_WHERE_IT_DECIDES if decides else DISTINCT_BEFORE_FREE):
            free.add(slot)
    return free


def merge(old: Template, new: Template, free: Collection[int]) -> Template | None:
    """One template for two that are alike, where their words differ in one slot at most besides the free ones; else None."""
    if not is_alike(old, new):
        return None
    fresh = [slot for slot, words in new.constants.items() if slot not in free and not set(words) <= set(old.constants[slot])]
    if len(fresh) > 1:
        return None
    constants = {
        slot: () if slot in free else tuple(dict.fromkeys((*words, *new.constants[slot]))) for slot, words in old.constants.items()
    }
    lower = tuple(replace(a, confidence=min(a.confidence, b.confidence)) for a, b in zip(old.labels, new.labels, strict=True))
    return replace(old, labels=lower, constants=constants)
