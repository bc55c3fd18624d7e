"""Weights to int4 or int8 blocks, packed as ONNX Runtime's ``MatMulNBits`` and ``GatherBlockQuantized`` read them.

The way back is ``agent.slm.blocks``. A zero-point input is left out, so the prepacked kernels stay on.

Where it is known what a matrix is multiplied with, its inputs are rounded one after another, and what an input's rounding did to the
products is made up for by the inputs not rounded yet (GPTQ, Frantar et al. 2022): not the weights are kept as near as can be, but what
comes out of the matrix.
"""

import numpy as np
import numpy.typing as npt

from agent.slm.blocks import BLOCK, Bytes, Floats

SHRINKS = (1.0, 0.95, 0.9, 0.85, 0.8, 8 / 7, -8 / 7)
"""Of a block's range; by the last two its extreme is the code -7 or 7, as what was int4 before may have it."""
DAMPING = 0.01
"""Share of the moments' mean diagonal that is added to it, as in the paper."""


def quantize_blocks(weight: Floats, bits: int, block: int = BLOCK, moments: Floats | None = None) -> tuple[Bytes, Floats]:
    """(rows, inputs) float32 -> codes (rows, inputs) uint8 and scales (rows, inputs / block).

    For int4 the scale of each block is the best of a few candidates by squared error, since one outlier else costs the
    whole block. ``moments`` (inputs, inputs) are the mean products of the inputs with one another
    (``models.moments``); without them each weight goes to the nearest code. Raises ``ValueError`` where the inputs are no
    multiple of the block.
    """
    rows, inputs = weight.shape
    if inputs % block:
        raise ValueError(f"{inputs} inputs are no multiple of the block of {block}")
    zero = 1 << (bits - 1)
    scales = _scales(weight.reshape(rows, inputs // block, block), bits)
    each = np.repeat(scales, block, axis=1)
    codes = np.clip(np.rint(weight / each), -zero, zero - 1) if moments is None else _made_up_for(weight, each, moments, zero)
    return (codes + zero).astype(np.uint8), scales


def _scales(blocks: Floats, bits: int) -> Floats:
    """The scale of each block, (rows, blocks)."""
    zero = 1 << (bits - 1)
    extreme = np.take_along_axis(blocks, np.abs(blocks).argmax(-1)[..., None], -1)
    best_scale = np.zeros_like(extreme)
    best_error = np.full(extreme.shape, np.inf, dtype=np.float32)
    for shrink in SHRINKS if bits <= 4 else SHRINKS[:1]:
        scale = extreme * np.float32(shrink) / -zero
        scale = np.where(scale == 0, np.float32(1e-8), scale)
        codes = np.clip(np.rint(blocks / scale), -zero, zero - 1)
        error = np.square(codes * scale - blocks).sum(-1, keepdims=True)
        better = error < best_error
        best_scale = np.where(better, scale, best_scale)
        best_error = np.where(better, error, best_error)
    found: Floats = best_scale[..., 0].astype(np.float32)
    return found


def _made_up_for(weight: Floats, each: Floats, moments: Floats, zero: int) -> npt.NDArray[np.float64]:
    """Codes (rows, inputs) by GPTQ: the inputs that weigh most are rounded first, with the scales as they are."""
    inputs = len(moments)
    diagonal = np.diag(moments).astype(np.float64)
    order = np.argsort(-diagonal, kind="stable")
    damped = moments[np.ix_(order, order)].astype(np.float64)
    damped[np.diag_indices(inputs)] += max(DAMPING * diagonal.mean(), 1e-12)
    upper = np.linalg.cholesky(np.linalg.inv(damped)).T
    left, scales = weight[:, order].astype(np.float64), each[:, order].astype(np.float64)
    codes = np.empty_like(left)
    for place in range(inputs):
        codes[:, place] = np.clip(np.rint(left[:, place] / scales[:, place]), -zero, zero - 1)
        error = (left[:, place] - codes[:, place] * scales[:, place]) / upper[place, place]
        left[:, place + 1 :] -= np.outer(error, upper[place, place + 1 :])
    back = np.empty_like(codes)
    back[:, order] = codes
    return back


def pack(codes: Bytes, bits: int, block: int = BLOCK) -> Bytes:
    """Codes (rows, inputs) -> (rows, inputs / block, block * bits / 8), low bits first."""
    blocks = codes.reshape(codes.shape[0], -1, block)
    if bits == 8:
        return blocks
    return (blocks[..., 0::2] | (blocks[..., 1::2] << 4)).astype(np.uint8)
