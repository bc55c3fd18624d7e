"""F1 against parameters kept: the reader of a run pruned to several sizes by each score, nothing trained in between.

    python -m models.sweep runs/reader ../shared/corpus/dev.jsonl --corpus ../shared/corpus --results models/results/prune.jsonl

Shares are of the unpruned parent's thirty layers (the teacher's size), so that a reader of its first eight begins at 0.27.
"""

import argparse
import sys
from pathlib import Path

from models.base import Shape
from models.checkpoint import load_run
from models.data.corpus import read_corpus
from models.evaluate import add_result, predictions, reader_predictor
from models.metrics import score
from models.prune import calibration_examples, reader_saliency
from models.structures import SCORES, choose, layer_parameters, structures, without

KEEPS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.375)


def parent_parameters() -> int:
    """Parameters of the matrices of all of the parent's layers."""
    shape = Shape()
    attention = shape.hidden * shape.head_size * (2 * shape.heads + 2 * shape.kv_heads)
    return shape.layers * (attention + 3 * shape.hidden * shape.ffn)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("gold", type=Path, help="labelled messages to measure on")
    parser.add_argument("--formats", default="json,kv,xml,text,scalar", help="only these, with commas")
    parser.add_argument("--corpus", type=Path, help="folder with open*.jsonl, of which calibration prompts are drawn too")
    parser.add_argument("--prompts", type=int, default=300, help="calibration prompts")
    parser.add_argument("--results", type=Path, required=True)
    args = parser.parse_args()
    records = [record for record in read_corpus(args.gold) if record["format"] in args.formats.split(",")]
    reader, _ = load_run(args.run)
    whole = layer_parameters(reader)
    calibration = calibration_examples(args.run, args.corpus, args.prompts)
    for name in SCORES:
        found = list(structures(reader, reader_saliency(reader, name, calibration)))
        for keep in KEEPS:
            small = without(reader, choose(found, reader.config.layers, reader.config.layers, int(keep * whole))).eval()
            answers = predictions(records, reader_predictor(small, args.run))
            figures = score(records, answers)[0].figures()
            share = round(layer_parameters(small) / parent_parameters(), 4)
            print(f"{name:10s} keep {keep:.3f}  share of the parent {share:.3f}  F1 {figures['f1']:.3f}", flush=True)
            add_result(args.results, {"score": name, "keep": keep, "share": share, **figures})
    return 0


if __name__ == "__main__":
    sys.exit(main())
