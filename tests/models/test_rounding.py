"""Quantization-aware steps: the forward pass sees what the exported file will hold; the optimiser keeps the full weights."""

import torch
from torch import nn

from agent.slm.blocks import dequantize_blocks
from models.quantize import quantize_blocks
from models.rounding import Rounding


def test_weights_are_those_of_the_exported_file_inside_and_the_full_ones_behind():
    """Inside, a weight is what int4 blocks stand for; behind, it is as before, and gradients have come through."""
    layer = nn.Linear(64, 8, bias=False)
    full = layer.weight.detach().clone()
    codes, scales = quantize_blocks(full.numpy(), 4)
    with Rounding([layer.weight]).applied():
        assert torch.allclose(layer.weight, torch.from_numpy(dequantize_blocks(codes, scales, 4)), atol=1e-6)
        layer(torch.ones(2, 64)).sum().backward()
    assert torch.equal(layer.weight, full)
    assert layer.weight.grad is not None
    assert float(layer.weight.grad.abs().sum()) > 0


def test_full_weights_come_back_after_a_failure():
    """A step that raises leaves nothing rounded behind."""
    layer = nn.Linear(32, 4, bias=False)
    full = layer.weight.detach().clone()
    try:
        with Rounding([layer.weight]).applied():
            raise RuntimeError("step")
    except RuntimeError:
        pass
    assert torch.equal(layer.weight, full)
