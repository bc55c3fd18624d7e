"""The cascade: a template that fits answers at once; else the model is asked, and its answer learned.

Messages of one shape that come while the model reads the first of them wait for that one answer. An answer that the model
was sure of becomes a template at once; one that it was unsure of, when the same answer came ``AGREEING_ANSWERS`` times in a
row. Its labels keep their low confidence, so what is published stays the same: only the model's time is saved. A list whose elements the
model read differently (``[21.5, 40, 1013]``) is learned element by element, for lists of that length.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal, Protocol

from agent.domain.document import Document
from agent.domain.reading import Label
from agent.extract.library import Library
from agent.extract.masking import shape_of
from agent.extract.template import answer

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
        shape = shape_of(document, topic)
        shapes = [shape] if shape.size == len(document.candidates) else [shape, shape_of(document, topic, apart=True)]
        while True:
            for one in shapes:
                template = self._library.find(one, document)
                if template is not None:
                    via: Literal["template", "taught"] = "taught" if template.origin == "taught" else "template"
                    return Extraction(tuple(answer(template, one)), via, template.id)
            running = self._reading.get(shape.key)
            if running is None:
                break
            await asyncio.shield(running)
        self._reading[shape.key] = asyncio.get_running_loop().create_future()
        try:
            self.model_calls += 1
            labels = await self._model.read(document, topic)
            settled = self._is_sure(document, labels) or self._is_repeated(shape.key, labels)
            tries = (self._library.learn(one, document, labels) for one in shapes if settled)
            learned = next((made for made in tries if made is not None), None)
        finally:
            self._reading.pop(shape.key).set_result(None)
        return Extraction(tuple(labels), "slm", learned.id if learned else None)

    def _is_sure(self, document: Document, labels: list[Label]) -> bool:
        pairs = zip(document.candidates, labels, strict=True)
        return all(
            label.confidence >= self._learn_threshold for candidate, label in pairs if label.role == "reading" or candidate.kind == "number"
        )

    def _is_repeated(self, key: str, labels: list[Label]) -> bool:
        """True where the last answers for a shape, this one included, said the same often enough."""
        said = hash(tuple((label.role, label.quantity, label.unit, label.inverted) for label in labels))
        before, count = self._unsure.pop(key, (said, 0))
        count = count + 1 if before == said else 1
        if count >= AGREEING_ANSWERS:
            return True
        self._unsure[key] = (said, count)
        if len(self._unsure) > UNSURE_SHAPES:
            self._unsure.popitem(last=False)
        return False
