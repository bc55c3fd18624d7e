"""``sensorscribe-train site``: goes on from a shipped reader with a site's corrections, and forgets nothing else.

Corrections are messages in the corpus format. They are mixed with messages of the generator (and of a corpus, where one is given), every
step sees the weights as int4 has them, and the result is written only where the general score fell by no more than it may.
"""

import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from agent.errors import DataError, FatalError
from agent.slm.manifest import load_manifest
from agent.slm.session import Reader as Artifact
from agent.slm.tokenizer import PieceTokenizer
from models.batches import Batch, fresh_pools, mixture
from models.data.corpus import Record, read_corpus
from models.data.generate import messages
from models.evaluate import predictions
from models.export import export
from models.finetune import ReaderTraining, collated, reader_loss
from models.metrics import score
from models.reader import Reader
from models.restore import restore
from models.training import train

GENERAL_SEED = 4242
"""Of the generated messages that the general score is taken on where no labelled file is given; training never draws with it."""
GENERAL_MESSAGES = 300
MOST_FALL = 0.005
"""By which the general F1 may fall: half a point."""
SITE = ReaderTraining(
    steps=100, warmup_steps=5, trunk_rate=5e-5, head_rate=2e-4, embedding_rate=2e-5, rounded_share=1.0, real_share=0.3,
    minutes_between_checkpoints=60.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """F1 before and after, on the site's messages and on general ones; ``folder`` is None where the new reader was not kept."""

    site_before: float
    site_after: float
    general_before: float
    general_after: float
    folder: Path | None


def f1(artifact: Path, records: list[Record]) -> float:
    """F1 (place, quantity, unit) of an artifact at the agent's own threshold."""
    total, _ = score(records, predictions(records, Artifact(artifact).read), "format")
    return total.figures()["f1"]


def next_name(name: str) -> str:
    """The version after a model's name: ``scribe-0.2`` -> ``scribe-0.2+site.1`` -> ``scribe-0.2+site.2``."""
    base, plus, version = name.partition("+site.")
    return f"{base}+site.{int(version) + 1 if plus and version.isdigit() else 1}"


def corrections(path: Path) -> list[Record]:
    """A site's labelled messages. Raises ``DataError`` for a file that holds none, or a record that is not as FORMAT.md says."""
    records = [{"source": "site", "family": record.get("family", "site"), **record} for record in read_corpus(path)]
    if not records:
        raise DataError(f"{path} holds no message: write corrected messages in the corpus format, a line of JSON each")
    return records


def train_site(
    model: Path, wanted: list[Record], out: Path, general: list[Record], replay: list[Record], steps: int, say: Callable[[str], None]
) -> Outcome:
    """Train, compare, and write the new artifact to ``out`` where the general score allows."""
    if out.exists():
        raise FatalError(f"{out} is there already: name a new folder, an older model is never written over")
    config = replace(SITE, steps=steps)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder)
        shutil.copy(model / "tokenizer.json", run / "tokenizer.json")
        tokenizer = PieceTokenizer(run / "tokenizer.json")
        reader, manifest = restore(model)
        say(f"{manifest['model']}: {steps} steps on {len(wanted)} corrected messages among general ones")

        def made_of(seed: int) -> Iterator[Batch]:
            return collated(fresh_pools(_mixed(wanted, replay, seed, config), tokenizer), config.batch_tokens, seed)

        trained = train(config, run, Reader, lambda: reader, made_of, reader_loss).cpu()
        about: dict[str, Any] = {
            "confidence_exponent": manifest["confidence_exponent"],
            "trained_from": manifest["model"],
            "corrections": len(wanted),
        }
        made = run / "model"
        export(trained.eval(), run / "tokenizer.json", made, next_name(manifest["model"]), 4, about)
        before, after = f1(model, general), f1(made, general)
        is_kept = after >= before - MOST_FALL
        outcome = Outcome(f1(model, wanted), f1(made, wanted), before, after, out if is_kept else None)
        if is_kept:
            shutil.copytree(made, out)
            load_manifest(out)
    return outcome


def _mixed(wanted: list[Record], replay: list[Record], seed: int, config: ReaderTraining) -> Iterator[Record]:
    """The site's messages among general ones: of the generator, and half of them of the corpus where there is one."""
    general = mixture(replay, seed, 0.5 if replay else 0.0, config.composed_share)
    own = mixture(wanted, seed, 1.0)
    turn = random.Random(seed)
    while True:
        yield next(own) if turn.random() < config.real_share else next(general)


def general_messages(gold: Path | None) -> list[Record]:
    """What the general score is taken on: a labelled file, or generated messages that training never draws."""
    return list(read_corpus(gold)) if gold else list(islice(messages(GENERAL_SEED), GENERAL_MESSAGES))


def as_json(outcome: Outcome) -> str:
    """The outcome as a line of JSON."""
    return json.dumps(
        {
            name: str(value) if isinstance(value, Path) else value
            for name, value in ((one, getattr(outcome, one)) for one in Outcome.__slots__)
        }
    )
