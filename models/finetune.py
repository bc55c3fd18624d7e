"""Trains the reader on the corpus and on generated messages; resumable, CPU or GPU.

    python -m models.finetune models/configs/reader.toml --corpus ../shared/corpus --run runs/reader

Writes ``<run>/checkpoint.pt`` every few minutes (weights, optimiser, step, random states); starting again goes on from it.
``<run>/log.jsonl`` has a line a report. The corpus is read from ``open*.jsonl`` alone: nothing that judges is opened.
"""

import argparse
import json
import math
import random
import shutil
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from agent.domain.quantity import quantities
from agent.domain.unit import codes
from agent.slm.tokenizer import PieceTokenizer
from models.base import BaseModel, find_gguf, trim_vocabulary
from models.checkpoint import load_reader, load_run, save
from models.data.corpus import Record, read_corpus, split
from models.data.examples import ROLE_IGNORED, ROLE_READING, Example, examples
from models.data.generate import messages
from models.reader import Logits, Reader, ReaderConfig
from models.rounding import Rounding


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
    real_share: float = 0.5
    """Share of the messages that come from the corpus; the rest is generated."""
    composed_share: float = 0.35
    """Share of the generated messages that come from the lexicon, not from a kind of device."""
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


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded prompts and the targets of their candidates."""

    ids: Tensor
    lengths: Tensor
    rows: Tensor
    spans: Tensor
    role: Tensor
    quantity: Tensor
    unit: Tensor
    inverted: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        return Batch(**{field.name: getattr(self, field.name).to(device) for field in fields(self)})


def collate(chosen: list[Example], quantity_count: int, unit_count: int) -> Batch:
    """Examples to tensors; the sets of right answers become rows of ones."""
    longest = max(len(example.prompt.ids) for example in chosen)
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
    )


def set_loss(logits: Tensor, right: Tensor, smoothing: float = 0.02) -> Tensor:
    """Minus log of the probability of any right answer, a mean over rows; with label smoothing."""
    scores = logits.log_softmax(-1)
    hit = scores.masked_fill(~right, -1e9).logsumexp(-1)
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


def family_weights(records: list[Record]) -> list[float]:
    """A family counts by the square root of its messages, a source by the 0.7th power of its families' sum."""
    families = Counter((record["source"], record["family"]) for record in records)
    weights = [families[record["source"], record["family"]] ** -0.5 for record in records]
    sums: dict[str, float] = defaultdict(float)
    for record, weight in zip(records, weights, strict=True):
        sums[record["source"]] += weight
    return [weight * sums[record["source"]] ** -0.3 for record, weight in zip(records, weights, strict=True)]


def mixture(real: list[Record], config: TrainConfig, seed: int) -> Iterator[Record]:
    """Endless records, real and generated."""
    rng = random.Random(seed)
    generated = messages(seed, composed=config.composed_share)
    weights = family_weights(real)
    while True:
        for record in rng.choices(real, weights, k=256) if real else [None] * 256:
            yield record if record is not None and rng.random() < config.real_share else next(generated)


def batches(stream: Iterator[Record], tokenizer: PieceTokenizer, config: TrainConfig, seed: int) -> Iterator[list[Example]]:
    """Groups of prompts of like length, ``batch_tokens`` each."""
    rng = random.Random(seed)
    while True:
        records = [next(stream) for _ in range(400)]
        pool = sorted(examples(records, tokenizer.encode), key=lambda example: len(example.prompt.ids) + rng.random() * 8)
        groups: list[list[Example]] = [[]]
        for example in pool:
            if (len(groups[-1]) + 1) * len(example.prompt.ids) > config.batch_tokens and groups[-1]:
                groups.append([])
            groups[-1].append(example)
        rng.shuffle(groups)
        yield from groups


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


def read_training_corpus(folder: Path | None) -> list[Record]:
    """All of ``open*.jsonl``; an empty list where there is no corpus."""
    if folder is None:
        return []
    return [record for path in sorted(folder.glob("open*.jsonl")) for record in read_corpus(path)]


def prepare(config: TrainConfig, run: Path, cache: Path, start: Path | None) -> tuple[Reader, PieceTokenizer]:
    """A reader of the run ``start``, or a new one from the base weights; its tokenizer is saved in the run."""
    if start is not None:
        run.mkdir(parents=True, exist_ok=True)
        shutil.copy(start / "tokenizer.json", run / "tokenizer.json")
        return load_run(start, calibrated=False)[0], PieceTokenizer(run / "tokenizer.json")
    base = BaseModel(find_gguf(cache))
    tokenizer, parent_ids = trim_vocabulary(base, config.vocabulary)
    run.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(run / "tokenizer.json"))
    shape = base.shape
    sizes = ReaderConfig(
        len(parent_ids), len(quantities()), len(codes()), (shape.kv_heads,) * config.layers, (shape.ffn,) * config.layers,
        causal_layers=config.causal_layers,
    )  # fmt: skip
    return Reader.from_base(base, sizes, parent_ids), PieceTokenizer(run / "tokenizer.json")


