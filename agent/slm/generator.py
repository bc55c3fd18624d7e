"""A small causal language model in ONNX Runtime, token by token: keys and values of what was read are kept from pass to pass."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from agent.errors import FatalError
from agent.slm.runtime import session_options

MAX_TOKENS = 512
"""Of a prompt and what is written behind it."""


class Generator:
    """A loaded graph. Threads may share it: what a text has read lies in its ``Reading``."""

    def __init__(self, graph: Path, threads: int = 0) -> None:
        try:
            self.session = ort.InferenceSession(str(graph), session_options(threads), providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own classes, all of them bare Exceptions
            raise FatalError(f"onnxruntime cannot load {graph}: {error}") from error
        self.caches = {one.name: one.shape for one in self.session.get_inputs() if one.name != "ids"}

    def begin(self) -> "Reading":
        """Nothing read yet."""
        return Reading(self)


class Reading:
    """What a generator has read so far."""

    def __init__(self, generator: Generator) -> None:
        self._session = generator.session
        self._past: dict[str, Any] = {
            name: np.zeros((1, shape[1], 0, shape[3]), np.float32) for name, shape in generator.caches.items()
        }  # fmt: skip

    def read(self, ids: Sequence[int]) -> npt.NDArray[np.float32]:
        """Read on; the logits of what comes next, (vocabulary,)."""
        logits, *present = self._session.run(None, {"ids": np.array([ids], np.int64), **self._past})
        self._past = dict(zip(self._past, present, strict=True))
        found: npt.NDArray[np.float32] = logits[0]
        return found
