"""Draws the model card's plots from files of measured results.

    python -m models.plots models/results --out models/plots

``prune.jsonl`` and ``prune-teacher.jsonl`` are of models.sweep, ``heal.jsonl`` of the same with ``--heal``, ``curve.jsonl`` of
models.curves, ``dev.jsonl`` of ``models.evaluate --results``. A file that is not there is said and left out.
"""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

Rows = list[dict[str, Any]]
SIZE = (6.0, 3.8)


def prune_plot(rows: Rows, axes: Any) -> None:
    """F1 against the share of the parent's parameters, a line a score."""
    for name in dict.fromkeys(row["score"] for row in rows):
        line = sorted((row["share"], row["f1"]) for row in rows if row["score"] == name)
        axes.plot(*zip(*line, strict=True), marker="o", label=name)
    title = "Pruned at one stroke, not trained again"
    axes.set(xlabel="share kept of the parent's thirty layers", ylabel="F1", ylim=(0, 1), title=title)
    axes.legend()


def heal_plot(rows: Rows, axes: Any) -> None:
    """F1 against the share of the parent's parameters, a line for each way to train on after the cut."""
    for name, trained in dict.fromkeys((row["score"], row["trained"]) for row in rows):
        line = sorted((row["share"], row["f1"]) for row in rows if (row["score"], row["trained"]) == (name, trained))
        axes.plot(
            *zip(*line, strict=True), marker="o", label=f"{name}, " + ("not trained again" if trained == "no" else f"trained on {trained}")
        )
    axes.set(xlabel="share kept of the parent's thirty layers", ylabel="F1", ylim=(0, 1), title="Pruned, and trained on for minutes")
    axes.legend()


def reliability_plot(rows: Rows, axes: Any) -> None:
    """How often readings of a confidence are right."""
    points = rows[-1]["reliability"]
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--", label="as it should be")
    axes.plot([point["mean"] for point in points], [point["right"] for point in points], marker="o", label="measured")
    for point in points:
        axes.annotate(str(point["readings"]), (point["mean"], point["right"]), textcoords="offset points", xytext=(4, -11), fontsize=7)
    axes.set(xlabel="confidence", ylabel="share that is right", title="Reliability (with counts of readings)")
    axes.legend()


def coverage_plot(rows: Rows, axes: Any) -> None:
    """Precision of the surest share of the readings."""
    points = rows[-1]["coverage"]
    axes.plot([point["coverage"] for point in points], [point["precision"] for point in points], marker="o")
    axes.set(xlabel="coverage: surest share of the readings", ylabel="precision", ylim=(0.5, 1), title="Risk and coverage")
    axes.grid(alpha=0.3)


def curve_plot(rows: Rows, axes: Any, curve: str, label: str) -> None:
    """F1 against what was varied (``models.curves``)."""
    line = sorted(
        (row["value"] if curve != "steps" else row["prompts"], row["f1"], row["quantity_f1"]) for row in rows if row["curve"] == curve
    )
    values = [one[0] for one in line]
    axes.plot(values, [one[1] for one in line], marker="o", label="F1")
    axes.plot(values, [one[2] for one in line], marker="o", label="quantity F1")
    axes.set(xlabel=label, ylabel="F1", ylim=(0, 1), xscale="log")
    axes.set_xticks(values, [str(value) for value in values], minor=False)
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend()


PLOTS: dict[str, tuple[str, Callable[[Rows, Any], None]]] = {
    "prune.png": ("prune.jsonl", prune_plot),
    "prune-teacher.png": ("prune-teacher.jsonl", prune_plot),
    "heal.png": ("heal.jsonl", heal_plot),
    "reliability.png": ("dev.jsonl", reliability_plot),
    "coverage.png": ("dev.jsonl", coverage_plot),
    "messages.png": ("curve.jsonl", partial(curve_plot, curve="steps", label="prompts seen in training")),
    "kinds.png": ("curve.jsonl", partial(curve_plot, curve="kinds", label="generated kinds of devices")),
    "layers.png": ("curve.jsonl", partial(curve_plot, curve="layers", label="layers of the parent")),
}


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name, (source, draw) in PLOTS.items():
        path = args.results / source
        if not path.exists():
            print(f"{path} is not there: {name} is left out")
            continue
        figure = Figure(figsize=SIZE, layout="constrained")
        draw([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()], figure.subplots())
        figure.savefig(args.out / name, dpi=110)
    return 0


if __name__ == "__main__":
    sys.exit(main())
