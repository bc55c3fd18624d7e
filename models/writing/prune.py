"""Takes out of a writer what it can best spare, by one of the scores of ``models.structures``.

python -m models.writing.prune runs/writer --out runs/writer-pruned --keep 0.5
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.checkpoint import finished, load_last, save
from models.structures import SCORES, Score, choose, layer_parameters, structures, weight_saliency, without
from models.writing.compose import pairs
from models.writing.model import Writer
from models.writing.scenes import scene
from models.writing.train import Text, collate, encode, writer_loss

SEED = 77
"""Of the calibration texts."""


def writer_saliency(writer: Writer, score: Score, calibration: Iterable[Text]) -> dict[str, Tensor]:
    """The saliency of every weight of a writer's layers, by parameter name."""

    def loss(text: Text) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return writer_loss(writer, collate([text]))[0]

    return weight_saliency(writer, score, calibration, loss, lambda text: text.ids)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a run: writer.pt and tokenizer.json")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new run, which models.writing.train --start goes on from")
    parser.add_argument("--layers", type=int, default=10**6, help="whole layers that stay at most")
    parser.add_argument("--keep", type=float, default=1.0, help="share of the layers' parameters that stays")
    parser.add_argument("--score", choices=SCORES, default="obd")
    parser.add_argument("--texts", type=int, default=300, help="calibration texts")
    args = parser.parse_args()
    writer, saved = load_last(args.run, Writer)
    tokenizer = Tokenizer.from_file(str(args.run / "tokenizer.json"))
    calibration = [encode(pair, tokenizer) for pair in islice(pairs(SEED, scene), args.texts)]
    found = list(structures(writer, writer_saliency(writer, args.score, calibration)))
    whole = layer_parameters(writer)
    small = without(writer, choose(found, args.layers, writer.config.layers, int(args.keep * whole)))
    args.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(args.run / "tokenizer.json", args.out / "tokenizer.json")
    save(finished(args.out, Writer), small, None, {"step": saved.get("step"), "config": saved.get("config")})
    print(json.dumps({"kept": layer_parameters(small) / whole, "groups": small.config.groups, "ffn": small.config.ffn}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
