"""What reader and writer share in PyTorch: the parent's embedding and layers, of which pruning may take parts away."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.base import BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkConfig:
    """Sizes of a trunk.

    Pruning makes layers unequal: ``groups`` and ``ffn`` have a number for each. A layer without groups has no attention, one
    without neurons no feed-forward part.
    """

    vocabulary: int
    groups: tuple[int, ...]
    """Key-value heads of each layer; ``heads_per_group`` query heads share one."""
    ffn: tuple[int, ...]
    """Neurons of each layer's feed-forward part."""
    hidden: int = 576
    heads_per_group: int = 3
    head_size: int = 64
    norm_epsilon: float = 1e-5
    rope_base: float = 100000.0
    causal_layers: int = 0
    """The first layers, that see no token behind."""

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return len(self.ffn)


def device() -> torch.device:
    """Where models are trained and measured: the GPU, where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class RmsNorm(nn.Module):
    """Root-mean-square normalisation (Zhang and Sennrich 2019)."""

    def __init__(self, size: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        """(..., size) -> (..., size)."""
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.epsilon)


def rope_tables(length: int, size: int, base: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines, (length, size), of half-rotation RoPE (Su et al. 2021)."""
    inverse = 1.0 / base ** (torch.arange(0, size, 2).float() / size)
    angles = torch.outer(torch.arange(length).float(), inverse)
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn (batch, heads, length, size) by its positions."""
    left, right = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-right, left], dim=-1) * sin


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """Scaled dot-product attention of (batch, heads, length, size), where a key-value head serves several heads.

    Plain matrix products: at these lengths twice to five times as fast as PyTorch's flash kernel on a CPU, gradients included.
    """
    batch, heads, length, size = q.shape
    groups = k.shape[1]
    q, k, v = q.reshape(batch * groups, -1, size), k.reshape(batch * groups, length, size), v.reshape(batch * groups, length, size)
    scores = (torch.bmm(q, k.transpose(1, 2)) * size**-0.5).view(batch, groups, heads // groups, length, length)
    if mask is not None:
        scores = scores.masked_fill(~mask.unsqueeze(-3), -1e9)
    weights = scores.softmax(-1).to(v.dtype).view(batch * groups, -1, length)
    return torch.bmm(weights, v).view(batch, heads, length, size)


class Layer(nn.Module):
    """One transformer layer of the Llama family, without a cache; a part of no groups or no neurons is not there."""

    def __init__(self, config: TrunkConfig, groups: int, ffn: int) -> None:
        super().__init__()
        self.config = config
        self.groups, self.ffn = groups, ffn
        self.heads = groups * config.heads_per_group
        if groups:
            self.attn_norm = RmsNorm(config.hidden, config.norm_epsilon)
            self.qkv = nn.Linear(config.hidden, (self.heads + 2 * groups) * config.head_size, bias=False)
            self.o = nn.Linear(self.heads * config.head_size, config.hidden, bias=False)
        if ffn:
            self.ffn_norm = RmsNorm(config.hidden, config.norm_epsilon)
            self.gate_up = nn.Linear(config.hidden, 2 * ffn, bias=False)
            self.down = nn.Linear(ffn, config.hidden, bias=False)

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Take a parent's layer."""
        with torch.no_grad():
            self.attn_norm.weight.copy_(tensors["attn_norm"])
            self.qkv.weight.copy_(torch.cat([tensors["q"], tensors["k"], tensors["v"]]))
            self.o.weight.copy_(tensors["o"])
            self.ffn_norm.weight.copy_(tensors["ffn_norm"])
            self.gate_up.weight.copy_(torch.cat([tensors["gate"], tensors["up"]]))
            self.down.weight.copy_(tensors["down"])

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor | None, causal: bool = False) -> Tensor:
        """(batch, length, hidden) -> the same; ``mask`` (batch, 1, 1, length) is True where a token may be seen."""
        if self.groups:
            x = x + self.o(self.attended(x, cos, sin, mask, causal))
        if self.ffn:
            x = x + self.down(self.active(x))
        return x

    def attended(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor | None, causal: bool) -> Tensor:
        """What the heads gather, (batch, length, heads * head_size): the input of the matrix ``o``."""
        batch, length, _ = x.shape
        qkv = self.qkv(self.attn_norm(x)).view(batch, length, -1, self.config.head_size).transpose(1, 2)
        q, k, v = qkv.split([self.heads, self.groups, self.groups], dim=1)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if causal:
            lower = torch.ones(length, length, dtype=torch.bool, device=x.device).tril()
            mask = lower if mask is None else mask & lower
        found: Tensor = attention(q, k, v, mask).transpose(1, 2).reshape(batch, length, -1)
        return found

    def active(self, x: Tensor) -> Tensor:
        """The neurons' activations, (batch, length, ffn): the input of the matrix ``down``."""
        gate, up = self.gate_up(self.ffn_norm(x)).chunk(2, dim=-1)
        found: Tensor = F.silu(gate) * up
        return found


class Trunk(nn.Module):
    """Token ids -> a state a token. What stands on it is a subclass's."""

    kind: ClassVar[str]
    """What it is called in files."""
    config: TrunkConfig

    def __init__(self, config: TrunkConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.hidden)
        self.layers = nn.ModuleList(Layer(config, groups, ffn) for groups, ffn in zip(config.groups, config.ffn, strict=True))
        self.norm = RmsNorm(config.hidden, config.norm_epsilon)

    @classmethod
    def of(cls, sizes: dict[str, Any]) -> Self:
        """A model of the sizes that a checkpoint or a manifest holds; its weights are new."""
        raise NotImplementedError

    def take(self, base: BaseModel, rows: npt.NDArray[np.float32]) -> None:
        """Take embedding ``rows`` (vocabulary, hidden), and as many of the parent's first layers as there are, whole ones."""
        with torch.no_grad():
            self.embedding.weight.copy_(torch.from_numpy(rows))
        for index, layer in enumerate(layers_of(self)):
            layer.load({name: torch.from_numpy(value) for name, value in base.layer(index).items()})

    def states(self, ids: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, length) ids -> (batch, length, hidden) states; ``lengths`` (batch,) where rows are padded."""
        config, length = self.config, ids.shape[1]
        cos, sin = rope_tables(length, config.head_size, config.rope_base)
        cos, sin = cos.to(ids.device), sin.to(ids.device)
        mask = None
        if lengths is not None and int(lengths.min()) < length:
            mask = (torch.arange(length, device=ids.device)[None, :] < lengths[:, None])[:, None, None, :]
        x = self.embedding(ids)
        for index, layer in enumerate(self.layers):
            x = layer(x, cos, sin, mask, causal=index < config.causal_layers)
        found: Tensor = self.norm(x)
        return found

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return self.embedding.weight.device

    def head_parameters(self) -> Iterator[nn.Parameter]:
        """What is neither embedding nor layer."""
        for name, parameter in self.named_parameters():
            if not name.startswith(("embedding.", "layers.")):
                yield parameter


def layers_of(trunk: Trunk) -> list[Layer]:
    """The layers, typed."""
    return [layer for layer in trunk.layers if isinstance(layer, Layer)]


def as_sizes(found: dict[str, Any]) -> dict[str, Any]:
    """What a file holds of a configuration, with tuples for its lists."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


def whole_layers(base: BaseModel, layers: int) -> dict[str, Any]:
    """The sizes of so many whole layers of the parent."""
    return {"groups": (base.shape.kv_heads,) * layers, "ffn": (base.shape.ffn,) * layers}
