"""A template: what was understood of a shape, as data. Matching is a few comparisons; merging generalises constants."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any, Literal

from agent.domain.document import Candidate, Document
from agent.domain.reading import Label
from agent.errors import DataError
from agent.extract.keys import TOPIC, is_telling
from agent.extract.masking import Shape

DISTINCT_BEFORE_FREE = 3
"""A word that is no reading is free to change once so many different ones stood there with the same answer."""
MAX_LIST_WORDS = 30
"""A list of so many words is free to change at once, unless they decide."""
MAX_WORDS = 500
"""Words kept of a slot; the oldest go first."""
_MAX_WORD_CHARS = 80
"""A longer one is kept as its digest."""


@dataclass(frozen=True, slots=True)
class Template:
    """Labels of the slots of a shape; ``constants[slot]`` are the words, one of which must stand there.

    An empty tuple means that any word may stand there. ``constants[TOPIC]`` are the identities of topics.
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


def learn(shape: Shape, document: Document, labels: list[Label], held: Collection[int] = ()) -> Template | None:
    """A template from the model's answer, or None where the elements of one list were read differently, or too many words decide.

    ``held`` are the candidates whose literals decide, whatever they are.
    """
    by_slot: dict[int, Label] = {}
    words: dict[int, dict[str, None]] = {TOPIC: {shape.identity: None}} if TOPIC in held and shape.identity else {}
    for index, (candidate, slot, label) in enumerate(zip(document.candidates, shape.slots, labels, strict=True)):
        known = by_slot.setdefault(slot, label)
        if known.meaning != label.meaning:
            return None
        if index in held or (label.role == "none" and is_telling(candidate)):
            words.setdefault(slot, {})[_word(candidate)] = None
    decided = held_slots(shape, held)
    if any(len(words[slot]) > MAX_WORDS for slot in decided & words.keys()):
        return None
    constants = {slot: tuple(found) if slot in decided or len(found) < MAX_LIST_WORDS else () for slot, found in words.items()}
    ordered = tuple(by_slot[slot] for slot in range(shape.size))
    digest = hashlib.sha256(json.dumps([shape.key, sorted(constants.items())]).encode("utf-8", "surrogatepass")).hexdigest()
    return Template(f"t_{digest[:10]}", shape.key, ordered, constants)


def held_slots(shape: Shape, held: Collection[int]) -> set[int]:
    """The slots of held candidates; ``TOPIC`` is a slot of its own."""
    return {TOPIC if index == TOPIC else shape.slots[index] for index in held}


def _word(candidate: Candidate) -> str:
    """A literal, or the text that it is a part of, as it is kept and compared."""
    literal = candidate.leaf or candidate.literal
    if len(literal) <= _MAX_WORD_CHARS:
        return literal
    return hashlib.sha256(literal.encode("utf-8", "surrogatepass")).hexdigest()


def matches(template: Template, shape: Shape, document: Document) -> bool:
    """True where every constant of the template stands in the document; shapes are equal already."""
    if template.key != shape.key or len(template.labels) != shape.size:
        return False
    topics = template.constants.get(TOPIC)
    if topics and shape.identity not in topics:
        return False
    for candidate, slot in zip(document.candidates, shape.slots, strict=True):
        words = template.constants.get(slot)
        if words and _word(candidate) not in words:
            return False
    return True


def answer(template: Template, shape: Shape) -> list[Label]:
    """The label of every candidate by the template."""
    return [template.labels[slot] for slot in shape.slots]


def _meaning(template: Template) -> list[tuple[object, ...]]:
    return [label.meaning for label in template.labels]


def is_alike(one: Template, other: Template) -> bool:
    """True where two templates of a shape say the same, whatever words stand there."""
    return one.key == other.key and set(one.constants) == set(other.constants) and _meaning(one) == _meaning(other)


def free_slots(group: Sequence[Template], new: Template, held: Collection[int], varying: Collection[int]) -> set[int]:
    """Slots whose word may change from now on, since many different ones stood there with the same answer.

    ``held`` are slots whose word decides; so do those in which templates with another answer differ. Such a slot is freed only where it
    is ``varying`` (another word with every message), and no word of it ever had another answer beside the same words elsewhere.
    """
    alike = [old for old in group if is_alike(old, new)]
    others = [old for old in group if not is_alike(old, new)]
    free = set()
    for slot in new.constants:
        words = {word for one in (*alike, new) for word in one.constants[slot]}
        differs = any(other.constants.get(slot) and words.isdisjoint(other.constants[slot]) for other in others)
        if any(not one.constants[slot] for one in (*alike, new)):
            free.add(slot)
        elif slot in held or differs:
            if slot in varying and len(words) >= DISTINCT_BEFORE_FREE and not _is_contradicted([*group, new], slot):
                free.add(slot)
        elif len(words) >= DISTINCT_BEFORE_FREE:
            free.add(slot)
    return free


def _is_contradicted(group: Sequence[Template], slot: int) -> bool:
    """True where the answers for two words of a slot differ and no other word accounts for it."""
    return any(
        _meaning(one) != _meaning(other) and all(_overlap(one, other, elsewhere) for elsewhere in one.constants if elsewhere != slot)
        for one, other in combinations(group, 2)
    )


def _overlap(one: Template, other: Template, slot: int) -> bool:
    mine, theirs = one.constants.get(slot), other.constants.get(slot)
    return not mine or not theirs or not set(mine).isdisjoint(theirs)


def merge(old: Template, new: Template, free: Collection[int], held: Collection[int]) -> Template | None:
    """One template for two that are alike, where their words differ in one slot at most besides the free ones; else None.

    Words in ``held`` slots decide together, so the result answers for no pair of them that the model has not seen.
    """
    if not is_alike(old, new):
        return None
    fresh = [slot for slot, words in new.constants.items() if slot not in free and not set(words) <= set(old.constants[slot])]
    if len(fresh) > 1:
        return None
    beside = [slot for slot in held if slot in new.constants and slot not in free and slot not in fresh]
    if set(fresh).intersection(held) and any(set(old.constants[slot]) != set(new.constants[slot]) for slot in beside):
        return None
    constants = {
        slot: () if slot in free else tuple(dict.fromkeys((*words, *new.constants[slot])))[-MAX_WORDS:]
        for slot, words in old.constants.items()
    }
    lower = tuple(replace(a, confidence=min(a.confidence, b.confidence)) for a, b in zip(old.labels, new.labels, strict=True))
    return replace(old, labels=lower, constants=constants)
