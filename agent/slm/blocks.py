"""Weights in blocks of int4 or int8, as ONNX Runtime's ``MatMulNBits`` stores them: codes back to numbers.

Symmetric, blocks along the inputs, zero point 8 (int4) or 128 (int8), low bits first.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

BLOCK = 32


def unpack(packed: Bytes, bits: int) -> Bytes:
    """Packed codes, (rows, ...), to (rows, inputs), one a byte."""
    if bits == 8:
        return packed.reshape(len(packed), -1)
    return np.stack([packed & 15, packed >> 4], axis=-1).reshape(len(packed), -1)


def dequantize_blocks(codes: Bytes, scales: Floats, bits: int, block: int = BLOCK) -> Floats:
    """The float32 weight, (rows, inputs), that codes (rows, inputs) and scales (rows, inputs / block) stand for."""
    zero = 1 << (bits - 1)
    blocks = codes.reshape(codes.shape[0], -1, block).astype(np.float32) - zero
    return (blocks * scales[..., None]).reshape(codes.shape).astype(np.float32)
