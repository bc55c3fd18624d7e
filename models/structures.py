"""Takes out of a model what it can best spare: whole layers, attention groups, neurons of the feed-forward parts.

Optimal Brain Damage (LeCun, Denker and Solla 1989): a parameter's saliency is ``h w^2 / 2`` with the diagonal ``h`` of the second
derivative of the loss, here its Gauss-Newton form by the empirical Fisher, the mean over examples of the squared gradient. A structure's
saliency is the sum of its parameters', and structures go in the order of saliency per parameter, so that one budget holds for all
kinds. ``magnitude`` (sum of squared weights) and ``activation`` (mean squared input of the output matrix times its squared weights, as
in Wanda, Sun et al. 2023) are there to compare with. Neurons go in blocks of 32, the block of int4.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import torch
from torch import Tensor

from agent.slm.blocks import BLOCK
from models.checkpoint import M
from models.moments import input_moments
from models.trunk import Layer, Trunk, layers_of

E = TypeVar("E")
Score = Literal["obd", "magnitude", "activation"]
SCORES: tuple[Score, ...] = ("obd", "magnitude", "activation")


@dataclass(frozen=True, slots=True)
class Structure:
    """Something that goes as a whole: attention group ``index``, or these neurons, of a layer."""

    layer: int
    kind: Literal["group", "neurons"]
    indices: tuple[int, ...]
    parameters: int
    saliency: float

    @property
    def density(self) -> float:
        """Saliency per parameter."""
        return self.saliency / self.parameters


def weight_saliency(
    model: Trunk, score: Score, calibration: Iterable[E], loss: Callable[[E], Tensor], ids: Callable[[E], Sequence[int]]
) -> dict[str, Tensor]:
    """The saliency of every weight of the layers' matrices, by parameter name.

    ``loss`` is the model's loss of a calibration example, ``ids`` its tokens.
    """
    matrices = {name: weight for name, weight in model.layers.named_parameters() if weight.dim() == 2}
    if score == "magnitude":
        return {name: weight.detach().square() for name, weight in matrices.items()}
    if score == "activation":
        return _input_saliency(model, matrices, map(ids, calibration))
    second = {name: torch.zeros_like(weight) for name, weight in matrices.items()}
    count = 0
    for example in calibration:
        model.zero_grad(set_to_none=True)
        loss(example).backward()  # type: ignore[no-untyped-call]
        for name, weight in matrices.items():
            if weight.grad is not None:
                second[name] += weight.grad.square()
        count += 1
    model.zero_grad(set_to_none=True)
    return {name: 0.5 * second[name] / max(1, count) * weight.detach().square() for name, weight in matrices.items()}


def _input_saliency(model: Trunk, matrices: dict[str, torch.nn.Parameter], calibration: Iterable[Sequence[int]]) -> dict[str, Tensor]:
    """Mean squared input times squared weight for the matrices that end a part, zero for those before."""
    found = {name: torch.zeros_like(weight) for name, weight in matrices.items()}
    for name, moments in input_moments(model, calibration, ("o", "down")).items():
        weight = f"{name}.weight"
        found[weight] = matrices[weight].detach().square() * moments.diagonal()
    return found


def structures(model: Trunk, saliency: dict[str, Tensor]) -> Iterator[Structure]:
    """Every attention group, and the neurons of each layer in blocks of equal rank of saliency."""
    for index, layer in enumerate(layers_of(model)):
        c = layer.config
        if layer.groups:
            qkv, o = (saliency[f"{index}.{part}.weight"] for part in ("qkv", "o"))
            rows, columns = group_rows(layer), group_columns(layer)
            for group in range(layer.groups):
                total = qkv[rows[group]].sum() + o[:, columns[group]].sum()
                size = (len(rows[group]) + len(columns[group])) * c.hidden
                yield Structure(index, "group", (group,), size, float(total))
        if layer.ffn:
            gate, up = saliency[f"{index}.gate_up.weight"].chunk(2)
            each = gate.sum(1) + up.sum(1) + saliency[f"{index}.down.weight"].sum(0)
            for block in torch.split(each.argsort(), BLOCK):
                neurons = tuple(sorted(block.tolist()))
                yield Structure(index, "neurons", neurons, 3 * c.hidden * len(neurons), float(each[block].sum()))


def group_rows(layer: Layer) -> list[list[int]]:
    """Rows of ``qkv`` of each group: its query heads, its key head, its value head."""
    size, per = layer.config.head_size, layer.config.heads_per_group
    found = []
    for group in range(layer.groups):
        heads = [*range(group * per, (group + 1) * per), layer.heads + group, layer.heads + layer.groups + group]
        found.append([head * size + offset for head in heads for offset in range(size)])
    return found


def group_columns(layer: Layer) -> list[list[int]]:
    """Columns of ``o`` of each group."""
    width = layer.config.head_size * layer.config.heads_per_group
    return [list(range(group * width, (group + 1) * width)) for group in range(layer.groups)]


def layer_parameters(model: Trunk) -> int:
    """Parameters of the layers' matrices: what pruning is measured against."""
    return sum(weight.numel() for weight in model.layers.parameters() if weight.dim() == 2)


