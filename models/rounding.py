"""Quantization-aware training: a step's gradients are taken at the rounded weights and applied to the full ones.

The straight-through estimator (Bengio et al. 2013) without a change to the model: weights are swapped for their int4 values
before the forward pass and put back before the optimiser's step. Blocks, codes and the choice of scales are those of
``models.quantize``; scales are renewed now and then, since they hardly move at the end of a schedule.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from agent.slm.blocks import BLOCK
from models.quantize import quantize_blocks


class Rounding:
    """Rounds some weights, (rows, inputs) each, to int4 in blocks along the inputs."""

    def __init__(self, weights: Sequence[nn.Parameter], bits: int = 4, renew_steps: int = 40) -> None:
        self._renew_steps = renew_steps
        self._weights = list(weights)
        self._bits = bits
        self._scales: list[Tensor] = []
        self._steps = 0

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Weights are rounded inside, and the full ones again behind."""
        if self._steps % self._renew_steps == 0:
            self._scales = [self._scale(weight.detach()) for weight in self._weights]
        self._steps += 1
        full = [weight.detach().clone() for weight in self._weights]
        with torch.no_grad():
            for weight, scale in zip(self._weights, self._scales, strict=True):
                weight.copy_(self._round(weight, scale))
        try:
            yield
        finally:
            with torch.no_grad():
                for weight, kept in zip(self._weights, full, strict=True):
                    weight.copy_(kept)

    def _scale(self, weight: Tensor) -> Tensor:
        _, scales = quantize_blocks(weight.float().cpu().numpy(), self._bits)
        return torch.from_numpy(scales)[..., None].to(weight.device)

    def _round(self, weight: Tensor, scale: Tensor) -> Tensor:
        zero = 1 << (self._bits - 1)
        blocks = weight.view(weight.shape[0], -1, BLOCK)
        return ((blocks / scale).round().clamp(-zero, zero - 1) * scale).view_as(weight)
