"""The reader in PyTorch: the parent's first layers, and heads on the span of each candidate.

Attention is bidirectional: the layers were trained causally, but a candidate has to see what stands behind it
(``{"value": 21, "unit": "C"}``), and the alternative, a second copy of every candidate as a probe behind the payload,
costs twice the tokens. ``causal_layers`` keeps the mask in the first layers.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.base import BaseModel

ROLES = ("reading", "device", "time", "none")


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """Sizes of a reader. ``units`` counts UCUM codes; the unit head has two classes more (null, the written unit).

    Pruning makes layers unequal: ``groups`` and ``ffn`` have a number for each. A layer without groups has no attention, one
    without neurons no feed-forward part.
    """

    vocabulary: int
    quantities: int
    units: int
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

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return len(self.ffn)


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

    def __init__(self, config: ReaderConfig, groups: int, ffn: int) -> None:
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


@dataclass(frozen=True, slots=True)
class Logits:
    """Scores of each candidate: role (n, 4), quantity (n, quantities), unit (n, units + 2), inverted (n,)."""

    role: Tensor
    quantity: Tensor
    unit: Tensor
    inverted: Tensor

    def float(self) -> "Logits":
        """The same in float32."""
        return Logits(self.role.float(), self.quantity.float(), self.unit.float(), self.inverted.float())


class Reader(nn.Module):
    """Token ids and candidate spans -> logits of each candidate."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.hidden)
        self.layers = nn.ModuleList(Layer(config, groups, ffn) for groups, ffn in zip(config.groups, config.ffn, strict=True))
        self.norm = RmsNorm(config.hidden, config.norm_epsilon)
        self.dropout = nn.Dropout(0.1)
        self.sizes = (len(ROLES), config.quantities, config.units + 2, 1)
        self.heads = nn.Linear(3 * config.hidden, sum(self.sizes))
        self.unit_given_quantity = nn.Embedding(config.quantities, config.units + 2)
        nn.init.zeros_(self.unit_given_quantity.weight)

    @classmethod
    def from_base(cls, base: BaseModel, config: ReaderConfig, parent_ids: npt.NDArray[np.int64]) -> "Reader":
        """A reader with the parent's embedding rows ``parent_ids`` and first layers, whole ones; its heads are new."""
        reader = cls(config)
        with torch.no_grad():
            reader.embedding.weight.copy_(torch.from_numpy(base.tensor("token_embd.weight")[parent_ids]))
        for index, layer in enumerate(reader.layers):
            assert isinstance(layer, Layer)
            layer.load({name: torch.from_numpy(value) for name, value in base.layer(index).items()})
        return reader

    def cool(self, temperatures: dict[str, float]) -> None:
        """Divide the logits of the heads named by their temperatures; the heads being linear, their weights take it up."""
        names = ("role", "quantity", "unit", "inverted")
        factors = [torch.full((size,), 1 / temperatures.get(name, 1.0)) for name, size in zip(names, self.sizes, strict=True)]
        with torch.no_grad():
            self.heads.weight.mul_(torch.cat(factors)[:, None])
            self.heads.bias.mul_(torch.cat(factors))
            self.unit_given_quantity.weight.mul_(1 / temperatures.get("unit", 1.0))

    def trunk(self, ids: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, length) ids -> (batch, length, hidden) states; ``lengths`` (batch,) where rows are padded."""
        length = ids.shape[1]
        cos, sin = rope_tables(length, self.config.head_size, self.config.rope_base)
        cos, sin = cos.to(ids.device), sin.to(ids.device)
        mask = None
        if lengths is not None and int(lengths.min()) < length:
            mask = (torch.arange(length, device=ids.device)[None, :] < lengths[:, None])[:, None, None, :]
        x = self.embedding(ids)
        for index, layer in enumerate(self.layers):
            x = layer(x, cos, sin, mask, causal=index < self.config.causal_layers)
        states: Tensor = self.norm(x)
        return states

    def forward(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, spans: Tensor, right: Tensor | None = None) -> Logits:
        """Logits of n candidates: ``rows`` (n,) and ``spans`` (n, 3) say where each stands (``agent.slm.prompt.Prompt``).

        The unit's scores depend on the quantity: on the likeliest, or in training on the likeliest of the ``right`` ones
        (n, quantities; a row without any leaves the choice free).
        """
        states = self.trunk(ids, lengths)
        seen = self.dropout(states[rows[:, None], spans].flatten(1))
        role, quantity, unit, inverted = self.heads(seen).split(self.sizes, dim=-1)
        allowed = quantity if right is None else quantity.masked_fill(right.any(-1, keepdim=True) & ~right, -torch.inf)
        return Logits(role, quantity, unit + self.unit_given_quantity(allowed.argmax(-1)), inverted.squeeze(-1))