def choose(found: list[Structure], layers: int, layer_count: int, budget: int) -> list[Structure]:
    """What goes: the layers of least saliency until ``layers`` are left, then structures of least density until ``budget`` parameters are.

    The first and the last layer stay.
    """
    totals = {index: sum(one.saliency for one in found if one.layer == index) for index in range(layer_count)}
    spare = sorted(range(1, layer_count - 1), key=lambda index: totals[index])[: max(0, layer_count - layers)]
    gone = [one for one in found if one.layer in spare]
    left = sum(one.parameters for one in found) - sum(one.parameters for one in gone)
    for one in sorted((one for one in found if one.layer not in spare), key=lambda one: one.density):
        if left <= budget:
            break
        gone.append(one)
        left -= one.parameters
    return gone


def without(model: M, gone: Iterable[Structure]) -> M:
    """A smaller model: the same weights but for the structures that go. A layer that lost all of them is gone."""
    dropped_groups: dict[int, set[int]] = {}
    dropped_neurons: dict[int, set[int]] = {}
    for one in gone:
        (dropped_groups if one.kind == "group" else dropped_neurons).setdefault(one.layer, set()).update(one.indices)
    kept: list[tuple[Layer, list[int], list[int]]] = []
    causal = 0
    for index, layer in enumerate(layers_of(model)):
        groups = [group for group in range(layer.groups) if group not in dropped_groups.get(index, ())]
        neurons = [neuron for neuron in range(layer.ffn) if neuron not in dropped_neurons.get(index, ())]
        if groups or neurons:
            kept.append((layer, groups, neurons))
            causal += index < model.config.causal_layers
    sizes = replace(model.config, groups=tuple(len(one[1]) for one in kept), ffn=tuple(len(one[2]) for one in kept), causal_layers=causal)
    small = type(model)(sizes)
    rest = {name: value for name, value in model.state_dict().items() if not name.startswith("layers.")}
    small.load_state_dict(rest, strict=False)
    with torch.no_grad():
        for target, (layer, groups, neurons) in zip(layers_of(small), kept, strict=True):
            _copy(target, layer, groups, neurons)
    return small


def _copy(target: Layer, layer: Layer, groups: list[int], neurons: list[int]) -> None:
    if groups:
        size, per = layer.config.head_size, layer.config.heads_per_group
        heads = [
            *(head for group in groups for head in range(group * per, (group + 1) * per)),
            *(layer.heads + group for group in groups),
            *(layer.heads + layer.groups + group for group in groups),
        ]
        rows = [head * size + offset for head in heads for offset in range(size)]
        columns = [column for group in groups for column in group_columns(layer)[group]]
        target.attn_norm.weight.copy_(layer.attn_norm.weight)
        target.qkv.weight.copy_(layer.qkv.weight[rows])
        target.o.weight.copy_(layer.o.weight[:, columns])
    if neurons:
        gate, up = layer.gate_up.weight.chunk(2)
        target.ffn_norm.weight.copy_(layer.ffn_norm.weight)
        target.gate_up.weight.copy_(torch.cat([gate[neurons], up[neurons]]))
        target.down.weight.copy_(layer.down.weight[:, neurons])
