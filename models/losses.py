"""The loss of each head, against labels and against a teacher."""

import torch.nn.functional as F
from torch import Tensor

from models.batches import Batch, SoftBatch
from models.data.examples import ROLE_IGNORED, ROLE_READING
from models.reader import Logits


def set_loss(logits: Tensor, right: Tensor, smoothing: float = 0.02, sharpness: float = 0.5) -> Tensor:
    """Minus log of the probability of any right answer, a mean over rows; with label smoothing.

    ``sharpness`` is the share that counts the likeliest right answer alone: else a model that halves its trust between two right answers
    loses nothing, and the reading falls below the threshold.
    """
    scores = logits.log_softmax(-1)
    held = scores.masked_fill(~right, -1e9)
    hit = (1 - sharpness) * held.logsumexp(-1) + sharpness * held.amax(-1)
    return -((1 - smoothing) * hit + smoothing * scores.mean(-1)).mean()


def losses(logits: Logits, batch: Batch) -> dict[str, Tensor]:
    """The loss of each head; candidates whose role is left open count nowhere."""
    judged = batch.role != ROLE_IGNORED
    found = {"role": F.cross_entropy(logits.role[judged], batch.role[judged], label_smoothing=0.02)}
    reading = batch.role == ROLE_READING
    named = reading & batch.quantity.any(-1)
    if named.any():
        found["quantity"] = set_loss(logits.quantity[named], batch.quantity[named])
    with_unit = reading & batch.unit.any(-1)
    if with_unit.any():
        found["unit"] = set_loss(logits.unit[with_unit], batch.unit[with_unit])
    polar = batch.inverted >= 0
    if polar.any():
        found["inverted"] = F.binary_cross_entropy_with_logits(logits.inverted[polar], batch.inverted[polar])
    return found


WEIGHTS = {"role": 1.5, "quantity": 1.0, "unit": 1.0, "inverted": 0.2}
SOFT_TEMPERATURE = 2.0
SOFT_SHARE = 0.5
"""Of the loss where there are soft labels; the labels themselves make up the rest."""


def soft_labels(logits: Logits) -> SoftBatch:
    """What a teacher's logits say at the temperature."""
    role, quantity, unit = ((scores / SOFT_TEMPERATURE).softmax(-1) for scores in (logits.role, logits.quantity, logits.unit))
    return SoftBatch(role, quantity, unit, logits.inverted.sigmoid())


def soft_loss(logits: Logits, soft: SoftBatch) -> Tensor:
    """Cross-entropy with the teacher at the temperature, times its square (Hinton et al. 2015).

    What is said of quantity and unit counts as much as the teacher takes the candidate for a reading.
    """

    def each(scores: Tensor, shares: Tensor) -> Tensor:
        return -(shares * (scores / SOFT_TEMPERATURE).log_softmax(-1)).sum(-1)

    reading = soft.role[:, ROLE_READING]
    weight = reading / reading.sum().clamp_min(1e-3)
    whole = WEIGHTS["role"] * each(logits.role, soft.role).mean()
    whole = (
        whole
        + (weight * (WEIGHTS["quantity"] * each(logits.quantity, soft.quantity) + WEIGHTS["unit"] * each(logits.unit, soft.unit))).sum()
    )
    polarity = F.binary_cross_entropy_with_logits(logits.inverted, soft.inverted, reduction="none")
    return (whole + WEIGHTS["inverted"] * (weight * polarity).sum()) * SOFT_TEMPERATURE**2
