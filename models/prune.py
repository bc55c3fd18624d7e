"""Takes out of a reader what it can best spare, by one of the scores of ``models.structures``.

python -m models.prune runs/teacher --out runs/pruned --layers 8 --keep 0.5 --corpus ../shared/corpus
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor

from models.checkpoint import finished, load_run, save
from models.data.examples import Example
from models.finetune import calibration_examples, collate_one, reader_loss
from models.reader import Reader
from models.structures import SCORES, Score, choose, layer_parameters, structures, weight_saliency, without
from models.trunk import device


def reader_saliency(reader: Reader, score: Score, calibration: Iterable[Example]) -> dict[str, Tensor]:
    """The saliency of every weight of a reader's layers, by parameter name."""

    def loss(example: Example) -> Tensor:
        with torch.autocast(reader.device.type, torch.bfloat16):
            return reader_loss(reader, collate_one(example).to(reader.device))[0]

    return weight_saliency(reader, score, calibration, loss, lambda example: example.prompt.ids)


def prune(reader: Reader, score: Score, calibration: Iterable[Example], layers: int, keep: float) -> Reader:
    """A reader of ``layers`` layers at most and the share ``keep`` of the parameters of the layers' matrices."""
    reader.eval()
    found = list(structures(reader, reader_saliency(reader, score, calibration)))
    return without(reader, choose(found, layers, reader.config.layers, int(keep * layer_parameters(reader))))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a run: reader.pt and tokenizer.json")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new run, which models.finetune --start goes on from")
    parser.add_argument("--layers", type=int, default=10**6, help="whole layers that stay at most")
    parser.add_argument("--keep", type=float, default=1.0, help="share of the layers' parameters that stays")
    parser.add_argument("--score", choices=SCORES, default="obd")
    parser.add_argument("--corpus", type=Path, help="folder with open*.jsonl, of which calibration prompts are drawn too")
    parser.add_argument("--prompts", type=int, default=300, help="calibration prompts")
    args = parser.parse_args()
    reader, saved = load_run(args.run, calibrated=False)
    reader.to(device())
    small = prune(reader, args.score, calibration_examples(args.run, args.corpus, args.prompts), args.layers, args.keep)
    args.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(args.run / "tokenizer.json", args.out / "tokenizer.json")
    save(finished(args.out, Reader), small, None, {"step": saved.get("step"), "config": saved.get("config")})
    print(json.dumps({"kept": layer_parameters(small) / layer_parameters(reader), "groups": small.config.groups, "ffn": small.config.ffn}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
