"""Trains the reader on the corpus and on generated messages.

    python -m models.finetune models/configs/teacher.toml --corpus ../shared/corpus --run runs/teacher

The corpus is read from ``open*.jsonl`` alone: nothing that judges is opened. ``models.training`` says what a run's folder holds.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from agent.domain.quantity import quantities
from agent.domain.unit import codes
from agent.errors import DataError
from agent.slm.tokenizer import PieceTokenizer
from models.base import BaseModel, find_gguf, trim_vocabulary
from models.batches import COMPOSED_SHARE, REAL_SHARE, Batch, batches, collate, fresh_pools, mixture
from models.checkpoint import load_run
from models.data.corpus import Record, read_corpus, split
from models.data.examples import Example, examples
from models.losses import SOFT_SHARE, WEIGHTS, losses, soft_labels, soft_loss
from models.reader import Reader, new_reader
from models.training import TrainConfig, compile_layers, prepare, train
from models.trunk import device


@dataclass(frozen=True, slots=True)
class ReaderTraining(TrainConfig):
    """One training run of a reader."""

    causal_layers: int = 0
    vocabulary: int = 24576
    real_share: float = REAL_SHARE
    composed_share: float = COMPOSED_SHARE
    held_out_share: float = 0.05
    """Share of the corpus' families that training never sees."""


def read_training_corpus(folder: Path | None) -> list[Record]:
    """All of ``open*.jsonl``; an empty list where there is no corpus."""
    if folder is None:
        return []
    return [record for path in sorted(folder.glob("open*.jsonl")) for record in read_corpus(path)]


def calibration_examples(run: Path, corpus: Path | None, count: int, seed: int = 7) -> list[Example]:
    """Prompts of the training's own mixture, drawn with a seed of their own."""
    real, _ = split(read_training_corpus(corpus), ReaderTraining().held_out_share)
    tokenizer = PieceTokenizer(run / "tokenizer.json")
    return list(islice(examples(mixture(real, seed), tokenizer.encode), count))


def begin_run(config: ReaderTraining, run: Path, cache: Path, start: Path | None) -> Reader:
    """The reader of the run ``start``, or a new one from the base weights; its tokenizer is saved in the run."""
    run.mkdir(parents=True, exist_ok=True)
    if start is not None:
        shutil.copy(start / "tokenizer.json", run / "tokenizer.json")
        return load_run(start, calibrated=False)[0]
    base = BaseModel(find_gguf(cache))
    tokenizer, parent_ids = trim_vocabulary(base, config.vocabulary)
    tokenizer.save(str(run / "tokenizer.json"))
    return new_reader(base, parent_ids, config.layers, config.causal_layers)


def reader_loss(reader: Reader, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss of a batch, and its parts."""
    logits = reader(batch.ids, batch.lengths, batch.rows, batch.spans, batch.quantity)
    found = losses(logits.float(), batch)
    total = torch.stack([WEIGHTS[name] * value for name, value in found.items()]).sum()
    if batch.soft is not None:
        found["soft"] = soft_loss(logits.float(), batch.soft)
        total = (1 - SOFT_SHARE) * total + SOFT_SHARE * found["soft"]
    return total, found


class Taught:
    """The loss of a batch with a teacher beside it, that sees every batch anew: for a GPU, where it costs little."""

    def __init__(self, teacher: Reader, compiled: bool) -> None:
        self._teacher = teacher.to(device()).eval()
        if compiled:
            compile_layers(self._teacher)

    @classmethod
    def by(cls, run: Path, start: Path | None, compiled: bool) -> Self:
        """By the teacher of a run. Raises ``DataError`` where the student does not go on from the teacher's own tokenizer."""
        if start is None or (start / "tokenizer.json").read_bytes() != (run / "tokenizer.json").read_bytes():
            raise DataError(f"a student goes on from a run with its teacher's tokenizer: give --start, a pruned {run} for example")
        return cls(load_run(run, calibrated=False)[0], compiled)

    def __call__(self, reader: Reader, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """As ``reader_loss``."""
        with torch.no_grad():
            logits = self._teacher(batch.ids, batch.lengths, batch.rows, batch.spans)
        return reader_loss(reader, replace(batch, soft=soft_labels(logits.float())))


def collate_one(example: Example) -> Batch:
    """A batch of one prompt."""
    return collate([example], len(quantities()), len(codes()) + 2)


def collated(pools: Iterator[list[Example]], batch_tokens: int, seed: int) -> Iterator[Batch]:
    """Batches of prompts of like length."""
    return (
        collate(group, len(quantities()), len(codes()) + 2)
        for group in batches(pools, lambda example: len(example.prompt.ids), batch_tokens, seed)
    )


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--corpus", type=Path, help="folder with open*.jsonl; without it only generated messages are used")
    parser.add_argument("--labelled", type=Path, nargs="*", default=[], help="more labelled messages, those of models.label for example")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run, outside the repository or under runs/")
    parser.add_argument("--start", type=Path, help="folder of a run whose reader this one goes on from, a pruned one for example")
    parser.add_argument("--teacher", type=Path, help="folder of a teacher's run: learn from what it says of every message too")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "sensorscribe", help="where the base weights are kept")
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    prepare(args.threads)
    config = ReaderTraining.load(args.config)
    real, _ = split(read_training_corpus(args.corpus), config.held_out_share)
    real += [record for path in args.labelled for record in read_corpus(path)]
    loss = reader_loss if args.teacher is None else Taught.by(args.teacher, args.start, config.compiled)

    def made(seed: int) -> Iterator[Batch]:
        tokenizer = PieceTokenizer(args.run / "tokenizer.json")
        fresh = fresh_pools(mixture(real, seed, config.real_share, config.composed_share), tokenizer)
        return collated(fresh, config.batch_tokens, seed)

    train(config, args.run, Reader, lambda: begin_run(config, args.run, args.cache, args.start), made, loss)
    return 0


if __name__ == "__main__":
    sys.exit(main())
