r"""F1 against parameters kept: the reader of a run pruned to several sizes by each score, at one stroke.

    python -m models.sweep runs/reader ../shared/corpus/dev.jsonl --corpus ../shared/corpus --results models/results/prune.jsonl

    python -m models.soften runs/teacher --corpus ../shared/corpus --prompts 2000 --out runs/soft
    python -m models.sweep runs/reader ../shared/corpus/dev.jsonl --corpus ../shared/corpus --results models/results/heal.jsonl \
        --scores obd --keeps 0.72 0.45 --heal models/configs/heal.toml --soft runs/soft --runs runs/heal

With ``--heal`` every size is also trained on, from the same state with the same prompts twice: on their labels alone, and on labels
and the teacher that made them soft. Shares are of the unpruned parent's thirty layers, so that a reader cut from them begins below one.
"""

import argparse
import copy
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from models.base import Shape
from models.batches import Batch, soft_pools
from models.checkpoint import load_run
from models.data.corpus import read_corpus
from models.data.examples import Example
from models.evaluate import add_result, predictions, reader_predictor
from models.finetune import ReaderTraining, calibration_examples, collated, reader_loss
from models.metrics import score
from models.prune import reader_saliency
from models.reader import Reader
from models.soften import read_soft
from models.structures import SCORES, choose, layer_parameters, structures, without
from models.training import prepare, train
from models.trunk import device

KEEPS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.375)


def parent_parameters() -> int:
    """Parameters of the matrices of all of the parent's layers."""
    shape = Shape()
    attention = shape.hidden * shape.head_size * (2 * shape.heads + 2 * shape.kv_heads)
    return shape.layers * (attention + 3 * shape.hidden * shape.ffn)


def healed(small: Reader, config: ReaderTraining, seen: list[Example], run: Path) -> Reader:
    """A copy of a pruned reader, trained on with prompts, and with a teacher's view of them where they hold it."""

    def made(seed: int) -> Iterator[Batch]:
        return collated(soft_pools(list(seen), seed), config.batch_tokens, seed)

    run.mkdir(parents=True, exist_ok=True)
    return train(config, run, Reader, lambda: copy.deepcopy(small), made, reader_loss).eval()


def versions(small: Reader, config: ReaderTraining | None, seen: list[Example], runs: Path) -> Iterator[tuple[str, Callable[[], Reader]]]:
    """The readers to be measured at one size: as it was cut, and trained on where there is a configuration for it."""
    yield "no", lambda: small
    if config is not None:
        yield "labels", lambda: healed(small, config, [replace(example, soft=None) for example in seen], runs / "labels")
        yield "labels and teacher", lambda: healed(small, config, seen, runs / "teacher")


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("gold", type=Path, help="labelled messages to measure on")
    parser.add_argument("--formats", default="json,kv,xml,text,scalar", help="only these, with commas")
    parser.add_argument("--corpus", type=Path, help="folder with open*.jsonl, of which calibration prompts are drawn too")
    parser.add_argument("--prompts", type=int, default=300, help="calibration prompts")
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--scores", choices=SCORES, nargs="+", default=list(SCORES))
    parser.add_argument("--keeps", type=float, nargs="+", default=list(KEEPS), help="shares of the run's own layers")
    parser.add_argument("--heal", type=Path, help="configuration of the training after each cut")
    parser.add_argument("--soft", type=Path, help="folder of models.soften: the prompts of that training, and a teacher's view of them")
    parser.add_argument("--runs", type=Path, help="folder of the runs of that training")
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    if (args.heal is None, args.soft is None, args.runs is None).count(True) not in (0, 3):
        parser.error("--heal, --soft and --runs go together")
    prepare(args.threads)
    records = [record for record in read_corpus(args.gold) if record["format"] in args.formats.split(",")]
    reader = load_run(args.run)[0].to(device())
    whole = layer_parameters(reader)
    calibration = calibration_examples(args.run, args.corpus, args.prompts)
    config, seen = (ReaderTraining.load(args.heal), read_soft(args.soft)) if args.heal else (None, [])
    for name in args.scores:
        found = list(structures(reader, reader_saliency(reader, name, calibration)))
        for keep in args.keeps:
            small = without(reader, choose(found, reader.config.layers, reader.config.layers, int(keep * whole))).to(device()).eval()
            share = round(layer_parameters(small) / parent_parameters(), 4)
            for trained, make in versions(small, config, seen, (args.runs or Path()) / f"{name}-{keep}"):
                figures = score(records, predictions(records, reader_predictor(make(), args.run)))[0].figures()
                print(
                    f"{name:10s} keep {keep:.3f}  share of the parent {share:.3f}  trained on: {trained:18s}  F1 {figures['f1']:.3f}",
                    flush=True,
                )
                add_result(args.results, {"score": name, "keep": keep, "share": share, "trained": trained, **figures})
    return 0


if __name__ == "__main__":
    sys.exit(main())
