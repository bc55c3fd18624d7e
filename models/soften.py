"""Soft labels: what a teacher thinks of every candidate of many prompts, kept on disk for the students.

    python -m models.soften runs/teacher --corpus ../shared/corpus --prompts 60000 --out runs/soft
    python -m models.sweep … --heal models/configs/heal.toml --soft runs/soft --runs runs/heal

The prompts are drawn from the training's mixture; the teacher runs once, however many students learn from it (Hinton, Vinyals and Dean
2015). Probabilities are taken at the temperature ``SOFT_TEMPERATURE``; of quantities and units the likeliest ``KEPT`` are kept. A shard
that is there already is not made again, so a run that was ended goes on.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from agent.errors import DataError
from agent.slm.tokenizer import PieceTokenizer
from models.batches import collate, mixture
from models.checkpoint import load_run
from models.data.corpus import split
from models.data.examples import Example, Soft, examples
from models.finetune import ReaderTraining, read_training_corpus
from models.losses import SOFT_TEMPERATURE
from models.reader import Logits, Reader
from models.trunk import device

KEPT = 8
SHARD = 2000
BATCH = 16


def likeliest(logits: Tensor) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.float16]]:
    """Indices and probabilities, (n, KEPT) each, of the likeliest classes at the temperature; they sum to one."""
    found = (logits / SOFT_TEMPERATURE).softmax(-1).topk(KEPT, dim=-1)
    shares = found.values / found.values.sum(-1, keepdim=True)
    return found.indices.numpy().astype(np.int16), shares.numpy().astype(np.float16)


def softened(chosen: list[Example], logits: Logits) -> Iterator[Example]:
    """The examples of one batch with the teacher's view of their candidates."""
    at = 0
    for example in chosen:
        rows = slice(at, at + len(example.targets))
        quantity, unit = likeliest(logits.quantity[rows]), likeliest(logits.unit[rows])
        role = (logits.role[rows] / SOFT_TEMPERATURE).softmax(-1).numpy().astype(np.float16)
        inverted = logits.inverted[rows].sigmoid().numpy().astype(np.float16)
        yield replace(example, soft=Soft(role, *quantity, *unit, inverted))
        at += len(example.targets)


def soften(teacher: Reader, chosen: list[Example]) -> list[Example]:
    """The examples with soft labels."""
    ordered = sorted(chosen, key=lambda example: len(example.prompt.ids))
    made: list[Example] = []
    for start in range(0, len(ordered), BATCH):
        group = ordered[start : start + BATCH]
        batch = collate(group, teacher.config.quantities, teacher.config.units + 2).to(teacher.device)
        with torch.no_grad(), torch.autocast(teacher.device.type, torch.bfloat16):
            logits = teacher(batch.ids, batch.lengths, batch.rows, batch.spans)
        made += softened(group, logits.to(torch.device("cpu")).float())
    return made


def read_soft(folder: Path) -> list[Example]:
    """Every prompt of a folder of soft labels. Raises ``DataError`` where there is none."""
    shards = sorted(folder.glob("soft-*.pt"))
    if not shards:
        raise DataError(f"{folder} holds no soft labels: make them with models.soften")
    return [example for shard in shards for example in torch.load(shard, weights_only=False)]


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("teacher", type=Path, help="folder of the teacher's run; students have to have its tokenizer")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, help="folder with open*.jsonl; without it only generated messages are used")
    parser.add_argument("--prompts", type=int, default=60000)
    parser.add_argument("--seed", type=int, default=11)
    args = parser.parse_args()
    teacher = load_run(args.teacher, calibrated=False)[0].to(device())
    tokenizer = PieceTokenizer(args.teacher / "tokenizer.json")
    real, _ = split(read_training_corpus(args.corpus), ReaderTraining().held_out_share)
    args.out.mkdir(parents=True, exist_ok=True)
    for shard in range(-(-args.prompts // SHARD)):
        path = args.out / f"soft-{shard:04d}.pt"
        if path.exists():
            continue
        began = time.monotonic()
        count = min(SHARD, args.prompts - shard * SHARD)
        chosen = list(islice(examples(mixture(real, args.seed + 1000 * shard), tokenizer.encode), count))
        torch.save(soften(teacher, chosen), path.with_suffix(".part"))
        path.with_suffix(".part").rename(path)
        print(json.dumps({"shard": path.name, "prompts": count, "seconds": round(time.monotonic() - began)}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
