"""The cascade: a template that fits answers at once; else the model is asked, and its answer learned.

Messages of one shape that come while the model reads the first of them wait for that one answer. An answer that the model
was sure of becomes a template at once; one that it was unsure of, when the same answer came ``AGREEING_ANSWERS`` times in a
row. Its labels keep their low confidence, so what is published stays the same: only the model's time is saved. A list whose elements the
model read differently (``[21.5, 40, 1013]``) is learned element by element, for lists of that length. A batch of named values is learned
record by record.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal, Protocol

from agent.domain.document import Document
from agent.domain.reading import Label
from agent.extract.library import Library
from agent.extract.masking import Shape, shape_of
from agent.extract.records import Part, parts_of
from agent.extract.template import Template, answer

AGREEING_ANSWERS = 3
UNSURE_SHAPES = 10_000
"""Shapes whose unsure answers are remembered; the longest unseen go first."""


class ModelPort(Protocol):
    """The model as the cascade needs it."""

    async def read(self, document: Document, topic: str) -> list[Label]:
        """The label of every candidate. Raises ``RetryableError`` past its deadline or with a full queue."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """A label for every candidate of a document, and where they came from."""

    labels: tuple[Label, ...]
    via: Literal["template", "slm", "taught"]
    template: str | None = None


class Cascade:
    """Template, else model. One instance, on the event loop's thread."""

    def __init__(self, model: ModelPort, library: Library | None, learn_threshold: float = 0.6) -> None:
        self._model = model
        self._library = library
        self._learn_threshold = learn_threshold
        self._reading: dict[str, asyncio.Future[None]] = {}
        self._unsure: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self.model_calls = 0

    async def extract(self, document: Document, topic: str) -> Extraction:
        """The labels of a document. Raises what the model raises; who waits for another's call then asks itself."""
        if self._library is None:
            self.model_calls += 1
            return Extraction(tuple(await self._model.read(document, topic)), "slm")
        parts = [(part, _shapes(part.document, topic)) for part in parts_of(document)]
        while True:
            if (known := self._known(self._library, document, parts)) is not None:
                return known
            key = shape_of(document, topic).key
            running = self._reading.get(key)
            if running is None:
                break
            await asyncio.shield(running)
        self._reading[key] = asyncio.get_running_loop().create_future()
        try:
            self.model_calls += 1
            labels = await self._model.read(document, topic)
            learned: list[str | None] = []
            if self._is_sure(document, labels) or self._is_repeated(key, labels):
                learned = [_learn(self._library, *part, labels) for part in parts]
        finally:
            self._reading.pop(key).set_result(None)
        return Extraction(tuple(labels), "slm", learned[0] if learned else None)

    def _known(self, library: Library, document: Document, parts: list[tuple[Part, list[Shape]]]) -> Extraction | None:
        """What the templates of all parts say together; None where one has none, or they differ in what stands outside of the records."""
        found: dict[int, Label] = {}
        used: list[Template] = []
        for part, shapes in parts:
            if (pair := _find(library, part, shapes)) is None:
                return None
            template, shape = pair
            for place, label in zip(part.places, answer(template, shape), strict=True):
                if found.setdefault(place, label).meaning != label.meaning:
                    return None
            used.append(template)
        via: Literal["template", "taught"] = "taught" if all(template.origin == "taught" for template in used) else "template"
        return Extraction(tuple(found[index] for index in range(len(document.candidates))), via, used[0].id)

    def _is_sure(self, document: Document, labels: list[Label]) -> bool:
        pairs = zip(document.candidates, labels, strict=True)
        return all(
            label.confidence >= self._learn_threshold for candidate, label in pairs if label.role == "reading" or candidate.kind == "number"
        )

    def _is_repeated(self, key: str, labels: list[Label]) -> bool:
        """True where the last answers for a shape, this one included, said the same often enough."""
        said = hash(tuple(label.meaning for label in labels))
        before, count = self._unsure.pop(key, (said, 0))
        count = count + 1 if before == said else 1
        if count >= AGREEING_ANSWERS:
            return True
        self._unsure[key] = (said, count)
        if len(self._unsure) > UNSURE_SHAPES:
            self._unsure.popitem(last=False)
        return False


def _shapes(document: Document, topic: str) -> list[Shape]:
    """The shapes under which a document may be known: its own, and the one in which the elements of lists are told apart."""
    shape = shape_of(document, topic)
    return [shape] if shape.size == len(document.candidates) else [shape, shape_of(document, topic, apart=True)]


def _find(library: Library, part: Part, shapes: list[Shape]) -> tuple[Template, Shape] | None:
    """The template that a part fits, and the shape under which it does."""
    return next(((known, shape) for shape in shapes if (known := library.find(shape, part.document)) is not None), None)


def _learn(library: Library, part: Part, shapes: list[Shape], labels: list[Label]) -> str | None:
    """The id of the template that a part's labels became, or of the one that knew it already."""
    if (pair := _find(library, part, shapes)) is not None:
        return pair[0].id
    tries = (library.learn(shape, part.document, [labels[place] for place in part.places]) for shape in shapes)
    return next((made.id for made in tries if made is not None), None)
