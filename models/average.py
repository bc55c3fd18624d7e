"""The mean of the weights of runs that went on from one another: steadier on unseen sources than either.

    python -m models.average runs/student runs/settled --out runs/reader

Weights of one descent lie in one basin, so that their mean reads at least as well (Wortsman et al. 2022, "Model soups"). It is calibrated
and exported like any run.
"""

import argparse
import shutil
import sys
from pathlib import Path

import torch

from models.checkpoint import finished, load_last, save
from models.reader import Reader


def average(runs: list[Path]) -> tuple[Reader, dict[str, object]]:
    """The mean of the readers of runs, and what they were trained with. Raises ``ValueError`` where their sizes differ."""
    loaded = [load_last(run, Reader) for run in runs]
    first = loaded[0][0]
    if any(reader.config != first.config for reader, _ in loaded):
        raise ValueError("only readers of the same sizes have a mean")
    states = [reader.state_dict() for reader, _ in loaded]
    first.load_state_dict({name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]})
    about = {
        "step": sum(saved.get("step") or 0 for _, saved in loaded),
        "config": {"mean_of": [saved.get("config") for _, saved in loaded]},
    }
    return first, about


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", help="folders of runs with the same tokenizer")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new run")
    args = parser.parse_args()
    tokenizers = {(run / "tokenizer.json").read_bytes() for run in args.runs}
    if len(tokenizers) != 1:
        raise ValueError("only readers of one tokenizer have a mean")
    reader, about = average(args.runs)
    args.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(args.runs[0] / "tokenizer.json", args.out / "tokenizer.json")
    save(finished(args.out, Reader), reader, None, about)
    return 0


if __name__ == "__main__":
    sys.exit(main())
