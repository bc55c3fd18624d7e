"""F1 of a model on labelled messages: PyTorch checkpoint, artifact and the baselines by the same rules.

    python -m models.evaluate ../shared/corpus/dev.jsonl --artifact models/reader --formats json,kv,xml,text,scalar
    python -m models.evaluate ../shared/corpus/dev.jsonl --checkpoint runs/reader --artifact models/reader --baseline ../shared/corpus
    python -m models.evaluate ../shared/corpus/dev.jsonl --rules ../shared/corpus --generated 5000 --prompted --limit 40

Prints a table by format (or --by language|source), and one line of JSON for each model.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from agent.config import Config
from agent.decode import decode
from agent.domain.document import Document, Undecodable
from agent.domain.reading import Label
from agent.errors import FatalError
from agent.normalise import assemble
from agent.slm.answer import Probabilities, choose_label, empty
from agent.slm.kernel import KERNELS
from agent.slm.prompt import build_prompts
from agent.slm.session import Reader as Artifact
from agent.slm.tokenizer import PieceTokenizer
from models.checkpoint import JOINT, load_run, read_calibration
from models.data.corpus import read_corpus
from models.metrics import faults, score, score_message
from models.prompted import Prompted, llama_completion
from models.reader import Reader
from models.rules import train_rules
from models.trunk import device

Record = dict[str, Any]
Predict = Callable[[Document, str], list[Label]]


def torch_probabilities(reader: Reader, tokenizer: PieceTokenizer, document: Document, topic: str, exponent: float) -> Probabilities:
    """What a checkpoint gives for a document, as the agent's session gives it for the artifact."""
    found = empty(len(document.candidates), exponent)
    for prompt in build_prompts(document, topic, tokenizer.encode):
        spans = torch.tensor(prompt.spans)
        with torch.no_grad():
            there = reader.device
            rows_of = torch.zeros(len(spans), dtype=torch.long, device=there)
            logits = reader(torch.tensor([prompt.ids], device=there), None, rows_of, spans.to(there)).to(torch.device("cpu"))
        rows = list(prompt.indices)
        for name in ("role", "quantity", "unit"):
            getattr(found, name)[rows] = getattr(logits, name).softmax(-1).numpy()
        found.inverted[rows] = logits.inverted.sigmoid().numpy()
    return found


def checkpoint_predictor(run: Path) -> Predict:
    """Labels by a PyTorch checkpoint."""
    return reader_predictor(load_run(run)[0].to(device()), run)


def reader_predictor(reader: Reader, run: Path) -> Predict:
    """Labels by a reader with the tokenizer and the calibration of a run."""
    tokenizer = PieceTokenizer(run / "tokenizer.json")
    exponent = read_calibration(run).get(JOINT, 1.0)

    def predict(document: Document, topic: str) -> list[Label]:
        found = torch_probabilities(reader, tokenizer, document, topic, exponent)
        return [choose_label(candidate, found, row) for row, candidate in enumerate(document.candidates)]

    return predict


def predictions(records: list[Record], predict: Predict, threshold: float | None = None) -> dict[str, list[Record]]:
    """The readings that a model takes from each message, put together as the agent does it (``extract --no-templates``).

    Without a ``threshold`` the agent's own count.
    """
    settings = Config().extract
    now = datetime.now(UTC)
    answers: dict[str, list[Record]] = {}
    for record in records:
        document = decode(record["payload"].encode(), record["topic"])
        if isinstance(document, Undecodable):
            answers[record["id"]] = []
            continue
        least = settings.threshold_of(document) if threshold is None else threshold
        understood = assemble(document, predict(document, record["topic"]), record["topic"], now, least, "slm")
        answers[record["id"]] = [asdict(reading) for reading in understood.readings]
    return answers


def report(name: str, records: list[Record], answers: dict[str, list[Record]], by: str) -> dict[str, float]:
    """Print the table of one model; its figures over all."""
    total, groups = score(records, answers, by)
    print(name)
    for group, counts in sorted(groups.items(), key=lambda item: -item[1].labels):
        print(f"  {group:28s}", counts.figures())
    figures = total.figures()
    print(json.dumps({"model": name, **figures}))
    return figures


def record_scores(artifact: Path, about: Record) -> None:
    """Write an artifact's figures into its manifest."""
    path = artifact / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, "scores": about}, indent=1) + "\n", encoding="utf-8")


