"""Reads messages without a broker or a database: what ``extract`` and ``explain`` stand on.

The service's own pipeline, one message at a time. Learned templates live as long as the command. There is no queue
and no deadline: nothing waits behind a message, and an answer may not depend on how busy the machine is.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from agent.config import Config
from agent.decode import decode
from agent.domain.document import Document
from agent.domain.message import Message
from agent.domain.reading import Label
from agent.extract import Cascade, Library
from agent.normalise import assemble
from agent.pipeline import Outcome, Pipeline
from agent.slm.manifest import default_model_folder
from agent.slm.session import Reader
from agent.telemetry.events import Reporter
from agent.telemetry.metrics import Metrics


class NoRows:
    """Template rows that are kept nowhere: the library's memory is all that this run needs."""

    def load(self, model_digest: str) -> list[str]:
        """Nothing was kept."""
        del model_digest
        return []

    def put(self, template_id: str, model_digest: str, body: str) -> None:
        """Keep nothing."""

    def delete(self, template_id: str) -> None:
        """There is nothing to remove."""


class DirectModel:
    """The reader, called in the thread of its caller."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def read(self, document: Document, topic: str) -> list[Label]:
        """The label of every candidate."""
        return self._reader.read(document, topic)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one message, and how many milliseconds it took."""

    outcome: Outcome
    ms: float


class Offline:
    """A loaded model with its templates. A context manager; use from one thread, outside of any event loop."""

    def __init__(self, config: Config, *, templates: bool = True, threshold: float | None = None) -> None:
        """Load the model. Raises ``FatalError`` where it does not load."""
        wanted = {} if threshold is None else dict.fromkeys(("threshold", "telegram_threshold", "columns_threshold"), threshold)
        self.extract = config.extract.model_copy(update=wanted)
        folder = Path(config.model.folder) if config.model.folder else default_model_folder()
        self.reader = Reader(folder, config.model.threads, "int8" if config.model.kernel == "int8" else "int4")
        library = Library(NoRows(), self.reader.digest, config.extract.templates_limit) if templates else None
        cascade = Cascade(DirectModel(self.reader), library, config.extract.learn_threshold)
        self._pipeline = Pipeline(cascade, self.extract, Reporter(Metrics()))
        self._loop = asyncio.Runner()
        self._count = 0
        self._warm_up()

    def read(self, topic: str, payload: bytes) -> Answer:
        """What one message says."""
        self._count += 1
        message = Message(str(self._count), topic, payload, datetime.now(UTC))
        begin = time.perf_counter()
        outcome = self._loop.run(self._pipeline.process(message))
        return Answer(outcome, round((time.perf_counter() - begin) * 1000, 3))

    def _warm_up(self) -> None:
        """Load what is loaded at first use (unit tables, the session's memory), so that the first answer's time is a message's."""
        document = decode(b"71.3 F", "a")
        assert isinstance(document, Document)
        self.reader.read(document, "a")
        warm = [Label("reading", "temperature", "[degF]") for _ in document.candidates]
        assemble(document, warm, "a", datetime.now(UTC), 0.0, "slm")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pipeline.close()
        self._loop.close()
