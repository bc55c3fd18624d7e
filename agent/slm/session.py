"""The reader in ONNX Runtime: Document -> Probabilities, synchronous, one call at a time."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime as ort

from agent.domain.document import Document
from agent.domain.reading import Label
from agent.errors import DataError, FatalError, RetryableError
from agent.slm.answer import Probabilities, choose_label, empty
from agent.slm.kernel import GRAPHS, KERNELS, TIMED_TOKENS, Kernel, fastest_ms, int8_weights, remember, remembered
from agent.slm.manifest import ReaderManifest, load_manifest
from agent.slm.prompt import SPAN, build_prompts
from agent.slm.runtime import session_options
from agent.slm.tokenizer import PieceTokenizer

MAX_PASSES = 64
"""Of one message: some 2,000 keys, seconds of the model's time."""
OUTPUTS = ["role", "quantity", "unit", "inverted"]


class Reader:
    """A verified model, loaded. Not thread-safe: one thread owns it."""

    def __init__(self, folder: Path, threads: int = 0, kernel: Kernel = "int4") -> None:
        self.manifest: ReaderManifest = load_manifest(folder)
        self.kernel = kernel
        self._tokenizer = PieceTokenizer(folder / "tokenizer.json")
        options = session_options(threads)
        graph = folder / GRAPHS[kernel]
        try:
            if kernel == "int8":
                made = dict(int8_weights(folder, self.manifest))
                options.add_external_initializers(list(made), [ort.OrtValue.ortvalue_from_numpy(value) for value in made.values()])
            self._session = ort.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own classes, all of them bare Exceptions
            raise FatalError(f"onnxruntime cannot load {graph}: {error}") from error

    @property
    def name(self) -> str:
        """The model's name, as it stands in readings."""
        return self.manifest.model

    @property
    def digest(self) -> str:
        """What templates are tied to."""
        return self.manifest.digest

    def run_sample(self) -> None:
        """Read a prompt of ``TIMED_TOKENS`` tokens, to be timed."""
        self._session.run(OUTPUTS, {"ids": np.ones((1, TIMED_TOKENS), np.int64), "spans": np.ones((8, SPAN), np.int64)})

    def encode(self, pieces: Sequence[str]) -> list[list[int]]:
        """Token ids of pieces of text."""
        return self._tokenizer.encode(pieces)

    def probabilities(self, document: Document, topic: str, should_stop: Callable[[], bool] = lambda: False) -> Probabilities:
        """What the model thinks of every candidate, in the document's order.

        A long document takes several passes; ``should_stop`` is asked before each, and True raises ``RetryableError``. One that
        takes more than ``MAX_PASSES`` raises ``DataError``: it would hold up everything behind it, each time that it comes.
        """
        found = empty(len(document.candidates), self.manifest.confidence_exponent)
        prompts = build_prompts(document, topic, self._tokenizer.encode)
        if len(prompts) > MAX_PASSES:
            raise DataError(f"the message takes {len(prompts)} passes of the model, and {MAX_PASSES} are allowed: send it in parts")
        for prompt in prompts:
            if should_stop():
                raise RetryableError("the reader ran past its deadline")
            feeds = {
                "ids": np.array([prompt.ids], np.int64),
                "spans": np.array(prompt.spans, np.int64),
            }
            role, quantity, unit, inverted = self._session.run(OUTPUTS, feeds)
            rows = np.array(prompt.indices)
            found.role[rows], found.quantity[rows], found.unit[rows], found.inverted[rows] = role, quantity, unit, inverted
        return found

    def read(self, document: Document, topic: str, should_stop: Callable[[], bool] = lambda: False) -> list[Label]:
        """The label of every candidate, in the document's order."""
        found = self.probabilities(document, topic, should_stop)
        return [choose_label(candidate, found, row) for row, candidate in enumerate(document.candidates)]


def load_reader(folder: Path, threads: int, kernel: Kernel | Literal["auto"], memory: Path) -> Reader:
    """A reader with the kernel wanted; ``auto`` is the one that the file ``memory`` names, or a timing chooses."""
    if kernel != "auto":
        return Reader(folder, threads, kernel)
    known = remembered(memory, load_manifest(folder).digest)
    if known is not None:
        return Reader(folder, threads, known)
    readers = {one: Reader(folder, threads, one) for one in KERNELS}
    times = fastest_ms({one: reader.run_sample for one, reader in readers.items()})
    return readers[remember(memory, readers["int4"].digest, times)]
