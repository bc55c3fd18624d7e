"""One message -> what it says, or why it cannot be read: decode, extract, assemble. No broker, no database.

Whatever a payload holds, the answer is an ``Outcome``: a message that made the agent fall over would come again after each
start. The loop is not held up: long payloads, and units that are converted for the first time (the unit library takes a second
and more to load), are worked on in a thread.
"""

import asyncio
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from agent.config import ExtractConfig
from agent.decode import decode
from agent.domain.document import Document, Undecodable
from agent.domain.message import Message
from agent.domain.reading import Via
from agent.errors import DataError, FatalError, RetryableError
from agent.extract import Extraction
from agent.normalise import Understood, assemble
from agent.telemetry.events import MessageFailed, Reporter

T = TypeVar("T")
Reason = Literal[
    "empty", "too_large", "binary", "charset", "compression", "malformed", "no_candidates", "no_readings", "low_confidence",
    "partly_read", "model_busy", "refused_data", "internal_error", "publish_refused",
]  # fmt: skip
"""Why a message is in quarantine: a closed set, since it labels a counter."""
DETAILS = {
    "no_candidates": "the payload holds nothing that could be a value",
    "no_readings": "nothing in the payload was understood as a reading",
    "low_confidence": "readings were left out, their confidence being below the threshold",
    "partly_read": "values were left out: the payload breaks off inside one, or has more than are read",
}
LONG_BYTES = 8192
LONG_CANDIDATES = 300
"""Beyond either, a message is worked on in the thread."""
FAMILIAR_LIMIT = 10_000


class Extractor(Protocol):
    """The cascade as the pipeline needs it."""

    async def extract(self, document: Document, topic: str) -> Extraction:
        """The labels of a document."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message. ``reason`` is set where it goes to quarantine; it may have readings all the same."""

    message: Message
    understood: Understood | None = None
    via: Via | None = None
    reason: Reason | None = None
    detail: str = ""


class Pipeline:
    """Reads messages. One instance, on the event loop's thread; ``settings`` may be changed at any time."""

    def __init__(self, extractor: Extractor, settings: ExtractConfig, reporter: Reporter) -> None:
        self._extractor = extractor
        self.settings = settings
        self._reporter = reporter
        self._familiar: set[str] = set()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="agent.pipeline")

    async def process(self, message: Message, content_type: str | None = None) -> Outcome:
        """What a message says. Raises ``FatalError`` alone."""
        try:
            return await self._process(message, content_type)
        except FatalError:
            raise
        except RetryableError as error:
            return Outcome(message, reason="model_busy", detail=str(error))
        except DataError as error:
            return Outcome(message, reason="refused_data", detail=str(error))
        except Exception as error:  # noqa: BLE001  (the message that shows a defect is kept, counted and logged; the others go on)
            self._reporter.emit(MessageFailed(type(error).__name__, message.topic, traceback.format_exc()))
            return Outcome(message, reason="internal_error", detail=repr(error)[:500])

    async def _process(self, message: Message, content_type: str | None) -> Outcome:
        document = await self._work(
            len(message.payload) > LONG_BYTES, lambda: decode(message.payload, message.topic, content_type=content_type)
        )
        if isinstance(document, Undecodable):
            return Outcome(message, reason=document.reason, detail=document.detail)
        extraction = await self._extractor.extract(document, message.topic)
        is_new = extraction.template not in self._familiar
        least = self.settings.threshold_of(document)
        understood = await self._work(
            is_new or len(document.candidates) > LONG_CANDIDATES,
            lambda: assemble(document, extraction.labels, message.topic, message.received_at, least, extraction.via, extraction.template),
        )
        if is_new and extraction.template is not None and len(self._familiar) < FAMILIAR_LIMIT:
            self._familiar.add(extraction.template)
        doubt: Reason | None = understood.doubt or ("partly_read" if document.dropped else None)
        return Outcome(message, understood, extraction.via, doubt, DETAILS[doubt] if doubt else "")

    async def _work(self, in_thread: bool, step: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, step) if in_thread else step()

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)
