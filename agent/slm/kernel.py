"""Which matrix kernel a board runs fast: int4 blocks as they ship, or int8 columns made of them when the model is loaded.

ONNX Runtime's int4 kernels want a CPU with an int8 dot product. On one without (Cortex-A72, Raspberry Pi 4) they fall back to float32,
and plain int8 products are the faster way. ``reader-int8.onnx`` is the same graph with such products; its matrices are not shipped but
computed here from the int4 ones in ``reader.bin``. It reads less well (activations have one scale for a whole prompt instead of one for
32 numbers; ``models/README.md`` has the figures), so a timing on the board itself, once, chooses it only where it is far faster.
"""

import json
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from agent.errors import FatalError
from agent.slm.blocks import BLOCK, dequantize_blocks, unpack
from agent.slm.manifest import WEIGHTS, MatrixEntry, ReaderManifest

Kernel = Literal["int4", "int8"]
KERNELS: tuple[Kernel, ...] = ("int4", "int8")
GRAPHS: dict[Kernel, str] = {"int4": "reader.onnx", "int8": "reader-int8.onnx"}
TIMED_TOKENS = 128
TIMED_RUNS = 7
LEAST_GAIN = 3.0
"""How many times faster int8 has to be."""


def int8_columns(codes: npt.NDArray[np.uint8], entry: MatrixEntry, scales: npt.NDArray[np.float32]) -> tuple[Any, Any]:
    """A matrix in blocks -> int8 (inputs, rows) and one scale a row (rows,), as ``DynamicQuantizeMatMul`` reads them."""
    weight = dequantize_blocks(unpack(codes, entry.bits), scales, entry.bits)
    scale = np.maximum(np.abs(weight).max(axis=1), 1e-12) / 127
    return np.ascontiguousarray(np.rint(weight / scale[:, None]).astype(np.int8).T), scale.astype(np.float32)


def int8_weights(folder: Path, manifest: ReaderManifest) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Name and value of every weight that ``reader-int8.onnx`` lacks."""
    content = np.memmap(folder / WEIGHTS, np.uint8, "r")
    for name, entry in manifest.matrices.items():
        size = entry.inputs * entry.bits // 8
        codes = content[entry.offset : entry.offset + entry.rows * size].reshape(entry.rows, size)
        count = entry.rows * entry.inputs // BLOCK
        scales = content[entry.scales_offset : entry.scales_offset + 4 * count].view(np.float32).reshape(entry.rows, -1)
        columns, scale = int8_columns(codes, entry, scales)
        yield f"{name}.int8", columns
        yield f"{name}.int8.scale", scale


def machine() -> dict[str, str]:
    """What a timing holds for."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # no Linux: the architecture has to do
        lines = []
    names = sorted({line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "CPU part", "Model"))})
    return {"cpu": " ".join([platform.machine(), *names]), "onnxruntime": ort.__version__}


def fastest_ms(runs: Mapping[Kernel, Callable[[], object]]) -> dict[Kernel, float]:
    """The best of a few runs of each, in turn, the first left out: other work can only slow a run down."""
    times: dict[Kernel, list[float]] = {one: [] for one in runs}
    for _ in range(1 + TIMED_RUNS):
        for one, run in runs.items():
            begin = time.perf_counter()
            run()
            times[one].append((time.perf_counter() - begin) * 1000)
    return {one: round(min(found[1:]), 3) for one, found in times.items()}


def remembered(path: Path, digest: str) -> Kernel | None:
    """The choice of an earlier start, where model, CPU and runtime are the same; None where it has to be made (again)."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if (
        not isinstance(known, dict)
        or known.get("kernel") not in KERNELS
        or known.get("model") != digest
        or known.get("machine") != machine()
    ):
        return None
    kernel: Kernel = known["kernel"]
    return kernel


def remember(path: Path, digest: str, times: Mapping[Kernel, float]) -> Kernel:
    """Keep the kernel to take and both times; it. Raises ``FatalError`` where the file cannot be written."""
    kernel: Kernel = "int8" if times["int8"] * LEAST_GAIN < times["int4"] else "int4"
    try:
        path.write_text(json.dumps({"kernel": kernel, "ms": dict(times), "model": digest, "machine": machine()}) + "\n", encoding="utf-8")
    except OSError as error:
        raise FatalError(f"{path} cannot be written ({error.strerror}): make room, or correct the permissions of state_folder") from error
    return kernel
