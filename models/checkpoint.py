"""Checkpoints of a reader: weights, sizes, label set, and what a run needs to go on."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from agent.domain.quantity import quantities
from agent.domain.unit import codes
from models.reader import Reader, ReaderConfig


def load_reader(path: Path) -> tuple[Reader, dict[str, Any]]:
    """The reader of a checkpoint and what else it holds."""
    saved = torch.load(path, map_location="cpu", weights_only=False)
    reader = Reader(ReaderConfig(**saved["reader"]))
    reader.load_state_dict(saved["weights"])
    return reader, saved


def load_run(run: Path, *, calibrated: bool = True) -> tuple[Reader, dict[str, Any]]:
    """The reader of a run, ready to read: of the finished ``reader.pt``, else of the last checkpoint.

    ``calibrated`` applies the run's ``temperatures.json``, where ``models.calibrate`` wrote one.
    """
    finished = run / "reader.pt"
    reader, saved = load_reader(finished if finished.exists() else run / "checkpoint.pt")
    reader.eval()
    temperatures = run / "temperatures.json"
    if calibrated and temperatures.exists():
        reader.cool(json.loads(temperatures.read_text()))
    return reader, saved


def save(path: Path, reader: Reader, optimiser: torch.optim.Optimizer | None, state: dict[str, Any]) -> None:
    """Write a checkpoint whole or not at all."""
    part = path.with_suffix(".part")
    content = {"weights": reader.state_dict(), "reader": asdict(reader.config), "optimiser": optimiser and optimiser.state_dict()}
    torch.save({**content, **state, "quantities": list(quantities()), "units": list(codes())}, part)
    part.rename(path)
