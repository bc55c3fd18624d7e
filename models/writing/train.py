"""Trains the writer on facts and the texts that tell them; goes on from a pruned one, and learns from a teacher, where asked.

    python -m models.writing.train models/configs/writer.toml --run runs/writer

Only the text's tokens count in the loss, behind the brief of its facts (``agent.summarise.brief``).
"""

import argparse
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from agent.summarise.brief import END, brief
from agent.summarise.wording import Style
from models.base import BaseModel, find_gguf
from models.batches import LENGTH_STEP, POOL, batches
from models.checkpoint import load_last
from models.losses import SOFT_SHARE, SOFT_TEMPERATURE
from models.training import TrainConfig, prepare, train
from models.trunk import device
from models.writing.compose import Pair, pairs
from models.writing.model import Writer, new_writer
from models.writing.scenes import scene
from models.writing.vocabulary import PADDING, build_tokenizer

SMOOTHING = 0.02


@dataclass(frozen=True, slots=True)
class Text:
    """The tokens of a brief and the text behind it; the text begins at ``start``."""

    ids: tuple[int, ...]
    start: int


@dataclass(frozen=True, slots=True)
class TextBatch:
    """Padded texts, and the token that comes next (n,) at each place of a text."""

    ids: Tensor
    lengths: Tensor
    rows: Tensor
    places: Tensor
    targets: Tensor

    def to(self, device: torch.device) -> "TextBatch":
        """The same on a device."""
        return TextBatch(*(getattr(self, name).to(device) for name in ("ids", "lengths", "rows", "places", "targets")))


def encode(pair: Pair, tokenizer: Tokenizer) -> Text:
    """A pair as tokens. Raises ``AssertionError`` for a word that the vocabulary lacks."""
    ids = tokenizer.get_vocab()
    before = [ids[token] for token in brief(pair.facts, Style(language=pair.language))]
    text = tokenizer.encode(pair.draft, add_special_tokens=False)
    assert PADDING not in text.ids, (pair.draft, text.tokens)
    return Text((*before, *text.ids, ids[END]), len(before))


def collate(texts: list[Text]) -> TextBatch:
    """Texts to tensors."""
    longest = -(-max(len(text.ids) for text in texts) // LENGTH_STEP) * LENGTH_STEP
    ids = torch.full((len(texts), longest), PADDING, dtype=torch.long)
    for row, text in enumerate(texts):
        ids[row, : len(text.ids)] = torch.tensor(text.ids)
    spots = [(row, place, text.ids[place + 1]) for row, text in enumerate(texts) for place in range(text.start - 1, len(text.ids) - 1)]
    found = torch.tensor(spots)
    return TextBatch(ids, torch.tensor([len(text.ids) for text in texts]), found[:, 0], found[:, 1], found[:, 2])


def text_pools(tokenizer: Tokenizer, seed: int) -> Iterator[list[Text]]:
    """Fresh texts, ``POOL`` at a time."""
    stream = pairs(seed, scene)
    while True:
        yield [encode(pair, tokenizer) for pair in islice(stream, POOL)]


def text_batches(tokenizer: Tokenizer, batch_tokens: int, seed: int) -> Iterator[TextBatch]:
    """Batches of texts of like length, without an end."""
    return (collate(group) for group in batches(text_pools(tokenizer, seed), lambda text: len(text.ids), batch_tokens, seed))


def writer_loss(writer: Writer, batch: TextBatch, teacher: Writer | None = None) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss of a batch, and its parts."""
    logits = writer(batch.ids, batch.lengths, batch.rows, batch.places).float()
    found = {"text": F.cross_entropy(logits, batch.targets, label_smoothing=SMOOTHING)}
    if teacher is None:
        return found["text"], found
    with torch.no_grad():
        shares = (teacher(batch.ids, batch.lengths, batch.rows, batch.places).float() / SOFT_TEMPERATURE).softmax(-1)
    found["soft"] = F.kl_div((logits / SOFT_TEMPERATURE).log_softmax(-1), shares, reduction="batchmean") * SOFT_TEMPERATURE**2
    return (1 - SOFT_SHARE) * found["text"] + SOFT_SHARE * found["soft"], found


def begin(config: TrainConfig, run: Path, cache: Path, start: Path | None) -> Writer:
    """The writer of the run ``start``, or a new one from the base weights; its tokenizer is saved in the run."""
    run.mkdir(parents=True, exist_ok=True)
    if start is not None:
        shutil.copy(start / "tokenizer.json", run / "tokenizer.json")
        return load_last(start, Writer)[0]
    tokenizer = build_tokenizer()
    tokenizer.save(str(run / "tokenizer.json"))
    return new_writer(BaseModel(find_gguf(cache)), tokenizer, config.layers)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--run", type=Path, required=True, help="folder of the run, outside the repository or under runs/")
    parser.add_argument("--start", type=Path, help="folder of a run whose writer this one goes on from, a pruned one for example")
    parser.add_argument("--teacher", type=Path, help="folder of a run whose writer this one learns from too")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "sensorscribe", help="where the base weights are kept")
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    prepare(args.threads)
    config = TrainConfig.load(args.config)
    teacher = load_last(args.teacher, Writer)[0].to(device()) if args.teacher else None

    def made(seed: int) -> Iterator[TextBatch]:
        return text_batches(Tokenizer.from_file(str(args.run / "tokenizer.json")), config.batch_tokens, seed)

    train(
        config, args.run, Writer, lambda: begin(config, args.run, args.cache, args.start), made,
        lambda writer, batch: writer_loss(writer, batch, teacher),
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
