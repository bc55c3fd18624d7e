"""The learned templates: in memory for look-up, in rows on disk for the next start. Bounded; least recently used go first."""

from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from typing import Protocol

from agent.domain.document import Document
from agent.domain.reading import Label
from agent.errors import DataError
from agent.extract.keys import held
from agent.extract.masking import Shape
from agent.extract.template import Template, free_slots, held_slots, learn, matches, merge

MAX_OF_A_SHAPE = 32
"""Templates of one shape that differ in their words: looked through for every message, so few."""
MAX_SLOTS = 300_000
"""Of all templates together, their words included: one of ten thousand keys weighs a megabyte, of which a small device cannot hold
thousands."""
VARYING_AFTER = 60
"""New words in a slot after which it counts as one that has another with every message, such as a message's number."""
_VARYING_SHARE = 10
"""So many new words for one that comes again."""


class TemplateRows(Protocol):
    """Where templates are kept: rows of (id, JSON), tied to a model's digest."""

    def load(self, model_digest: str) -> list[str]:
        """The stored templates of a model and those taught by a person, oldest use first."""

    def put(self, template_id: str, model_digest: str, body: str) -> None:
        """Insert or replace a row."""

    def delete(self, template_id: str) -> None:
        """Remove a row."""


class _Seen:
    """How often a word that was new, and one that was known, stood in each slot of a shape since the start."""

    def __init__(self) -> None:
        self.fresh: Counter[int] = Counter()
        self.again: Counter[int] = Counter()


class Library:
    """Templates by shape; several of one shape differ in their constants."""

    def __init__(self, rows: TemplateRows, model_digest: str, limit: int = 5000) -> None:
        self._rows = rows
        self._digest = model_digest
        self._limit = limit
        self._by_key: OrderedDict[str, list[Template]] = OrderedDict()
        self.hits: dict[str, int] = {}
        self._seen: dict[str, _Seen] = {}
        self._weight = 0
        self.unreadable = 0
        for body in rows.load(model_digest):
            try:
                template = Template.from_json(body)
            except DataError:
                self.unreadable += 1
                continue
            self._by_key.setdefault(template.key, []).append(template)
            self._weight += _weight(template)
        for group in self._by_key.values():
            group.sort(key=_rank)

    def __len__(self) -> int:
        return sum(len(group) for group in self._by_key.values())

    def __iter__(self) -> Iterator[Template]:
        for group in self._by_key.values():
            yield from group

    def find(self, shape: Shape, document: Document) -> Template | None:
        """The template that a document fits: taught ones first, then those that leave the fewest words free."""
        group = self._by_key.get(shape.key)
        if group is None:
            return None
        for template in group:
            if matches(template, shape, document):
                self._by_key.move_to_end(shape.key)
                self.hits[template.id] = self.hits.get(template.id, 0) + 1
                if (seen := self._seen.get(shape.key)) is not None:
                    seen.again.update(slot for slot, words in template.constants.items() if words)
                return template
        return None

    def learn(self, shape: Shape, document: Document, labels: list[Label]) -> Template | None:
        """Keep the model's answer as a template; merged with those that say the same, where they differ in little."""
        decided = held(document, labels)
        made = learn(shape, document, labels, decided)
        if made is None:
            return None
        group = self._by_key.get(made.key, [])
        slots = held_slots(shape, decided)
        free = free_slots(group, made, slots, self._varying(group, made))
        for old in list(group):
            if (merged := merge(old, made, free, slots)) is None:
                continue
            if merged.id != made.id:
                self.delete(made.id)
            made = merged
        self.put(made)
        return made

    def _varying(self, group: Sequence[Template], new: Template) -> set[int]:
        """The slots in which nearly every message since the start had a word of its own."""
        if not new.constants:
            return set()
        seen = self._seen.setdefault(new.key, _Seen())
        for slot, words in new.constants.items():
            is_new = not any(word in one.constants.get(slot, ()) for one in group for word in words)
            (seen.fresh if is_new else seen.again)[slot] += 1
        return {slot for slot, count in seen.fresh.items() if count >= VARYING_AFTER and seen.again[slot] * _VARYING_SHARE <= count}

    def put(self, template: Template) -> None:
        """Insert or replace by id; the least recently used shapes make room, and the oldest of a shape that has too many."""
        group = self._by_key.setdefault(template.key, [])
        self._weight += _weight(template) - sum(_weight(old) for old in group if old.id == template.id)
        group[:] = sorted([template, *(old for old in group if old.id != template.id)], key=_rank)
        self._by_key.move_to_end(template.key)
        self._rows.put(template.id, self._digest, template.to_json())
        while len(group) > MAX_OF_A_SHAPE and (victim := _oldest(group, template)) is not None:
            self.delete(victim.id)
        while len(self) > self._limit or self._weight > MAX_SLOTS:
            victim = next((old for found in self._by_key.values() if (old := _oldest(found, template)) is not None), None)
            if victim is None:
                return
            self.delete(victim.id)

    def delete(self, template_id: str) -> bool:
        """Remove a template; False where there is none of that id."""
        for key, group in list(self._by_key.items()):
            for template in group:
                if template.id == template_id:
                    group.remove(template)
                    self._weight -= _weight(template)
                    if not group:
                        del self._by_key[key]
                        self._seen.pop(key, None)
                    self._forget(template)
                    return True
        return False

    def _forget(self, template: Template) -> None:
        self.hits.pop(template.id, None)
        self._rows.delete(template.id)


def _weight(template: Template) -> int:
    return len(template.labels) + sum(map(len, template.constants.values()))


def _freedom(template: Template) -> int:
    return sum(1 for words in template.constants.values() if not words)


def _rank(template: Template) -> tuple[bool, int]:
    """Place in a shape's group: a template that knows its words stands before one that would take any."""
    return template.origin != "taught", _freedom(template)


def _oldest(group: Sequence[Template], kept: Template) -> Template | None:
    """The template of a shape that may go first: neither pinned nor the one just put in, and one that answers for little."""
    others = [old for old in reversed(group) if not old.pinned and old.id != kept.id]
    return min(others, key=lambda one: (one.origin == "taught", _freedom(one)), default=None)
