"""What the graphs of reader and writer share: ONNX operator by operator, int4 and int8 matrices, weights in a file beside.

Written by hand, so that a graph holds what the runtime needs and nothing else.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from agent.slm.blocks import BLOCK
from agent.slm.kernel import Kernel
from models.quantize import pack, quantize_blocks
from models.trunk import Layer, rope_tables

MICROSOFT = "com.microsoft"
ALIGNMENT = 4096
"""Of a weight in its file, so that a page that is mapped begins with it."""
LEAST_MOVED_BYTES = 4096

Array = npt.NDArray[Any]


class Graph:
    """Nodes and weights of an ONNX graph under construction."""

    def __init__(self, bits: int, kernel: Kernel = "int4", moments: Mapping[str, Array] = MappingProxyType({})) -> None:
        self.bits = bits
        self.kernel = kernel
        self.moments = moments
        """Of the inputs of matrices, by name, for their rounding (``models.quantize``)."""
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._count = 0

    def constant(self, name: str, value: Array) -> str:
        """A named weight."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def later(self, name: str, kind: int, *shape: int) -> str:
        """A weight that the agent brings when it loads the graph."""
        tensor = TensorProto(name=name, data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL)
        set_external(tensor, "nowhere", 0, int(np.prod(shape)) * (1 if kind == TensorProto.INT8 else 4))
        self.weights.append(tensor)
        return name

    def add(self, kind: str, inputs: list[str], outputs: int | str = 1, domain: str = "", **attributes: Any) -> Any:
        """A node; its output name, or a list where it has several."""
        self._count += 1
        names = [outputs] if isinstance(outputs, str) else [f"{kind}_{self._count}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, domain=domain, name=f"{kind}_{self._count}", **attributes))
        return names[0] if len(names) == 1 else names

    def linear(self, name: str, x: str, weight: Array, bits: int | None = None) -> str:
        """Input times a weight (outputs, inputs), quantized in blocks; ``bits`` 32 keeps float32."""
        rows, inputs = weight.shape
        wanted = bits or self.bits
        if wanted == 32:
            plain: str = self.add("MatMul", [x, self.constant(name, weight.T.astype(np.float32))])
            return plain
        if self.kernel == "int8":
            made = [self.later(f"{name}.int8", TensorProto.INT8, inputs, rows), self.later(f"{name}.int8.scale", TensorProto.FLOAT, rows)]
            whole: str = self.add("DynamicQuantizeMatMul", [x, *made], domain=MICROSOFT)
            return whole
        quantized, scales = quantize_blocks(weight.astype(np.float32), wanted, moments=self.moments.get(name))
        packed = self.constant(name, pack(quantized, wanted))
        scale = self.constant(name + ".scale", scales)
        result: str = self.add(
            "MatMulNBits", [x, packed, scale], domain=MICROSOFT, K=inputs, N=rows, bits=wanted, block_size=BLOCK, accuracy_level=4
        )
        return result

    def norm(self, name: str, x: str, weight: Array, epsilon: float) -> str:
        """Root-mean-square normalisation."""
        result: str = self.add("SimplifiedLayerNormalization", [x, self.constant(name, weight)], axis=-1, epsilon=epsilon)
        return result

    def embedding(self, table: Array, ids: str, bits: int) -> str:
        """Rows of a table (vocabulary, hidden) by ids (1, length)."""
        if bits == 32:
            plain: str = self.add("Gather", [self.constant("embedding", table), ids], axis=0)
            return plain
        quantized, scales = quantize_blocks(table, bits)
        packed = self.constant("embedding", pack(quantized, bits).reshape(len(table), -1))
        result: str = self.add(
            "GatherBlockQuantized", [packed, ids, self.constant("embedding.scale", scales)],
            domain=MICROSOFT, gather_axis=0, quantize_axis=1, block_size=BLOCK, bits=bits,
        )  # fmt: skip
        return result

    def rotations(self, length: int, size: int, base: float) -> tuple[str, str]:
        """Half of the cosines and sines of each position, as the runtime's operators want them."""
        cos, sin = rope_tables(length, size, base)
        return self.constant("cos", cos[:, : size // 2].numpy()), self.constant("sin", sin[:, : size // 2].numpy())

    def model(self, name: str, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]) -> onnx.ModelProto:
        """The graph as it is saved."""
        made = helper.make_graph(self.nodes, name, inputs, outputs, self.weights)
        opsets = [helper.make_opsetid("", 23), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(made, opset_imports=opsets, ir_version=10, producer_name="sensorscribe")


def feed_forward(graph: Graph, name: str, layer: Layer, x: str) -> str:
    """A layer's feed-forward part, added to its input."""
    weights = {key: value.detach().numpy() for key, value in layer.named_parameters()}
    normed = graph.norm(f"{name}.ffn_norm", x, weights["ffn_norm.weight"], layer.config.norm_epsilon)
    gate, up = graph.add("Split", [graph.linear(f"{name}.gate_up", normed, weights["gate_up.weight"])], 2, axis=-1, num_outputs=2)
    active = graph.add("Mul", [gate, graph.add("Sigmoid", [gate])])
    down = graph.linear(f"{name}.down", graph.add("Mul", [active, up]), weights["down.weight"])
    result: str = graph.add("Add", [x, down])
    return result


def sha256(path: Path) -> str:
    """A file's digest, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def set_external(tensor: onnx.TensorProto, location: str, offset: int, length: int) -> None:
    """Say that a tensor's bytes lie in another file."""
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", str(offset)), ("length", str(length))):
        tensor.external_data.add(key=key, value=value)


def move_out(models: list[onnx.ModelProto], path: Path) -> dict[str, int]:
    """Write the models' larger weights into one file, each once, aligned to ``ALIGNMENT``; the offset of each."""
    offsets: dict[str, int] = {}
    with path.open("wb") as file:
        for tensor in (tensor for model in models for tensor in model.graph.initializer):
            if tensor.data_location == TensorProto.EXTERNAL or len(tensor.raw_data) < LEAST_MOVED_BYTES:
                continue
            if tensor.name not in offsets:
                file.write(b"\0" * (-file.tell() % ALIGNMENT))
                offsets[tensor.name] = file.tell()
                file.write(tensor.raw_data)
            set_external(tensor, path.name, offsets[tensor.name], len(tensor.raw_data))
            tensor.ClearField("raw_data")
    return offsets
