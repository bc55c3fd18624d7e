"""The learned templates: in memory for look-up, in rows on disk for the next start. Bounded; least recently used go first."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Protocol

from agent.domain.document import Document
from agent.domain.reading import Label
from agent.errors import DataError
from agent.extract.masking import Shape
from agent.extract.template import Template, learn, matches, merge


class TemplateRows(Protocol):
    """Where templates are kept: rows of (id, JSON), tied to a model's digest."""

    def load(self, model_digest: str) -> list[str]:
        """The stored templates of a model and those taught by a person, oldest use first."""

    def put(self, template_id: str, model_digest: str, body: str) -> None:
        """Insert or replace a row."""

    def delete(self, template_id: str) -> None:
        """Remove a row."""


class Library:
    """Templates by shape; several of one shape differ in their constants."""

    def __init__(self, rows: TemplateRows, model_digest: str, limit: int = 5000) -> None:
        self._rows = rows
        self._digest = model_digest
        self._limit = limit
        self._by_key: OrderedDict[str, list[Template]] = OrderedDict()
        self.hits: dict[str, int] = {}
        self.unreadable = 0
        for body in rows.load(model_digest):
            try:
                template = Template.from_json(body)
            except DataError:
                self.unreadable += 1
                continue
            self._by_key.setdefault(template.key, []).append(template)

    def __len__(self) -> int:
        return sum(len(group) for group in self._by_key.values())

    def __iter__(self) -> Iterator[Template]:
        for group in self._by_key.values():
            yield from group

    def find(self, shape: Shape, document: Document) -> Template | None:
        """The template that a document fits, taught ones first."""
        group = self._by_key.get(shape.key)
        if group is None:
            return None
        for template in group:
            if matches(template, shape, document):
                self._by_key.move_to_end(shape.key)
                self.hits[template.id] = self.hits.get(template.id, 0) + 1
                return template
        return None

    def learn(self, shape: Shape, document: Document, labels: list[Label]) -> Template | None:
        """Keep the model's answer as a template; merged into one that says the same, where there is one."""
        made = learn(shape, document, labels)
        if made is None:
            return None
        group = self._by_key.setdefault(made.key, [])
        for index, old in enumerate(group):
            if merged := merge(old, made):
                group[index] = merged
                self._rows.put(merged.id, self._digest, merged.to_json())
                return merged
        self.put(made)
        return made

    def put(self, template: Template) -> None:
        """Insert or replace by id; the least recently used shapes make room."""
        group = self._by_key.setdefault(template.key, [])
        group[:] = [template, *(old for old in group if old.id != template.id)]
        self._rows.put(template.id, self._digest, template.to_json())
        while len(self) > self._limit:
            victim = next((key for key, found in self._by_key.items() if not any(t.pinned for t in found)), None)
            if victim is None or victim == template.key:
                return
            for old in self._by_key.pop(victim):
                self._forget(old)

    def delete(self, template_id: str) -> bool:
        """Remove a template; False where there is none of that id."""
        for key, group in list(self._by_key.items()):
            for template in group:
                if template.id == template_id:
                    group.remove(template)
                    if not group:
                        del self._by_key[key]
                    self._forget(template)
                    return True
        return False

    def _forget(self, template: Template) -> None:
        self.hits.pop(template.id, None)
        self._rows.delete(template.id)
