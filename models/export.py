"""A trained reader -> the artifact that the agent loads: graphs, weights, ``tokenizer.json``, ``manifest.json``.

    python -m models.export runs/reader --out models/reader

An int4 embedding, int4 matrices with int8 activations, one pass without a cache, heads on the candidates' spans, probabilities out
(``models.graph``). The matrices are rounded with regard to what they are multiplied with (``models.quantize``), over messages of the
generator, and of a corpus where one is given; ``--calibration 0`` rounds to the nearest, as a training that saw int4 did.
``reader.onnx`` and ``reader-int8.onnx`` share ``reader.bin``; the matrices of the second are made when it is loaded
(``agent.slm.kernel``). Fails where ONNX Runtime and PyTorch disagree.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper

from agent.domain.quantity import quantities
from agent.domain.unit import codes
from agent.errors import FatalError
from agent.slm.kernel import GRAPHS, KERNELS, Kernel
from agent.slm.manifest import MANIFEST_VERSION, WEIGHTS, labels_digest
from agent.slm.prompt import MAX_TOKENS, PROMPT_VERSION, SPAN
from models.checkpoint import JOINT, load_run, read_calibration
from models.data.examples import Example
from models.finetune import calibration_examples
from models.graph import MICROSOFT, Array, Graph, feed_forward, move_out, sha256
from models.moments import input_moments
from models.reader import Reader
from models.trunk import Layer, layers_of

MOST_DIFFERENCE = 2e-3
"""Of a probability, between ONNX Runtime and PyTorch in float32."""


def _attention(graph: Graph, name: str, layer: Layer, x: str, positions: str, tables: tuple[str, str], causal: bool) -> str:
    c, weights = layer.config, {key: value.detach().numpy() for key, value in layer.named_parameters()}
    normed = graph.norm(f"{name}.attn_norm", x, weights["attn_norm.weight"], c.norm_epsilon)
    qkv = graph.linear(f"{name}.qkv", normed, weights["qkv.weight"])
    widths = [layer.heads * c.head_size, layer.groups * c.head_size, layer.groups * c.head_size]
    q, k, v = graph.add("Split", [qkv, graph.constant(f"{name}.widths", np.array(widths))], 3, axis=-1)
    q = graph.add("RotaryEmbedding", [q, positions, *tables], domain=MICROSOFT, num_heads=layer.heads)
    k = graph.add("RotaryEmbedding", [k, positions, *tables], domain=MICROSOFT, num_heads=layer.groups)
    attended = graph.add("Attention", [q, k, v], q_num_heads=layer.heads, kv_num_heads=layer.groups, is_causal=int(causal))
    result: str = graph.add("Add", [x, graph.linear(f"{name}.o", attended, weights["o.weight"])])
    return result


def matrix_moments(reader: Reader, calibration: Iterable[Example]) -> dict[str, Array]:
    """The moments of the matrices' inputs over calibration prompts, by the matrices' names in the graph."""
    found = input_moments(reader, (example.prompt.ids for example in calibration))
    return {f"layer{name}": moments.numpy() for name, moments in found.items()}


def build(reader: Reader, bits: int = 4, kernel: Kernel = "int4", moments: Mapping[str, Array] = MappingProxyType({})) -> onnx.ModelProto:
    """The ONNX graph of a reader: ``ids`` (1, length), ``spans`` (n, SPAN) -> role, quantity, unit, inverted.

    Outputs are probabilities, (n, classes) each and (n,) for inverted. ``bits`` is 4, 8 or 32; with the
    kernel ``int8`` the matrices are left to the agent.
    """
    c = reader.config
    graph = Graph(bits, kernel, moments)
    x = graph.embedding(reader.embedding.weight.detach().numpy(), "ids", bits)
    tables = graph.rotations(MAX_TOKENS + 64, c.head_size, c.rope_base)
    length = graph.add("Gather", [graph.add("Shape", ["ids"]), graph.constant("one", np.array(1))])
    steps = graph.add("Range", [graph.constant("zero", np.array(0)), length, "one"])
    positions = graph.add("Unsqueeze", [steps, graph.constant("axis0", np.array([0]))])
    for index, layer in enumerate(layers_of(reader)):
        if layer.groups:
            x = _attention(graph, f"layer{index}", layer, x, positions, tables, causal=index < c.causal_layers)
        if layer.ffn:
            x = feed_forward(graph, f"layer{index}", layer, x)
    x = graph.norm("norm", x, reader.norm.weight.detach().numpy(), c.norm_epsilon)
    states = graph.add("Squeeze", [x, "axis0"])
    flat = graph.constant("flat", np.array([-1, SPAN * c.hidden]))
    seen = graph.add("Reshape", [graph.add("Gather", [states, "spans"], axis=0), flat])
    scores = graph.linear("heads", seen, reader.heads.weight.detach().numpy(), 8 if bits != 32 else 32)
    scores = graph.add("Add", [scores, graph.constant("heads.bias", reader.heads.bias.detach().numpy())])
    parts = graph.add("Split", [scores, graph.constant("sizes", np.array(reader.sizes))], 4, axis=-1)
    likeliest = graph.add("ArgMax", [parts[1]], axis=-1, keepdims=0)
    table = graph.constant("unit_given_quantity", reader.unit_given_quantity.weight.detach().numpy())
    parts[2] = graph.add("Add", [parts[2], graph.add("Gather", [table, likeliest], axis=0)])
    names = ("role", "quantity", "unit")
    for name, part in zip(names, parts, strict=False):
        graph.add("Softmax", [part], name, axis=-1)
    graph.add("Sigmoid", [graph.add("Squeeze", [parts[3], graph.constant("axis1", np.array([1]))])], "inverted")
    inputs = [
        helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "length"]),
        helper.make_tensor_value_info("spans", TensorProto.INT64, ["n", SPAN]),
    ]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size]) for name, size in zip(names, reader.sizes, strict=False)]
    outputs.append(helper.make_tensor_value_info("inverted", TensorProto.FLOAT, ["n"]))
    return graph.model("reader", inputs, outputs)


def largest_difference(reader: Reader, model: bytes | Path) -> float:
    """The largest difference of any probability between ONNX Runtime and PyTorch, on random prompts."""
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    worst = 0.0
    for length in (9, 60, 200):
        ids = torch.randint(reader.config.vocabulary, (1, length), generator=generator)
        spans = torch.randint(length, (7, SPAN), generator=generator)
        got = session.run(["role", "quantity", "unit"], {"ids": ids.numpy(), "spans": spans.numpy()})
        with torch.no_grad():
            logits = reader(ids, None, torch.zeros(7, dtype=torch.long), spans)
        for ours, theirs in zip(got, (logits.role, logits.quantity, logits.unit), strict=True):
            worst = max(worst, float(np.abs(np.asarray(ours) - theirs.softmax(-1).numpy()).max()))
    return worst


def write_manifest(folder: Path, name: str, extra: dict[str, Any]) -> None:
    """``manifest.json`` beside the files, written last: its existence says that they are whole."""
    files = {
        path.name: {"sha256": sha256(path), "bytes": path.stat().st_size}
        for path in sorted(folder.iterdir())
        if path.name != "manifest.json"
    }
    manifest = {
        "manifest_version": MANIFEST_VERSION, "model": name, "licence": "Apache-2.0", "parent": "SmolLM2-135M-Instruct (Apache-2.0)",
        "prompt_version": PROMPT_VERSION, "max_tokens": MAX_TOKENS, "labels_sha256": labels_digest(),
        "quantities": len(quantities()), "units": len(codes()), "files": files, **extra,
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def matrices(model: onnx.ModelProto, offsets: dict[str, int]) -> dict[str, dict[str, int]]:
    """Where the matrices of a graph with int4 kernels lie, as the manifest tells it."""
    found = {}
    for node in model.graph.node:
        if node.op_type == "MatMulNBits":
            of = {attribute.name: attribute.i for attribute in node.attribute}
            name, scale = node.input[1], node.input[2]
            found[name] = {
                "rows": of["N"], "inputs": of["K"], "bits": of["bits"], "offset": offsets[name], "scales_offset": offsets[scale],
            }  # fmt: skip
    return found


def write(
    reader: Reader, tokenizer: Path, out: Path, name: str, bits: int, about: dict[str, Any], calibration: Sequence[Example] = ()
) -> None:
    """Write an artifact."""
    out.mkdir(parents=True, exist_ok=True)
    for path in out.iterdir():
        path.unlink()
    moments = matrix_moments(reader, calibration)
    graphs = {GRAPHS[kernel]: build(reader, bits, kernel, moments) for kernel in KERNELS}
    offsets = move_out(list(graphs.values()), out / WEIGHTS)
    for file, graph in graphs.items():
        onnx.save(graph, out / file)
    shutil.copy(tokenizer, out / "tokenizer.json")
    where = matrices(graphs[GRAPHS["int4"]], offsets)
    write_manifest(out, name, {"bits": bits, "reader": asdict(reader.config), "matrices": where, **about})


def export(
    reader: Reader, tokenizer: Path, out: Path, name: str, bits: int, about: dict[str, Any], calibration: Sequence[Example] = ()
) -> dict[str, Any]:
    """Write an artifact once its graph is proved; what was written. Raises ``FatalError`` where ONNX Runtime and PyTorch disagree.

    Without prompts for calibration weights go to the nearest code.
    """
    exact = largest_difference(reader, build(reader, 32).SerializeToString())
    if exact > MOST_DIFFERENCE:
        raise FatalError(f"ONNX Runtime and PyTorch differ by {exact:.4f} in a probability: the graph is wrong")
    write(reader, tokenizer, out, name, bits, about, calibration)
    size = sum(path.stat().st_size for path in out.iterdir())
    difference = largest_difference(reader, out / GRAPHS["int4"])
    return {"out": str(out), "bytes": size, "float32_graph_difference": exact, "quantized_difference": difference}


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "run",
        type=Path,
        help="folder of a run: reader.pt (else checkpoint.pt), tokenizer.json, calibration.json of models.calibrate if any",
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--bits", type=int, default=4, choices=[4, 8])
    parser.add_argument("--calibration", type=int, default=400, help="prompts over which rounding keeps the products, 0: to the nearest")
    parser.add_argument("--corpus", type=Path, help="folder with open*.jsonl, of which calibration prompts are drawn too")
    parser.add_argument("--name", default="scribe-0.7", help="the model's name in readings")
    args = parser.parse_args()
    reader, saved = load_run(args.run)
    if saved["quantities"] != list(quantities()) or saved["units"] != list(codes()):
        raise FatalError("the checkpoint was trained with another ontology or units.tsv: train again or check those files out")
    exponent = read_calibration(args.run).get(JOINT, 1.0)
    about = {"confidence_exponent": exponent, "training": saved.get("config"), "steps": saved.get("step")}
    calibration = calibration_examples(args.run, args.corpus, args.calibration)
    print(json.dumps(export(reader, args.run / "tokenizer.json", args.out, args.name, args.bits, about, calibration)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
