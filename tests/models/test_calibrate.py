"""Calibration finds what was put in."""

import random

import pytest
import torch

from models.calibrate import fit, fit_exponent


def test_exponent_is_found():
    """Confidences that are the square of the chance of being right need the root."""
    rng = random.Random(3)
    chances = [rng.random() for _ in range(20_000)]
    exponent, before, after = fit_exponent([(chance**2, int(rng.random() < chance)) for chance in chances])
    assert exponent == pytest.approx(0.5, abs=0.03)
    assert after < before


def test_temperature_is_found():
    """Logits that were doubled come back by a temperature of two."""
    torch.manual_seed(5)
    logits = torch.randn(20_000, 4)
    chosen = torch.distributions.Categorical(logits=logits).sample()
    temperature, before, after = fit(2 * logits, torch.nn.functional.one_hot(chosen, 4).bool())
    assert temperature == pytest.approx(2.0, rel=0.06)
    assert after < before
