"""Gives a reader more of the parent's layers, behind those that it has.

    python -m models.grow runs/reader --layers 12 --neurons 320 --corpus ../shared/corpus --out runs/grown

What the new layers add is nothing at first (their output matrices are zero), so that the grown reader says what it said before, and
training goes on from there (Wu et al. 2024, "LLaMA Pro"). Of each new layer's neurons only the most active are taken.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from models.base import BaseModel, find_gguf
from models.checkpoint import finished, load_run, save
from models.prune import calibration_examples
from models.reader import Reader
from models.structures import copy_parts, layer_parameters
from models.trunk import Layer, layers_of, rope_tables


def parent_layers(base: BaseModel, reader: Reader, layers: int) -> list[Layer]:
    """The parent's layers, whole ones, that follow as many as the reader has, until there are so many."""
    shape, found = base.shape, []
    for index in range(reader.config.layers, layers):
        layer = Layer(reader.config, shape.kv_heads, shape.ffn)
        layer.load({name: torch.from_numpy(value) for name, value in base.layer(index).items()})
        found.append(layer)
    return found


def neuron_weights(reader: Reader, new: Sequence[Layer], prompts: Iterable[Sequence[int]]) -> list[Tensor]:
    """For each new layer how much each neuron adds, (neurons,): its mean squared activation times its squared column of ``down``."""
    config, seen = reader.config, []
    hook = reader.norm.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    sums = [torch.zeros(layer.ffn) for layer in new]
    with torch.no_grad():
        for ids in prompts:
            reader.states(torch.tensor([list(ids)]))
            x = seen.pop()
            cos, sin = rope_tables(x.shape[1], config.head_size, config.rope_base)
            for layer, total in zip(new, sums, strict=True):
                x = x + layer.o(layer.attended(x, cos, sin, None, causal=False))
                active = layer.active(x)
                total += active.square().sum((0, 1))
                x = x + layer.down(active)
    hook.remove()
    return [total * layer.down.weight.detach().square().sum(0) for layer, total in zip(new, sums, strict=True)]


def grow(reader: Reader, new: Sequence[Layer], neurons: int, prompts: Iterable[Sequence[int]]) -> Reader:
    """The reader with these layers behind its own, silent and with so many neurons each."""
    weights = neuron_weights(reader, new, prompts)
    config = reader.config
    sizes = replace(config, groups=config.groups + tuple(layer.groups for layer in new), ffn=config.ffn + (neurons,) * len(new))
    grown = Reader(sizes)
    grown.load_state_dict(reader.state_dict(), strict=False)
    with torch.no_grad():
        for target, layer, weight in zip(layers_of(grown)[config.layers :], new, weights, strict=True):
            copy_parts(target, layer, list(range(layer.groups)), sorted(weight.topk(neurons).indices.tolist()))
            target.o.weight.zero_()
            target.down.weight.zero_()
    return grown


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a run")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new run, which models.finetune --start goes on from")
    parser.add_argument("--layers", type=int, required=True, help="how many the grown reader has")
    parser.add_argument("--neurons", type=int, default=320, help="of each new layer's feed-forward part")
    parser.add_argument("--corpus", type=Path, help="folder with open*.jsonl, of which calibration prompts are drawn too")
    parser.add_argument("--prompts", type=int, default=200, help="calibration prompts")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "sensorscribe", help="where the base weights are kept")
    args = parser.parse_args()
    reader, saved = load_run(args.run, calibrated=False)
    if args.layers <= reader.config.layers:
        parser.error(f"the reader has {reader.config.layers} layers already")
    new = parent_layers(BaseModel(find_gguf(args.cache)), reader, args.layers)
    prompts = [example.prompt.ids for example in calibration_examples(args.run, args.corpus, args.prompts)]
    grown = grow(reader, new, args.neurons, prompts)
    args.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(args.run / "tokenizer.json", args.out / "tokenizer.json")
    save(finished(args.out, Reader), grown, None, {"step": saved.get("step"), "config": saved.get("config")})
    print(json.dumps({"before": layer_parameters(reader), "after": layer_parameters(grown), "ffn": grown.config.ffn}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
