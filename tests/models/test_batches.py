"""Batches made by other processes."""

from collections.abc import Iterator
from itertools import islice

import torch

from models.batches import Batch, streamed


def numbered(seed: int) -> Iterator[Batch]:
    """Batches that say their seed."""
    empty = torch.zeros(0)
    while True:
        yield Batch(torch.tensor([[seed]]), torch.tensor([1]), *(empty,) * 6)


def test_processes_make_different_batches_without_an_end():
    """Two processes take turns, each with a seed of its own; none gives the seed itself."""
    seeds = [int(batch.ids) for batch in islice(streamed(numbered, 5, workers=2), 6)]
    assert len(set(seeds)) == 2
    assert seeds[:2] * 3 == seeds
    assert [int(batch.ids) for batch in islice(streamed(numbered, 5, workers=0), 2)] == [5, 5]
