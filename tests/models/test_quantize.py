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
