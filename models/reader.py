"""The reader in PyTorch: the parent's first layers, and heads on the span of each candidate.

Attention is bidirectional: the layers were trained causally, but a candidate has to see what stands behind it
(``{"value": 21, "unit": "C"}``), and the alternative, a second copy of every candidate as a probe behind the payload,
costs twice the tokens. ``causal_layers`` keeps the mask in the first layers.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from agent.domain.quantity import quantities
from agent.domain.unit import codes
from agent.slm.prompt import SPAN
from models.base import BaseModel
from models.trunk import Trunk, TrunkConfig, as_sizes, whole_layers

ROLES = ("reading", "device", "time", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderConfig(TrunkConfig):
    """Sizes of a reader. ``units`` counts UCUM codes; the unit head has two classes more (null, the written unit)."""

    quantities: int
    units: int


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

    def to(self, device: torch.device) -> "Logits":
        """The same on a device."""
        return Logits(self.role.to(device), self.quantity.to(device), self.unit.to(device), self.inverted.to(device))


class Reader(Trunk):
    """Token ids and candidate spans -> logits of each candidate."""

    kind: ClassVar[str] = "reader"
    config: ReaderConfig

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__(config)
        self.dropout = nn.Dropout(0.1)
        self.sizes = (len(ROLES), config.quantities, config.units + 2, 1)
        self.heads = nn.Linear(SPAN * config.hidden, sum(self.sizes))
        self.unit_given_quantity = nn.Embedding(config.quantities, config.units + 2)
        nn.init.zeros_(self.unit_given_quantity.weight)

    @classmethod
    def of(cls, sizes: dict[str, Any]) -> Self:
        """A reader of the sizes that a checkpoint or a manifest holds."""
        return cls(ReaderConfig(**as_sizes(sizes)))

    def cool(self, temperatures: dict[str, float]) -> None:
        """Divide the logits of the heads named by their temperatures; the heads being linear, their weights take it up."""
        names = ("role", "quantity", "unit", "inverted")
        factors = [torch.full((size,), 1 / temperatures.get(name, 1.0)) for name, size in zip(names, self.sizes, strict=True)]
        with torch.no_grad():
            self.heads.weight.mul_(torch.cat(factors)[:, None])
            self.heads.bias.mul_(torch.cat(factors))
            self.unit_given_quantity.weight.mul_(1 / temperatures.get("unit", 1.0))

    def forward(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, spans: Tensor, right: Tensor | None = None) -> Logits:
        """Logits of n candidates: ``rows`` (n,) and ``spans`` (n, SPAN) say where each stands (``agent.slm.prompt.Prompt``).

        The unit's scores depend on the quantity: on the likeliest, or in training on the likeliest of the ``right`` ones
        (n, quantities; a row without any leaves the choice free).
        """
        states = self.states(ids, lengths)
        seen = self.dropout(states[rows[:, None], spans].flatten(1))
        role, quantity, unit, inverted = self.heads(seen).split(self.sizes, dim=-1)
        allowed = quantity if right is None else quantity.masked_fill(right.any(-1, keepdim=True) & ~right, -torch.inf)
        return Logits(role, quantity, unit + self.unit_given_quantity(allowed.argmax(-1)), inverted.squeeze(-1))


def new_reader(base: BaseModel, parent_ids: npt.NDArray[np.int64], layers: int, causal_layers: int = 0) -> Reader:
    """A reader with the parent's embedding rows ``parent_ids`` and its first layers, whole ones; its heads are new."""
    sizes = ReaderConfig(
        vocabulary=len(parent_ids), quantities=len(quantities()), units=len(codes()), causal_layers=causal_layers,
        **whole_layers(base, layers),
    )  # fmt: skip
    reader = Reader(sizes)
    reader.take(base, base.tensor("token_embd.weight")[parent_ids])
    return reader
