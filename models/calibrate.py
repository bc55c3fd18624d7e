"""Fits what makes a reading's confidence a probability that holds: temperatures (Guo et al. 2017), and one exponent.

    python -m models.calibrate runs/reader ../shared/corpus/dev.jsonl

A temperature for each head, then an exponent for the product of their probabilities: the heads err together, so the plain
product is too low. Writes ``calibration.json`` into the run, where evaluation and export find it. Four numbers are fitted and
nothing else; they change no order within a head. The messages must be of other sources than the training's: on its own sources
a model is always sure, and rightly so.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from torch import Tensor

from agent.slm.tokenizer import PieceTokenizer
from models.batches import collate
from models.checkpoint import JOINT, load_run
from models.data.corpus import read_corpus
from models.data.examples import ROLE_IGNORED, ROLE_READING, examples
from models.evaluate import checkpoint_predictor, judged, predictions
from models.losses import set_loss
from models.reader import Reader
from models.trunk import device

HEADS = ("role", "quantity", "unit")
EXPONENTS = torch.linspace(0.3, 1.5, 121)
SEARCH = torch.logspace(-0.7, 0.7, 141, base=10.0)
"""Temperatures that are tried: 0.2 to 5, in steps of 2.3 %."""


def judged_logits(reader: Reader, tokenizer: PieceTokenizer, path: Path) -> dict[str, tuple[Tensor, Tensor]]:
    """For each head the logits (n, classes) of the candidates that it is judged on, and their right answers (n, classes)."""
    found: dict[str, list[tuple[Tensor, Tensor]]] = {head: [] for head in HEADS}
    for example in examples(read_corpus(path), tokenizer.encode):
        batch = collate([example], reader.config.quantities, reader.config.units + 2)
        there = batch.to(reader.device)
        with torch.no_grad():
            logits = reader(there.ids, there.lengths, there.rows, there.spans, there.quantity).to(torch.device("cpu"))
        judged, reading = batch.role != ROLE_IGNORED, batch.role == ROLE_READING
        named, with_unit = reading & batch.quantity.any(-1), reading & batch.unit.any(-1)
        role = torch.nn.functional.one_hot(batch.role[judged], logits.role.shape[-1]).bool()
        found["role"].append((logits.role[judged], role))
        found["quantity"].append((logits.quantity[named], batch.quantity[named]))
        found["unit"].append((logits.unit[with_unit], batch.unit[with_unit]))
    return {head: (torch.cat([pair[0] for pair in pairs]), torch.cat([pair[1] for pair in pairs])) for head, pairs in found.items()}


def fit(logits: Tensor, right: Tensor) -> tuple[float, float, float]:
    """The temperature of least loss, and the loss (nats) without and with it."""
    losses = torch.stack([set_loss(logits / temperature, right, smoothing=0.0, sharpness=0.0) for temperature in SEARCH])
    best = int(losses.argmin())
    return round(float(SEARCH[best]), 3), float(set_loss(logits, right, smoothing=0.0, sharpness=0.0)), float(losses[best])


def fit_exponent(pairs: list[tuple[float, int]]) -> tuple[float, float, float]:
    """The exponent of least cross-entropy for (confidence, 1 where right), and that loss (nats) without and with it."""
    confidence = torch.tensor([pair[0] for pair in pairs]).clamp(1e-4, 1 - 1e-4)
    right = torch.tensor([float(pair[1]) for pair in pairs])
    losses = torch.stack([torch.nn.functional.binary_cross_entropy(confidence**exponent, right) for exponent in EXPONENTS])
    best = int(losses.argmin())
    plain = torch.nn.functional.binary_cross_entropy(confidence, right)
    return round(float(EXPONENTS[best]), 3), float(plain), float(losses[best])


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a run")
    parser.add_argument("messages", type=Path, help="labelled messages of sources that the training did not see")
    args = parser.parse_args()
    reader = load_run(args.run, calibrated=False)[0].to(device())
    calibration: dict[str, float] = {}
    for head, (logits, right) in judged_logits(reader, PieceTokenizer(args.run / "tokenizer.json"), args.messages).items():
        calibration[head], before, after = fit(logits, right)
        print(f"{head:9s} temperature {calibration[head]:.3f}: loss {before:.4f} -> {after:.4f} nats over {len(logits)} candidates")
    path = args.run / "calibration.json"
    path.write_text(json.dumps(calibration) + "\n")
    records = list(read_corpus(args.messages))
    pairs = judged(records, predictions(records, checkpoint_predictor(args.run), 0.0))
    calibration[JOINT], before, after = fit_exponent(pairs)
    print(f"joint     exponent {calibration[JOINT]:.3f}: loss {before:.4f} -> {after:.4f} nats over {len(pairs)} readings")
    path.write_text(json.dumps(calibration) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
