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


JOINT = "joint"
"""The exponent of a reading's confidence, among the temperatures of the heads."""


def read_calibration(run: Path) -> dict[str, float]:
    """What ``models.calibrate`` wrote for a run: temperatures by head, and the exponent ``JOINT``; empty without any."""
    path = run / "calibration.json"
    found: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    return found


def load_run(run: Path, *, calibrated: bool = True) -> tuple[Reader, dict[str, Any]]:
    """The reader of a run, ready to read: of the finished ``reader.pt``, else of the last checkpoint.

    ``calibrated`` applies the temperatures of ``models.calibrate``, where there are any.
    """
    finished = run / "reader.pt"
    reader, saved = load_reader(finished if finished.exists() else run / "checkpoint.pt")
    reader.eval()
    if calibrated:
        reader.cool(read_calibration(run))
    return reader, saved


def save(path: Path, reader: Reader, optimiser: torch.optim.Optimizer | None, state: dict[str, Any]) -> None:
    """Write a checkpoint whole or not at all."""
    part = path.with_suffix(".part")
    content = {"weights": reader.state_dict(), "reader": asdict(reader.config), "optimiser": optimiser and optimiser.state_dict()}
    torch.save({**content, **state, "quantities": list(quantities()), "units": list(codes())}, part)
    part.rename(path)