def train(config: TrainConfig, corpus: Path | None, run: Path, cache: Path, device: torch.device, start: Path | None = None) -> Reader:
    """Train to the end of the schedule: from the run's checkpoint, else from the run ``start``, else from the base weights."""
    torch.manual_seed(config.seed)
    real, _ = split(read_training_corpus(corpus), config.held_out_share)
    checkpoint = run / "checkpoint.pt"
    step, spent = 0, 0.0
    saved: dict[str, Any] = {}
    if checkpoint.exists():
        reader, saved = load_reader(checkpoint)
        tokenizer = PieceTokenizer(run / "tokenizer.json")
        step, spent = saved["step"], saved["spent"]
    else:
        reader, tokenizer = prepare(config, run, cache, start)
    reader.to(device).train()
    optimiser = torch.optim.AdamW(parameter_groups(reader, config), betas=(0.9, 0.98), fused=True)
    matrices = [weight for part in (reader.embedding, reader.layers) for weight in part.parameters() if weight.dim() == 2]
    rounding = Rounding(matrices)
    rates = [group["lr"] for group in optimiser.param_groups]
    if saved:
        optimiser.load_state_dict(saved["optimiser"])
    stream = batches(mixture(real, config, config.seed + 1000 * step), tokenizer, config, config.seed + step)
    began, reported, saved_at = time.monotonic(), time.monotonic(), time.monotonic()
    tokens, prompts = 0, 0
    sums: dict[str, float] = {}
    print(
        json.dumps({"real_messages": len(real), "from_step": step, "parameters": sum(p.numel() for p in reader.parameters())}), flush=True
    )
    for group in stream:
        elapsed = spent + time.monotonic() - began
        progress = elapsed / (config.max_minutes * 60) if config.max_minutes else step / config.steps
        if progress >= 1:
            break
        factor = schedule(progress, config.warmup_steps / config.steps)
        for settings, rate in zip(optimiser.param_groups, rates, strict=True):
            settings["lr"] = rate * factor
        batch = collate(group, len(quantities()), len(codes()) + 2).to(device)
        with rounding.applied() if progress > 1 - config.rounded_share else nullcontext():
            with torch.autocast(device.type, torch.bfloat16, enabled=config.bfloat16):
                logits = reader(batch.ids, batch.lengths, batch.rows, batch.spans, batch.quantity)
            found = losses(logits.float(), batch)
            torch.autograd.backward(torch.stack([WEIGHTS[name] * value for name, value in found.items()]).sum())
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        step += 1
        tokens += int(batch.lengths.sum())
        prompts += len(group)
        for name, value in found.items():
            sums[name] = sums.get(name, 0.0) + value.item()
        now = time.monotonic()
        if step % 25 == 0:
            report = {
                "step": step,
                "progress": round(progress, 4),
                "prompts": prompts,
                "tokens_per_second": round(tokens / (now - reported)),
            }
            report |= {name: round(value / 25, 4) for name, value in sums.items()}
            print(json.dumps(report), flush=True)
            with (run / "log.jsonl").open("a") as log:
                log.write(json.dumps(report) + "\n")
            tokens, reported = 0, now
            sums.clear()
        if now - saved_at > config.minutes_between_checkpoints * 60:
            save(checkpoint, reader, optimiser, {"step": step, "spent": spent + now - began, "config": asdict(config)})
            saved_at = now
    save(checkpoint, reader, optimiser, {"step": step, "spent": spent + time.monotonic() - began, "config": asdict(config)})
    save(run / "reader.pt", reader, None, {"step": step, "config": asdict(config)})
    return reader


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--corpus", type=Path, help="folder with open*.jsonl; without it only generated messages are used")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run, outside the repository or under runs/")
    parser.add_argument("--start", type=Path, help="folder of a run whose reader this one goes on from, a pruned one for example")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "sensorscribe", help="where the base weights are kept")
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train(TrainConfig.load(args.config), args.corpus, args.run, args.cache, device, args.start)
    return 0


if __name__ == "__main__":
    sys.exit(main())
