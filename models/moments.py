"""What the matrices of a model are multiplied with: the second moments of their inputs over calibration prompts."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from models.trunk import Trunk, layers_of

PARTS = ("qkv", "o", "gate_up", "down")


def input_moments(model: Trunk, prompts: Iterable[Sequence[int]], parts: Sequence[str] = PARTS) -> dict[str, Tensor]:
    """Mean outer product of the inputs with themselves, (inputs, inputs), over all tokens, by ``<layer>.<part>``.

    Nothing is found where there are no prompts.
    """
    sums: dict[str, Tensor] = {}
    hooks = []
    for index, layer in enumerate(layers_of(model)):
        for part in parts:
            if not hasattr(layer, part):
                continue

            def note(_module: object, inputs: tuple[Tensor], name: str = f"{index}.{part}") -> None:
                seen = inputs[0].detach().float().flatten(0, -2)
                sums[name] = sums[name].addmm_(seen.T, seen) if name in sums else seen.T @ seen

            hooks.append(getattr(layer, part).register_forward_pre_hook(note))
    tokens = 0
    try:
        with torch.no_grad():
            for ids in prompts:
                model.states(torch.tensor([list(ids)], device=model.device))
                tokens += len(ids)
    finally:
        for hook in hooks:
            hook.remove()
    return {name: total / tokens for name, total in sums.items()}
