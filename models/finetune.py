"""Trains the reader on the corpus and on generated messages; resumable, CPU or GPU.

    python -m models.finetune models/configs/reader.toml --corpus ../shared/corpus --run runs/reader

Writes ``<run>/checkpoint.pt`` every few minutes (weights, optimiser, step, random states); starting again goes on from it.
``<run>/log.jsonl`` has a line a report. The corpus is read from ``open*.jsonl`` alone: nothing that judges is opened.
"""

import argparse
import json
import math
import os
import shutil
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from agent.domain.quantity import quantities
from agent.domain.unit import codes
from agent.errors import DataError
from agent.slm.tokenizer import PieceTokenizer
from models.base import BaseModel, find_gguf, trim_vocabulary
from models.batches import COMPOSED_SHARE, REAL_SHARE, Batch, batches, collate, fresh_pools, mixture, soft_pools
from models.checkpoint import load_reader, load_run, save
from models.data.corpus import Record, read_corpus, split
from models.data.examples import Example
from models.losses import SOFT_SHARE, WEIGHTS, losses, soft_loss
from models.reader import Reader, ReaderConfig
from models.rounding import Rounding

KERNELS_KEPT = "8192"
"""Of oneDNN, which prepares one for every shape of a product."""


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """One training run; ``models/configs`` holds the real ones."""

    layers: int = 8
    causal_layers: int = 0
    vocabulary: int = 24576
    steps: int = 2000
    """Optimiser steps of the whole schedule."""
    batch_tokens: int = 1536
    """Tokens of one step, padding included."""
    trunk_rate: float = 3e-4
    """Learning rate of the last layer; it falls linearly to a third of it at the first."""
    head_rate: float = 1.5e-3
    embedding_rate: float = 1e-4
    weight_decay: float = 0.05
    warmup_steps: int = 60
    real_share: float = REAL_SHARE
    composed_share: float = COMPOSED_SHARE
    rounded_share: float = 0.15
    """Last share of the schedule whose steps see the weights as int4 will have them."""
    held_out_share: float = 0.05
    """Share of the corpus' families that training never sees."""
    bfloat16: bool = True
    """Autocast to bfloat16, with float32 master weights: three times as fast where the CPU has AVX512-BF16."""
    seed: int = 1
    minutes_between_checkpoints: float = 4.0
    max_minutes: float = 0.0
    """Ends the schedule early so that it takes about so long (0: by steps): the rate anneals by time."""

    @classmethod
    def load(cls, path: Path) -> "TrainConfig":
        """From TOML. Raises ``ValueError`` for a key that does not exist."""
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        if unknown := set(table) - {field.name for field in fields(cls)}:
            raise ValueError(f"{path}: unknown keys {sorted(unknown)}")
        return cls(**table)


def parameter_groups(reader: Reader, config: TrainConfig) -> list[dict[str, Any]]:
    """Rates by depth; no decay on norms, biases and embeddings."""
    groups = [{"params": [reader.embedding.weight], "lr": config.embedding_rate, "weight_decay": 0.0}]
    for index, layer in enumerate(reader.layers):
        rate = config.trunk_rate * (1 / 3 + 2 / 3 * (index + 1) / len(reader.layers))
        groups.append({"params": [p for p in layer.parameters() if p.dim() > 1], "lr": rate, "weight_decay": config.weight_decay})
        groups.append({"params": [p for p in layer.parameters() if p.dim() <= 1], "lr": rate, "weight_decay": 0.0})
    rest = [*reader.norm.parameters(), *reader.heads.parameters(), *reader.unit_given_quantity.parameters()]
    groups.append({"params": rest, "lr": config.head_rate, "weight_decay": 0.01})
    return groups


def schedule(progress: float, warmup: float) -> float:
    """Linear warm-up, then a cosine to a twentieth; ``progress`` and ``warmup`` are shares of the run."""
    if progress < warmup:
        return progress / warmup
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - warmup) / (1 - warmup))))


def read_soft(folder: Path) -> list[Example]:
    """Every prompt of a folder of ``models.soften``. Raises ``DataError`` where there is none."""
    shards = sorted(folder.glob("soft-*.pt"))
    if not shards:
        raise DataError(f"{folder} holds no soft labels: make them with models.soften")
    return [example for shard in shards for example in torch.load(shard, weights_only=False)]


def read_training_corpus(folder: Path | None) -> list[Record]:
    """All of ``open*.jsonl``; an empty list where there is no corpus."""
    if folder is None:
        return []
    return [record for path in sorted(folder.glob("open*.jsonl")) for record in read_corpus(path)]


def begin_run(config: TrainConfig, run: Path, cache: Path, start: Path | None) -> Reader:
    """The reader of the run ``start``, or a new one from the base weights; its tokenizer is saved in the run."""
    run.mkdir(parents=True, exist_ok=True)
    if start is not None:
        shutil.copy(start / "tokenizer.json", run / "tokenizer.json")
        return load_run(start, calibrated=False)[0]
    base = BaseModel(find_gguf(cache))
    tokenizer, parent_ids = trim_vocabulary(base, config.vocabulary)
    tokenizer.save(str(run / "tokenizer.json"))
    shape = base.shape
    sizes = ReaderConfig(
        len(parent_ids), len(quantities()), len(codes()), (shape.kv_heads,) * config.layers, (shape.ffn,) * config.layers,
        causal_layers=config.causal_layers,
    )  # fmt: skip
    return Reader.from_base(base, sizes, parent_ids)


