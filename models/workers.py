"""Batches made by other processes: a GPU is faster than one process makes messages."""

import os
from collections.abc import Callable, Iterator
from typing import TypeVar

import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

B = TypeVar("B")
SEEDS_APART = 10_000_019
"""By so much the seeds of the processes lie apart."""
PREFETCHED = 4
"""Batches that each process makes ahead."""


class Stream(IterableDataset[B]):
    """Batches without an end, other ones in every process that makes them."""

    def __init__(self, make: Callable[[int], Iterator[B]], seed: int) -> None:
        self._make = make
        self._seed = seed

    def __iter__(self) -> Iterator[B]:
        worker = get_worker_info()
        return self._make(self._seed + (SEEDS_APART * worker.id if worker else 0))


def streamed(make: Callable[[int], Iterator[B]], seed: int, workers: int) -> Iterator[B]:
    """The batches that ``make`` gives for a seed, made by so many processes, but by no more than there are cores beside this one's.

    0 makes them in this process.
    """
    workers = min(workers, (os.cpu_count() or 1) - 1)
    if workers == 0:
        return make(seed)
    torch.multiprocessing.set_sharing_strategy("file_system")  # type: ignore[no-untyped-call]  # the other one needs an open file a tensor
    next(make(seed))  # what all of them read of files is read once, before they part
    loader = DataLoader(
        Stream(make, seed), batch_size=None, num_workers=workers, prefetch_factor=PREFETCHED, multiprocessing_context="fork"
    )
    return iter(loader)
