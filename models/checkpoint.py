"""Checkpoints of a model: weights, sizes, label set, and what a run needs to go on."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import torch

from agent.domain.quantity import quantities
from agent.domain.unit import codes
from models.reader import Reader
from models.trunk import Trunk

M = TypeVar("M", bound=Trunk)
CHECKPOINT = "checkpoint.pt"


def load(path: Path, kind: type[M]) -> tuple[M, dict[str, Any]]:
    """The model of a checkpoint and what else it holds."""
    saved = torch.load(path, map_location="cpu", weights_only=False)
    model = kind.of(saved[kind.kind])
    model.load_state_dict(saved["weights"])
    return model, saved


def finished(run: Path, kind: type[Trunk]) -> Path:
    """Where a run's model lies when its training has ended."""
    return run / f"{kind.kind}.pt"


def load_last(run: Path, kind: type[M]) -> tuple[M, dict[str, Any]]:
    """The model of a run, ready for use: the finished one, else that of the last checkpoint."""
    path = finished(run, kind)
    model, saved = load(path if path.exists() else run / CHECKPOINT, kind)
    model.eval()
    return model, saved


JOINT = "joint"
"""The exponent of a reading's confidence, among the temperatures of the heads."""


def read_calibration(run: Path) -> dict[str, float]:
    """What ``models.calibrate`` wrote for a run: temperatures by head, and the exponent ``JOINT``; empty without any."""
    path = run / "calibration.json"
    found: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    return found


def load_run(run: Path, *, calibrated: bool = True) -> tuple[Reader, dict[str, Any]]:
    """The reader of a run, ready to read; ``calibrated`` applies the temperatures of ``models.calibrate``, where there are any."""
    reader, saved = load_last(run, Reader)
    if calibrated:
        reader.cool(read_calibration(run))
    return reader, saved


def save(path: Path, model: Trunk, optimiser: torch.optim.Optimizer | None, state: dict[str, Any]) -> None:
    """Write a checkpoint whole or not at all."""
    part = path.with_suffix(".part")
    content = {"weights": model.state_dict(), model.kind: asdict(model.config), "optimiser": optimiser and optimiser.state_dict()}
    torch.save({**content, **state, "quantities": list(quantities()), "units": list(codes())}, part)
    part.rename(path)
