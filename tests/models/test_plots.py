"""Plots are drawn from result files; what is missing is said."""

import json

from models.plots import PLOTS, main

SWEPT = [{"score": "obd", "share": share, "f1": 3 * share} for share in (0.1, 0.2)]
LINES = {
    "prune.jsonl": SWEPT,
    "prune-teacher.jsonl": SWEPT,
    "heal.jsonl": [
        {"score": "obd", "trained": trained, "share": share, "f1": 3 * share} for trained in ("no", "labels") for share in (0.1, 0.2)
    ],
    "dev.jsonl": [
        {
            "reliability": [{"mean": 0.3, "right": 0.4, "readings": 5}, {"mean": 0.9, "right": 0.9, "readings": 50}],
            "coverage": [{"coverage": 0.5, "precision": 0.9}, {"coverage": 1.0, "precision": 0.8}],
        }
    ],
}

CURVES = {name for name, (source, _) in PLOTS.items() if source == "curve.jsonl"}


def test_every_plot_with_results_is_a_png(tmp_path, monkeypatch, capsys):
    """All but the learning curves; the learning curves' file is not there and is named."""
    for name, lines in LINES.items():
        (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    monkeypatch.setattr("sys.argv", ["plots", str(tmp_path), "--out", str(tmp_path / "out")])
    assert main() == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(PLOTS) - CURVES
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (tmp_path / "out").iterdir())
    assert f"{min(CURVES)} is left out" in capsys.readouterr().out


def test_learning_curves_are_drawn_each_from_its_own_points(tmp_path, monkeypatch):
    """One file holds all three."""
    rows = [
        {"curve": curve, "value": value, "prompts": value * 14, "f1": 0.5, "quantity_f1": 0.6}
        for curve in ("layers", "kinds", "steps")
        for value in (8, 30)
    ]
    (tmp_path / "curve.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setattr("sys.argv", ["plots", str(tmp_path), "--out", str(tmp_path / "out")])
    assert main() == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == CURVES
