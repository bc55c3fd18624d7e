"""Batches made by other processes."""

from collections.abc import Iterator
from itertools import islice

import torch

from models.batches import Batch
from models.workers import SEEDS_APART, streamed


def numbered(seed: int) -> Iterator[Batch]:
    """Batches that say their seed."""
    empty = torch.zeros(0)
    while True:
        yield Batch(torch.tensor([[seed]]), torch.tensor([1]), *(empty,) * 6)


def test_processes_make_different_batches_without_an_end(monkeypatch):
    """Two processes take turns, the second with a seed of its own; without any the batches are those of the seed."""
    monkeypatch.setattr("models.workers.os.cpu_count", lambda: 3)
    seeds = [int(batch.ids) for batch in islice(streamed(numbered, 5, workers=8), 6)]
    assert seeds == [5, 5 + SEEDS_APART] * 3
    assert [int(batch.ids) for batch in islice(streamed(numbered, 5, workers=0), 2)] == [5, 5]
