"""Weights to int4 or int8 blocks, packed as ONNX Runtime's ``MatMulNBits`` and ``GatherBlockQuantized`` read them.

The way back is ``agent.slm.blocks``. A zero-point input is left out, so the prepacked kernels stay on.
"""

import numpy as np

from agent.slm.blocks import BLOCK, Bytes, Floats


def quantize_blocks(weight: Floats, bits: int, block: int = BLOCK) -> tuple[Bytes, Floats]:
    """(rows, inputs) float32 -> codes (rows, inputs) uint8 and scales (rows, inputs / block).

    For int4 the scale of each block is the best of a few candidates by squared error, since one outlier else costs the
    whole block. Raises ``ValueError`` where the inputs are no multiple of the block.
    """
    rows, inputs = weight.shape
    if inputs % block:
        raise ValueError(f"{inputs} inputs are no multiple of the block of {block}")
    zero = 1 << (bits - 1)
    blocks = weight.reshape(rows, inputs // block, block)
    extreme = np.take_along_axis(blocks, np.abs(blocks).argmax(-1)[..., None], -1)
    best_scale = np.zeros_like(extreme)
    best_error = np.full(extreme.shape, np.inf, dtype=np.float32)
    for shrink in (1.0, 0.95, 0.9, 0.85, 0.8) if bits <= 4 else (1.0,):
        scale = extreme * shrink / -zero
        scale = np.where(scale == 0, 1e-8, scale)
        codes = np.clip(np.rint(blocks / scale), -zero, zero - 1)
        error = np.square(codes * scale - blocks).sum(-1, keepdims=True)
        better = error < best_error
        best_scale = np.where(better, scale, best_scale)
        best_error = np.where(better, error, best_error)
    codes = np.clip(np.rint(blocks / best_scale), -zero, zero - 1) + zero
    return codes.astype(np.uint8).reshape(rows, inputs), best_scale[..., 0].astype(np.float32)


def pack(codes: Bytes, bits: int, block: int = BLOCK) -> Bytes:
    """Codes (rows, inputs) -> (rows, inputs / block, block * bits / 8), low bits first."""
    blocks = codes.reshape(codes.shape[0], -1, block)
    if bits == 8:
        return blocks
    return (blocks[..., 0::2] | (blocks[..., 1::2] << 4)).astype(np.uint8)
