"""The writer in PyTorch: the parent's first layers, all causal, on a vocabulary of its own that is embedding and head at once."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from tokenizers import Tokenizer
from torch import Tensor

from models.base import BaseModel, build_tokenizer
from models.trunk import Trunk, TrunkConfig, as_sizes, whole_layers
from models.writing.vocabulary import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterConfig(TrunkConfig):
    """Sizes of a writer."""


class Writer(Trunk):
    """Token ids -> logits of the next token."""

    kind: ClassVar[str] = "writer"
    config: WriterConfig

    @classmethod
    def of(cls, sizes: dict[str, Any]) -> Self:
        """A writer of the sizes that a checkpoint or a manifest holds."""
        return cls(WriterConfig(**as_sizes(sizes)))

    def forward(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, places: Tensor) -> Tensor:
        """Logits (n, vocabulary) behind the tokens at ``places`` (n,) of ``rows`` (n,); ``ids`` (batch, length)."""
        states = self.states(ids, lengths)[rows, places]
        found: Tensor = states @ self.embedding.weight.T
        return found


def new_writer(base: BaseModel, tokenizer: Tokenizer, layers: int) -> Writer:
    """A writer of the parent's first layers, whole ones; its embedding begins as the parent's rows for the same texts."""
    tokens = [text for text, _ in sorted(tokenizer.get_vocab().items(), key=lambda pair: pair[1])]
    names, merges, _ = base.vocabulary()
    writer = Writer(WriterConfig(vocabulary=len(tokens), causal_layers=layers, **whole_layers(base, layers)))
    writer.take(base, rows(tokens, base, build_tokenizer(names, merges)))
    return writer
