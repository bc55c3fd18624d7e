"""Learning curves of the reader: trained anew and briefly from the parent, with one thing varied, and measured on labelled messages.

    python -m models.curves layers models/configs/curve.toml MESSAGES --run runs/curves --results models/results/curve.jsonl --values 8 12

``layers``: of the parent, at equal steps. ``steps``: the same reader trained longer, each time with a schedule of its own. ``kinds``: how
many of the generator's kinds of devices its messages are drawn from; these alone, without the corpus and the lexicon. A value whose
result stands in the file already is left out, so that a run goes on where it ended.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from agent.slm.tokenizer import PieceTokenizer
from models.batches import Batch, fresh_pools, mixture
from models.checkpoint import finished, load_run
from models.data.corpus import Record, read_corpus, split
from models.data.generate import load_kinds, messages
from models.evaluate import add_result, predictions, reader_predictor
from models.finetune import ReaderTraining, begin_run, collated, read_training_corpus, reader_loss
from models.metrics import score
from models.reader import Reader
from models.training import prepare, train
from models.trunk import device

Curve = Literal["layers", "steps", "kinds"]
CURVES: tuple[Curve, ...] = ("layers", "steps", "kinds")
ORDER_SEED = 5
"""Of the order in which kinds are added."""
THRESHOLD = 0.35
"""Of the confidence; nothing is calibrated here."""


def varied(config: ReaderTraining, curve: Curve, value: int) -> ReaderTraining:
    """The configuration of one point."""
    match curve:
        case "layers":
            return replace(config, layers=value)
        case "steps":
            return replace(config, steps=value)
        case "kinds":
            return config


def stream(config: ReaderTraining, real: list[Record], seed: int, kinds: int | None) -> Iterator[Record]:
    """The messages of a point: the training's own mixture, or those of so many kinds alone."""
    if kinds is None:
        return mixture(real, seed, config.real_share, config.composed_share)
    ordered = sorted(load_kinds(), key=lambda kind: kind.name)
    random.Random(ORDER_SEED).shuffle(ordered)
    return messages(seed, ordered[:kinds], composed=0.0)


def trained(config: ReaderTraining, real: list[Record], run: Path, cache: Path, kinds: int | None) -> Reader:
    """The reader of one point."""

    def made(seed: int) -> Iterator[Batch]:
        pools = fresh_pools(stream(config, real, seed, kinds), PieceTokenizer(run / "tokenizer.json"))
        return collated(pools, config.batch_tokens, seed)

    if not finished(run, Reader).exists():
        train(config, run, Reader, lambda: begin_run(config, run, cache, None), made, reader_loss)
    return load_run(run)[0].to(device())


def prompts_seen(run: Path) -> int:
    """How many prompts a run drew, by its last report; 0 where it was too short for one."""
    log = run / "log.jsonl"
    return int(json.loads(log.read_text().splitlines()[-1])["prompts"]) if log.exists() else 0


def known(results: Path) -> set[tuple[str, int]]:
    """The points that a file of results has."""
    rows: list[dict[str, Any]] = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    return {(row["curve"], row["value"]) for row in rows}


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("curve", choices=CURVES)
    parser.add_argument("config", type=Path)
    parser.add_argument("gold", type=Path, help="labelled messages to measure on")
    parser.add_argument("--values", type=int, nargs="+", required=True)
    parser.add_argument("--formats", default="json,kv,xml,text,scalar", help="only these, with commas")
    parser.add_argument("--corpus", type=Path, help="folder with open*.jsonl; without it only generated messages are used")
    parser.add_argument("--run", type=Path, required=True, help="folder of the runs, one inside for each point")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "sensorscribe", help="where the base weights are kept")
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    prepare(args.threads)
    config = ReaderTraining.load(args.config)
    real, _ = split(read_training_corpus(args.corpus), config.held_out_share)
    golds = [record for record in read_corpus(args.gold) if record["format"] in args.formats.split(",")]
    for value in args.values:
        if (args.curve, value) in known(args.results):
            continue
        run = args.run / f"{args.curve}-{value}"
        reader = trained(varied(config, args.curve, value), real, run, args.cache, value if args.curve == "kinds" else None)
        figures = score(golds, predictions(golds, reader_predictor(reader, run), THRESHOLD))[0].figures()
        line = {"curve": args.curve, "value": value, "prompts": prompts_seen(run), **figures}
        print(json.dumps(line), flush=True)
        add_result(args.results, line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
