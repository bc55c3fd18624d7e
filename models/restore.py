"""An artifact -> the reader in PyTorch, to go on training from what ships; the weights are those of its int4 blocks."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper

from agent.slm.blocks import dequantize_blocks, unpack
from agent.slm.manifest import load_manifest
from models.reader import Reader

Weights = dict[str, npt.NDArray[Any]]


def restore(folder: Path) -> tuple[Reader, dict[str, Any]]:
    """The reader of a verified artifact, calibrated as it is, and its manifest. Raises ``FatalError`` where it does not load."""
    load_manifest(folder)
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    reader = Reader.of(manifest["reader"])
    graph = onnx.load(folder / "reader.onnx").graph
    weights = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    kinds = {name: node for node in graph.node for name in node.input if name in weights}
    state = {}
    for name, target in reader.state_dict().items():
        state[name] = torch.from_numpy(np.array(_weight(weights, kinds, _graph_name(name)))).reshape(target.shape)
    reader.load_state_dict(state)
    return reader, manifest


def _graph_name(name: str) -> str:
    """A parameter's name in the graph: ``layers.0.qkv.weight`` is ``layer0.qkv``."""
    if name == "heads.bias":
        return name
    return name.removesuffix(".weight").replace("layers.", "layer")


def _weight(weights: Weights, kinds: dict[str, onnx.NodeProto], name: str) -> npt.NDArray[np.float32]:
    value = weights[name]
    if f"{name}.scale" not in weights:
        return value.T if kinds[name].op_type == "MatMul" else value
    bits = next(attribute.i for attribute in kinds[name].attribute if attribute.name == "bits")
    return dequantize_blocks(unpack(value.reshape(len(value), -1), bits), weights[f"{name}.scale"], bits)
