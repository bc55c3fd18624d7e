"""Training of any model on the parent's layers: resumable, by steps or by the clock, CPU or GPU.

Writes ``<run>/checkpoint.pt`` every few minutes (weights, optimiser, step, random states); starting again goes on from it.
``<run>/log.jsonl`` has a line a report.
"""

import json
import math
import os
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

import torch
from torch import Tensor

from models.checkpoint import CHECKPOINT, M, finished, load, save
from models.rounding import Rounding
from models.trunk import Trunk, device
from models.workers import streamed

KERNELS_KEPT = "8192"
"""Of oneDNN, which prepares one for every shape of a product."""


class Batch(Protocol):
    """What a step trains on."""

    @property
    def lengths(self) -> Tensor:
        """The tokens of each prompt, (batch,)."""

    def to(self, device: torch.device) -> Self:
        """The same on a device."""


B = TypeVar("B", bound=Batch)


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """How a model is trained; ``models/configs`` holds the real ones."""

    layers: int = 8
    """Of the parent, where the run does not go on from another."""
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
    rounded_share: float = 0.15
    """Last share of the schedule whose steps see the weights as int4 will have them."""
    bfloat16: bool = True
    """Autocast to bfloat16, with float32 master weights: three times as fast where the CPU has AVX512-BF16."""
    seed: int = 1
    minutes_between_checkpoints: float = 4.0
    max_minutes: float = 0.0
    """Ends the schedule early so that it takes about so long (0: by steps): the rate anneals by time."""
    workers: int = 0
    """Processes that make the batches (0: this one)."""
    compiled: bool = False
    """Whole layers are compiled by torch.compile, a teacher's too: pays on a GPU, after a minute."""
    renew_steps: int = 40
    """Steps after which the scales of rounded weights are found anew."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """From TOML. Raises ``ValueError`` for a key that does not exist."""
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        if unknown := set(table) - {field.name for field in fields(cls)}:
            raise ValueError(f"{path}: unknown keys {sorted(unknown)}")
        return cls(**table)


def compile_layers(model: Trunk) -> None:
    """Compile the layers, all of them alike; a pruned model's, that differ in size, are left: each would take its minute."""
    if len(set(zip(model.config.groups, model.config.ffn, strict=True))) == 1:
        torch._dynamo.config.recompile_limit = 64  # causal or not, with a mask or not, with gradients or not
        for layer in model.layers:
            layer.compile(dynamic=True)


def parameter_groups(model: Trunk, config: TrainConfig) -> list[dict[str, Any]]:
    """Rates by depth; no decay on norms, biases and embeddings."""
    groups = [{"params": [model.embedding.weight], "lr": config.embedding_rate, "weight_decay": 0.0}]
    for index, layer in enumerate(model.layers):
        rate = config.trunk_rate * (1 / 3 + 2 / 3 * (index + 1) / len(model.layers))
        groups.append({"params": [p for p in layer.parameters() if p.dim() > 1], "lr": rate, "weight_decay": config.weight_decay})
        groups.append({"params": [p for p in layer.parameters() if p.dim() <= 1], "lr": rate, "weight_decay": 0.0})
    groups.append({"params": list(model.head_parameters()), "lr": config.head_rate, "weight_decay": 0.01})
    return groups


def schedule(progress: float, warmup: float) -> float:
    """Linear warm-up, then a cosine to a twentieth; ``progress`` and ``warmup`` are shares of the run."""
    if progress < warmup:
        return progress / warmup
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - warmup) / (1 - warmup))))


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


def train(
    config: TrainConfig,
    run: Path,
    kind: type[M],
    begin: Callable[[], M],
    batches: Callable[[int], Iterator[B]],
    loss: Callable[[M, B], tuple[Tensor, dict[str, Tensor]]],
) -> M:
    """Train to the end of the schedule, from the run's checkpoint or else from the model that ``begin`` makes.

    ``batches`` gives them for a seed, without an end; ``loss`` the whole loss of one, and its parts.
    """
    torch.manual_seed(config.seed)
    place = device()
    checkpoint = run / CHECKPOINT
    model, saved = load(checkpoint, kind) if checkpoint.exists() else (begin(), {})
    step: int = saved.get("step", 0)
    spent: float = saved.get("spent", 0.0)
    model.to(place).train()
    if config.compiled:
        compile_layers(model)
    optimiser = torch.optim.AdamW(parameter_groups(model, config), betas=(0.9, 0.98), fused=True)
    rates = [group["lr"] for group in optimiser.param_groups]
    if saved:
        optimiser.load_state_dict(saved["optimiser"])
    matrices = [weight for part in (model.embedding, model.layers) for weight in part.parameters() if weight.dim() == 2]
    rounding = Rounding(matrices, renew_steps=config.renew_steps)
    report = Report(run)
    print(json.dumps({"from_step": step, "parameters": sum(p.numel() for p in model.parameters())}), flush=True)
    saved_at = time.monotonic()
    began: float | None = None

    def elapsed() -> float:
        return spent + (time.monotonic() - began if began is not None else 0.0)

    def keep(path: Path, state: torch.optim.Optimizer | None) -> None:
        save(path, model, state, {"step": step, "spent": elapsed(), "config": asdict(config)})

    for host_batch in streamed(batches, config.seed + 1000 * step, config.workers):
        progress = elapsed() / (config.max_minutes * 60) if config.max_minutes else step / config.steps
        if progress >= 1:
            break
        factor = schedule(progress, config.warmup_steps / config.steps)
        for settings, rate in zip(optimiser.param_groups, rates, strict=True):
            settings["lr"] = rate * factor
        batch = host_batch.to(place)
        with rounding.applied() if progress > 1 - config.rounded_share else nullcontext():
            with torch.autocast(place.type, torch.bfloat16, enabled=config.bfloat16):
                total, found = loss(model, batch)
            torch.autograd.backward(total)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        step += 1
        began = began or time.monotonic()  # behind the first step: until then the first batch is made, and layers are compiled
        report.note(step, progress, batch, found)
        if time.monotonic() - saved_at > config.minutes_between_checkpoints * 60:
            keep(checkpoint, optimiser)
            saved_at = time.monotonic()
    keep(checkpoint, optimiser)
    keep(finished(run, kind), None)
    return model


def prepare(threads: int) -> None:
    """Settings of PyTorch that hold for a whole process; 0 leaves it the number of threads."""
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS_KEPT)  # read at the first matrix product
    if threads:
        torch.set_num_threads(threads)