def add_result(path: Path, result: Record) -> None:
    """Append a line to a file of results."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(result) + "\n")


def judged(records: list[Record], answers: dict[str, list[Record]]) -> list[tuple[float, int]]:
    """Confidence of each reading that counts, and 1 where it is right."""
    pairs = []
    for record in records:
        for reading in answers[record["id"]]:
            counts = score_message(record, [reading])
            if counts.right + counts.wrong:
                pairs.append((reading["confidence"], counts.right))
    return pairs


def report_reliability(records: list[Record], answers: dict[str, list[Record]]) -> Record:
    """Print how often readings of a confidence are right, and the precision of the surest share of them (risk and coverage); both."""
    pairs = judged(records, answers)
    reliability, coverage = [], []
    print("  confidence      readings  mean  right")
    for low in range(10):
        found = [pair for pair in pairs if low / 10 <= pair[0] < (low + 1) / 10 or (low == 9 and pair[0] == 1)]
        if found:
            mean, right = (sum(column) / len(found) for column in zip(*found, strict=True))
            reliability.append({"mean": round(mean, 4), "right": round(right, 4), "readings": len(found)})
            print(f"  {low / 10:.1f} to {(low + 1) / 10:.1f}      {len(found):8d}  {mean:.2f}  {right:.2f}")
    pairs.sort(key=lambda pair: -pair[0])
    print("  coverage  precision  least confidence")
    for percent in range(20, 101, 10):
        kept = pairs[: max(1, len(pairs) * percent // 100)]
        precision = sum(right for _, right in kept) / len(kept)
        coverage.append({"coverage": percent / 100, "precision": round(precision, 4), "least": round(kept[-1][0], 4)})
        print(f"  {percent:7d}%  {precision:9.3f}  {kept[-1][0]:16.2f}")
    return {"reliability": reliability, "coverage": coverage}


BEFORE_A_FAULT = 40
"""Characters of the payload that are shown before a literal."""


def report_faults(records: list[Record], answers: dict[str, list[Record]]) -> None:
    """Print every fault: its kind, where the message is from, the text up to the literal, what was said of it, and what is right."""
    counted: Counter[str] = Counter()
    for record in records:
        labels = {label["start"]: label for label in record["readings"]}
        for kind, reading in faults(record, answers[record["id"]]):
            counted[kind] += 1
            end = reading["start"] + len(str(reading["literal"]))
            text = " ".join(record["payload"][max(0, reading["start"] - BEFORE_A_FAULT) : end].split())
            said = "-" if kind == "missed" else f"{reading['quantity']} {reading['unit']} {reading['confidence']:.2f}"
            label = labels.get(reading["start"])
            right = f"{label['quantity']} {label['unit']}" if label else "-"
            print(f"  {kind:10s}  {record['family']:28s}  {text}  said: {said}  right: {right}")
    print(f"  {dict(counted)}")


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--artifact", type=Path)
    parser.add_argument("--kernel", choices=KERNELS, default="int4", help="of the artifact's matrices")
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--baseline", type=Path, help="folder of the corpus that the n-gram baseline is trained on")
    parser.add_argument("--rules", type=Path, help="folder of the corpus that the baseline of rules counts its dictionary from")
    parser.add_argument("--generated", type=int, default=0, help="generated messages that these two are made of too")
    parser.add_argument(
        "--prompted", action="store_true", help="the baseline that writes: the parent prompted in llama.cpp, with a grammar"
    )
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "sensorscribe", help="where the parent's weights are kept")
    parser.add_argument("--limit", type=int, help="only so many messages, the first of these formats")
    parser.add_argument("--formats", default="", help="only these, with commas")
    parser.add_argument(
        "--without",
        nargs="*",
        default=[],
        metavar="NAME",
        help="leave out messages whose source or family begins so: those that training saw",
    )
    parser.add_argument("--by", default="format", choices=["format", "language", "source"])
    parser.add_argument("--threshold", type=float, help="leave out readings less sure (default: as the agent)")
    parser.add_argument("--record", action="store_true", help="write the artifact's figures into its manifest")
    parser.add_argument("--reliability", action="store_true", help="also whether confidences hold, over all readings (threshold 0)")
    parser.add_argument("--faults", action="store_true", help="also each reading that is wrong or missed")
    parser.add_argument("--results", type=Path, help="also append the figures to this file, of which models.plots draws")
    parser.add_argument("--about", default="{}", help='what the result is about, as JSON: {"prompts": 70015}')
    args = parser.parse_args()
    formats = set(args.formats.split(",")) - {""}
    left_out = tuple(args.without)
    wanted = (record for record in read_corpus(args.gold) if not formats or record["format"] in formats)
    records = [record for record in wanted if not record["source"].startswith(left_out) and not record["family"].startswith(left_out)]
    records = records[: args.limit]
    models: list[tuple[str, Predict]] = []
    if args.checkpoint:
        models.append((f"checkpoint {args.checkpoint}", checkpoint_predictor(args.checkpoint)))
    if args.artifact:
        models.append((f"artifact {args.artifact} {args.kernel}", Artifact(args.artifact, kernel=args.kernel).read))
    if args.baseline:
        from models.baseline import train_baseline  # only here: it needs scikit-learn

        models.append(
            (f"n-gram baseline, open*.jsonl and {args.generated} generated messages", train_baseline(args.baseline, args.generated))
        )
    if args.rules:
        models.append((f"rules, open*.jsonl and {args.generated} generated messages", train_rules(args.rules, args.generated)))
    prompted: Prompted | None = None
    if args.prompted:
        try:
            prompted = Prompted(llama_completion(args.cache))
        except FatalError as error:
            parser.error(str(error))
        models.append(("SmolLM2-135M-Instruct, prompted with a grammar", prompted.read))
    for name, predict in models:
        answers = predictions(records, predict, args.threshold)
        figures = report(name, records, answers, args.by)
        if args.faults:
            report_faults(records, answers)
        if args.record and name.startswith("artifact"):
            record_scores(args.artifact, {"file": args.gold.name, "formats": args.formats, "threshold": args.threshold, **figures})
        curves = report_reliability(records, predictions(records, predict, 0.0)) if args.reliability else {}
        if args.results:
            add_result(args.results, {"model": name, **json.loads(args.about), **figures, **curves})
    if prompted:
        print(json.dumps({"prompted": prompted.losses}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