class Report:
    """Means of the losses, and speed, every so many steps: printed, and a line of ``log.jsonl``."""

    EVERY = 25

    def __init__(self, run: Path) -> None:
        self._path = run / "log.jsonl"
        self._sums: dict[str, float] = {}
        self._since = time.monotonic()
        self._tokens = self._prompts = 0

    def note(self, step: int, progress: float, batch: Batch, found: dict[str, Tensor]) -> None:
        """Count a step."""
        self._tokens += int(batch.lengths.sum())
        self._prompts += len(batch.lengths)
        for name, value in found.items():
            self._sums[name] = self._sums.get(name, 0.0) + value.item()
        if step % self.EVERY:
            return
        now = time.monotonic()
        speed = {"prompts": self._prompts, "tokens_per_second": round(self._tokens / (now - self._since))}
        means = {name: round(value / self.EVERY, 4) for name, value in self._sums.items()}
        line = json.dumps({"step": step, "progress": round(progress, 4), **speed, **means})
        print(line, flush=True)
        with self._path.open("a") as log:
            log.write(line + "\n")
        self._tokens, self._since = 0, now
        self._sums.clear()


def step_loss(reader: Reader, batch: Batch, bfloat16: bool) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss of a batch, and its parts."""
    with torch.autocast(batch.ids.device.type, torch.bfloat16, enabled=bfloat16):
        logits = reader(batch.ids, batch.lengths, batch.rows, batch.spans, batch.quantity)
    found = losses(logits.float(), batch)
    total = torch.stack([WEIGHTS[name] * value for name, value in found.items()]).sum()
    if batch.soft is not None:
        found["soft"] = soft_loss(logits.float(), batch.soft)
        total = (1 - SOFT_SHARE) * total + SOFT_SHARE * found["soft"]
    return total, found


def train(
    config: TrainConfig, run: Path, begin: Callable[[], Reader], pools: Callable[[int], Iterator[list[Example]]], device: torch.device
) -> Reader:
    """Train to the end of the schedule, from the run's checkpoint or else from the reader that ``begin`` makes.

    ``pools`` gives the prompts, a few hundred at a time, for a seed.
    """
    torch.manual_seed(config.seed)
    checkpoint = run / "checkpoint.pt"
    reader, saved = load_reader(checkpoint) if checkpoint.exists() else (begin(), {})
    step, spent = saved.get("step", 0), saved.get("spent", 0.0)
    reader.to(device).train()
    optimiser = torch.optim.AdamW(parameter_groups(reader, config), betas=(0.9, 0.98), fused=True)
    rates = [group["lr"] for group in optimiser.param_groups]
    if saved:
        optimiser.load_state_dict(saved["optimiser"])
    rounding = Rounding([weight for part in (reader.embedding, reader.layers) for weight in part.parameters() if weight.dim() == 2])
    report = Report(run)
    print(json.dumps({"from_step": step, "parameters": sum(p.numel() for p in reader.parameters())}), flush=True)
    began = saved_at = time.monotonic()

    def keep(path: Path, state: torch.optim.Optimizer | None) -> None:
        save(path, reader, state, {"step": step, "spent": spent + time.monotonic() - began, "config": asdict(config)})

    for group in batches(pools(config.seed + 1000 * step), config.batch_tokens, config.seed + step):
        elapsed = spent + time.monotonic() - began
        progress = elapsed / (config.max_minutes * 60) if config.max_minutes else step / config.steps
        if progress >= 1:
            break
        factor = schedule(progress, config.warmup_steps / config.steps)
        for settings, rate in zip(optimiser.param_groups, rates, strict=True):
            settings["lr"] = rate * factor
        batch = collate(group, len(quantities()), len(codes()) + 2).to(device)
        with rounding.applied() if progress > 1 - config.rounded_share else nullcontext():
            total, found = step_loss(reader, batch, config.bfloat16)
            torch.autograd.backward(total)
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        step += 1
        report.note(step, progress, batch, found)
        if time.monotonic() - saved_at > config.minutes_between_checkpoints * 60:
            keep(checkpoint, optimiser)
            saved_at = time.monotonic()
    keep(checkpoint, optimiser)
    keep(run / "reader.pt", None)
    return reader


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--corpus", type=Path, help="folder with open*.jsonl; without it only generated messages are used")
    parser.add_argument("--labelled", type=Path, nargs="*", default=[], help="more labelled messages, those of models.label for example")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run, outside the repository or under runs/")
    parser.add_argument("--start", type=Path, help="folder of a run whose reader this one goes on from, a pruned one for example")
    parser.add_argument("--soft", type=Path, help="folder of models.soften: learn from a teacher's soft labels too")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "sensorscribe", help="where the base weights are kept")
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS_KEPT)  # read at the first matrix product
    if args.threads:
        torch.set_num_threads(args.threads)
    config = TrainConfig.load(args.config)
    real, _ = split(read_training_corpus(args.corpus), config.held_out_share)
    real += [record for path in args.labelled for record in read_corpus(path)]
    soft = read_soft(args.soft) if args.soft else []

    def pools(seed: int) -> Iterator[list[Example]]:
        if soft:
            return soft_pools(soft, seed)
        return fresh_pools(mixture(real, seed, config.real_share, config.composed_share), PieceTokenizer(args.run / "tokenizer.json"))

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train(config, args.run, lambda: begin_run(config, args.run, args.cache, args.start), pools, device)
    return 0


if __name__ == "__main__":
    sys.exit(main())
