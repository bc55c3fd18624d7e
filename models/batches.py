"""What training sees: records drawn from corpus and generator, prompts of like length together, tensors with their targets."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from itertools import islice
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from agent.slm.tokenizer import PieceTokenizer
from models.data.corpus import Record
from models.data.examples import Example, Soft, examples
from models.data.generate import messages

T = TypeVar("T")
POOL = 1600
"""Messages whose prompts are sorted by length together: enough for several of the largest batches, else these are half padding."""
REAL_SHARE = 0.4
"""Share of the messages that come from the corpus; the rest is generated."""
COMPOSED_SHARE = 0.35
"""Share of the generated messages that come from the lexicon, not from a kind of device."""
LENGTH_STEP = 8
"""Lengths are padded to multiples of it: oneDNN prepares a kernel for every shape anew that it has not kept."""


@dataclass(frozen=True, slots=True)
class SoftBatch:
    """A teacher's probabilities of n candidates: role (n, 4), quantity (n, quantities), unit (n, units + 2), inverted (n,)."""

    role: Tensor
    quantity: Tensor
    unit: Tensor
    inverted: Tensor


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded prompts and the targets of their candidates; ``soft`` where a teacher saw all of them."""

    ids: Tensor
    lengths: Tensor
    rows: Tensor
    spans: Tensor
    role: Tensor
    quantity: Tensor
    unit: Tensor
    inverted: Tensor
    soft: SoftBatch | None = None

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        soft = self.soft and SoftBatch(*(getattr(self.soft, field.name).to(device) for field in fields(SoftBatch)))
        hard = {field.name: getattr(self, field.name).to(device) for field in fields(self) if field.name != "soft"}
        return Batch(**hard, soft=soft)


def collate(chosen: list[Example], quantity_count: int, unit_count: int) -> Batch:
    """Examples to tensors; the sets of right answers become rows of ones."""
    longest = -(-max(len(example.prompt.ids) for example in chosen) // LENGTH_STEP) * LENGTH_STEP
    ids = torch.zeros(len(chosen), longest, dtype=torch.long)
    spots = [(row, *span) for row, example in enumerate(chosen) for span in example.prompt.spans]
    wanted = [target for example in chosen for target in example.targets]
    quantity = torch.zeros(len(wanted), quantity_count, dtype=torch.bool)
    unit = torch.zeros(len(wanted), unit_count, dtype=torch.bool)
    for row, example in enumerate(chosen):
        ids[row, : len(example.prompt.ids)] = torch.tensor(example.prompt.ids)
    for index, target in enumerate(wanted):
        quantity[index, list(target.quantities)] = True
        unit[index, list(target.units)] = True
    places = torch.tensor(spots)
    return Batch(
        ids,
        torch.tensor([len(example.prompt.ids) for example in chosen]),
        places[:, 0],
        places[:, 1:],
        torch.tensor([target.role for target in wanted]),
        quantity,
        unit,
        torch.tensor([-1.0 if target.inverted is None else float(target.inverted) for target in wanted]),
        collate_soft([example.soft for example in chosen], quantity_count, unit_count),
    )


def collate_soft(seen: list[Soft | None], quantity_count: int, unit_count: int) -> SoftBatch | None:
    """What a teacher gave for the examples of a batch, as tensors; None where it did not see all of them."""
    known = [one for one in seen if one is not None]
    if len(known) < len(seen):
        return None

    def dense(name: str, size: int) -> Tensor:
        index, shares = (torch.from_numpy(np.concatenate([getattr(one, part) for one in known])) for part in (f"{name}_index", name))
        return torch.zeros(len(index), size).scatter_(1, index.long(), shares.float())

    role, inverted = (torch.from_numpy(np.concatenate([getattr(one, name) for one in known])).float() for name in ("role", "inverted"))
    return SoftBatch(role, dense("quantity", quantity_count), dense("unit", unit_count), inverted)


def family_weights(records: list[Record]) -> list[float]:
    """A family counts by the square root of its messages, a source by the 0.7th power of its families' sum."""
    families = Counter((record["source"], record["family"]) for record in records)
    weights = [families[record["source"], record["family"]] ** -0.5 for record in records]
    sums: dict[str, float] = defaultdict(float)
    for record, weight in zip(records, weights, strict=True):
        sums[record["source"]] += weight
    return [weight * sums[record["source"]] ** -0.3 for record, weight in zip(records, weights, strict=True)]


def mixture(real: list[Record], seed: int, real_share: float = REAL_SHARE, composed_share: float = COMPOSED_SHARE) -> Iterator[Record]:
    """Endless records, real and generated."""
    rng = random.Random(seed)
    generated = messages(seed, composed=composed_share)
    weights = family_weights(real)
    while True:
        for record in rng.choices(real, weights, k=256) if real else [None] * 256:
            yield record if record is not None and rng.random() < real_share else next(generated)


def fresh_pools(stream: Iterator[Record], tokenizer: PieceTokenizer) -> Iterator[list[Example]]:
    """The prompts of ``POOL`` records after as many."""
    while True:
        yield list(examples(islice(stream, POOL), tokenizer.encode))


def soft_pools(seen: list[Example], seed: int) -> Iterator[list[Example]]:
    """The prompts that a teacher saw, ``POOL`` after as many, shuffled anew in every round."""
    rng = random.Random(seed)
    while True:
        rng.shuffle(seen)
        yield from (seen[at : at + POOL] for at in range(0, len(seen), POOL))


def batches(pools: Iterator[list[T]], size: Callable[[T], int], batch_tokens: int, seed: int) -> Iterator[list[T]]:
    """Groups of prompts of like ``size`` (in tokens), ``batch_tokens`` each, padding included."""
    rng = random.Random(seed)
    while True:
        pool = sorted(next(pools), key=lambda one: size(one) + rng.random() * 8)
        groups: list[list[T]] = [[]]
        for one in pool:
            if (len(groups[-1]) + 1) * size(one) > batch_tokens and groups[-1]:
                groups.append([])
            groups[-1].append(one)
        rng.shuffle(groups)
        yield from groups
