"""Text to token ids with the reader's own (trimmed) vocabulary; pieces that come again are remembered."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer

from agent.errors import FatalError

CACHED_PIECES = 16384
"""Pieces remembered: keys and section names repeat in every message of a device."""


class PieceTokenizer:
    """Encodes pieces one by one, so that a candidate's tokens are its own."""

    def __init__(self, path: Path) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception for a missing or broken file
            raise FatalError(f"{path}: not a tokenizer file ({error}); install the model again") from error
        self._encode = lru_cache(maxsize=CACHED_PIECES)(self._encode_one)

    @property
    def vocabulary_size(self) -> int:
        """Number of token ids."""
        return self._tokenizer.get_vocab_size()

    @property
    def ids(self) -> dict[str, int]:
        """The id of each token."""
        found: dict[str, int] = self._tokenizer.get_vocab()
        return found

    def _encode_one(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def encode(self, pieces: Sequence[str]) -> list[list[int]]:
        """Token ids of each piece."""
        return [list(self._encode(piece)) for piece in pieces]
