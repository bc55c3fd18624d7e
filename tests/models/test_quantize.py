"""Packed weights stand for what was quantized."""

import numpy as np
import pytest

from agent.slm.blocks import BLOCK, dequantize_blocks
from models.quantize import pack, quantize_blocks


@pytest.mark.parametrize(("bits", "tolerance"), [(4, 0.2), (8, 0.01)])
def test_quantized_weight_is_near_the_original(bits, tolerance):
    """The error of a block stays within half a step of its scale."""
    weight = np.random.default_rng(0).normal(size=(7, 4 * BLOCK)).astype(np.float32)
    codes, scales = quantize_blocks(weight, bits)
    again = dequantize_blocks(codes, scales, bits)
    assert np.abs(again - weight).mean() / np.abs(weight).mean() < tolerance


def test_packing_puts_the_first_code_in_the_low_bits():
    """ONNX Runtime reads the even code of a byte from its low half."""
    codes = np.arange(BLOCK, dtype=np.uint8)[None, :] % 16
    packed = pack(codes, 4)
    assert packed.shape == (1, 1, BLOCK // 2)
    assert packed[0, 0, 0] == (0 | (1 << 4))


def test_inputs_must_fill_blocks():
    """A width that is no multiple of the block is refused, not padded in silence."""
    with pytest.raises(ValueError, match="multiple"):
        quantize_blocks(np.zeros((2, 33), np.float32), 4)


def test_rounding_keeps_the_products_where_the_inputs_are_known():
    """With the inputs' moments the products err less than by the nearest codes, though the weights err more; all within int4."""
    rng = np.random.default_rng(1)
    weight = rng.normal(size=(40, 3 * BLOCK)).astype(np.float32)
    inputs = (rng.normal(size=(500, 8)) @ rng.normal(size=(8, 3 * BLOCK)) + 0.3 * rng.normal(size=(500, 3 * BLOCK))).astype(np.float32)
    codes, scales = quantize_blocks(weight, 4)
    again, same = quantize_blocks(weight, 4, moments=inputs.T @ inputs / len(inputs))
    nearest, kept = dequantize_blocks(codes, scales, 4), dequantize_blocks(again, same, 4)
    assert again.max() < 16
    assert np.square(inputs @ (kept - weight).T).mean() < 0.5 * np.square(inputs @ (nearest - weight).T).mean()
    assert np.square(kept - weight).mean() > np.square(nearest - weight).mean()


def test_what_was_int4_stays_as_it_is():
    """A block whose extreme is not the lowest code is found again too: a reader taken out of its file and written again loses nothing."""
    rng = np.random.default_rng(2)
    codes = rng.integers(1, 15, size=(64, BLOCK)).astype(np.uint8)
    codes[:, 0] = rng.choice([0, 1, 15], size=64)
    weight = dequantize_blocks(codes, rng.uniform(0.01, 0.1, size=(64, 1)).astype(np.float32), 4)
    assert np.allclose(dequantize_blocks(*quantize_blocks(weight, 4), 4), weight, atol=1e-6)


def test_inputs_that_are_never_used_are_rounded_all_the_same():
    """Moments of nought (a neuron that no calibration prompt woke) are damped, not divided by."""
    weight = np.random.default_rng(3).normal(size=(4, BLOCK)).astype(np.float32)
    codes, scales = quantize_blocks(weight, 4, moments=np.zeros((BLOCK, BLOCK), np.float32))
    assert np.abs(dequantize_blocks(codes, scales, 4) - weight).max() < scales.max()
