"""A trained writer -> the artifact that the agent loads: graph, weights, ``tokenizer.json``, ``grammar.json``, ``manifest.json``.

    python -m models.writing.export runs/writer --out models/writer

The graph takes new tokens and the keys and values of those before, so that a token costs one pass of one token; int4 matrices and
embedding, the head in int8 (``models.graph``). Fails where ONNX Runtime and PyTorch disagree.
"""

import argparse
import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper
from tokenizers import Tokenizer

from agent.errors import FatalError
from agent.slm.generator import MAX_TOKENS
from agent.slm.manifest import MANIFEST_VERSION, WRITER_FILES
from agent.summarise.brief import BRIEF_VERSION
from agent.summarise.wording import LANGUAGES
from models.checkpoint import load_last
from models.graph import MICROSOFT, Graph, feed_forward, move_out, sha256
from models.trunk import Layer, layers_of
from models.writing.model import Writer
from models.writing.vocabulary import classes, grammar

MOST_DIFFERENCE = 2e-3
"""Of a probability, between ONNX Runtime and PyTorch in float32."""


def _attention(graph: Graph, index: int, layer: Layer, x: str, seen: tuple[str, str], tables: tuple[str, str]) -> str:
    name = f"layer{index}"
    c, weights = layer.config, {key: value.detach().numpy() for key, value in layer.named_parameters()}
    normed = graph.norm(f"{name}.attn_norm", x, weights["attn_norm.weight"], c.norm_epsilon)
    qkv = graph.linear(f"{name}.qkv", normed, weights["qkv.weight"])
    graph.nodes.append(
        helper.make_node(
            "GroupQueryAttention", [qkv, "", "", f"past.{index}.key", f"past.{index}.value", *seen, *tables],
            [f"{name}.attended", f"present.{index}.key", f"present.{index}.value"],
            name=f"{name}.attention", domain=MICROSOFT, num_heads=layer.heads, kv_num_heads=layer.groups, do_rotary=1,
        )
    )  # fmt: skip
    result: str = graph.add("Add", [x, graph.linear(f"{name}.o", f"{name}.attended", weights["o.weight"])])
    return result


def build(writer: Writer, bits: int = 4) -> onnx.ModelProto:
    """The ONNX graph of a writer: ``ids`` (1, new), and ``past.N.key``, ``past.N.value`` (1, groups, before, size) for its layers.

    Out: ``logits`` (1, vocabulary) behind the last token, and ``present.N.…`` (1, groups, before + new, size). ``bits`` is 4 or 32.
    """
    c = writer.config
    graph = Graph(bits)
    table = writer.embedding.weight.detach().numpy()
    x = graph.embedding(table, "ids", bits)
    tables = graph.rotations(MAX_TOKENS, c.head_size, c.rope_base)
    axis, one = graph.constant("axis1", np.array([1])), graph.constant("one", np.array([1]))
    attending = [index for index, layer in enumerate(layers_of(writer)) if layer.groups]
    before = graph.add("Shape", [f"past.{attending[0]}.key"], start=2, end=3)
    total = graph.add("Cast", [graph.add("Add", [before, graph.add("Shape", ["ids"], start=1, end=2)])], to=TensorProto.INT32)
    last = graph.add("Cast", [graph.add("Sub", [total, graph.constant("one32", np.array([1], np.int32))])], to=TensorProto.INT32)
    scalar = graph.add("Squeeze", [total])
    for index, layer in enumerate(layers_of(writer)):
        if layer.groups:
            x = _attention(graph, index, layer, x, (last, scalar), tables)
        if layer.ffn:
            x = feed_forward(graph, f"layer{index}", layer, x)
    x = graph.add("Gather", [x, graph.add("Sub", [graph.add("Shape", ["ids"], start=1, end=2), one])], axis=1)
    x = graph.norm("norm", x, writer.norm.weight.detach().numpy(), c.norm_epsilon)
    scores = graph.linear("head", x, table, 8 if bits != 32 else 32)
    graph.add("Squeeze", [scores, axis], "logits")
    inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "new"])]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, c.vocabulary])]
    for index in attending:
        groups = layers_of(writer)[index].groups
        for part in ("key", "value"):
            sizes = {"past": "before", "present": "after"}
            inputs.append(helper.make_tensor_value_info(f"past.{index}.{part}", TensorProto.FLOAT, [1, groups, sizes["past"], c.head_size]))
            outputs.append(
                helper.make_tensor_value_info(f"present.{index}.{part}", TensorProto.FLOAT, [1, groups, sizes["present"], c.head_size])
            )
    return graph.model("writer", inputs, outputs)


def largest_difference(writer: Writer, model: bytes | Path) -> float:
    """The largest difference of a next token's probability between ONNX Runtime, token by token, and PyTorch, all at once."""
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(writer.config.vocabulary, (1, 40), generator=generator)
    names = [one.name for one in session.get_inputs() if one.name != "ids"]
    past = {one.name: np.zeros([1, one.shape[1], 0, one.shape[3]], np.float32) for one in session.get_inputs() if one.name != "ids"}
    worst = 0.0
    for begin, end in ((0, 25), (25, 26), (26, 40)):
        logits, *present = session.run(None, {"ids": ids[:, begin:end].numpy(), **past})
        past = dict(zip(names, present, strict=True))
        with torch.no_grad():
            right = writer(ids, None, torch.tensor([0]), torch.tensor([end - 1])).softmax(-1)
        worst = max(worst, float(np.abs(torch.from_numpy(logits).softmax(-1).numpy() - right.numpy()).max()))
    return worst


def export(writer: Writer, tokenizer: Path, out: Path, name: str, about: dict[str, Any]) -> dict[str, Any]:
    """Write an artifact once its graph is proved; what was written. Raises ``FatalError`` where ONNX Runtime and PyTorch disagree."""
    exact = largest_difference(writer, build(writer, 32).SerializeToString())
    if exact > MOST_DIFFERENCE:
        raise FatalError(f"ONNX Runtime and PyTorch differ by {exact:.4f} in a probability: the graph is wrong")
    out.mkdir(parents=True, exist_ok=True)
    for path in out.iterdir():
        path.unlink()
    model = build(writer)
    move_out([model], out / WRITER_FILES[1])
    onnx.save(model, out / WRITER_FILES[0])
    shutil.copy(tokenizer, out / "tokenizer.json")
    pieces = Tokenizer.from_file(str(tokenizer))
    languages = {language: {"classes": classes(language), "kinds": grammar(pieces, language)} for language in LANGUAGES}
    (out / WRITER_FILES[3]).write_text(json.dumps(languages, separators=(",", ":")), encoding="utf-8")
    files = {path.name: {"sha256": sha256(path), "bytes": path.stat().st_size} for path in sorted(out.iterdir())}
    manifest = {
        "manifest_version": MANIFEST_VERSION, "model": name, "licence": "Apache-2.0", "parent": "SmolLM2-135M-Instruct (Apache-2.0)",
        "brief_version": BRIEF_VERSION, "files": files, "bits": 4, "writer": asdict(writer.config),
        **about,
    }  # fmt: skip
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in out.iterdir())
    difference = largest_difference(writer, out / WRITER_FILES[0])
    return {"out": str(out), "bytes": size, "float32_graph_difference": exact, "quantized_difference": difference}


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a run: writer.pt (else checkpoint.pt), tokenizer.json")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="scribe-writer-0.1", help="the model's name in summaries")
    args = parser.parse_args()
    writer, saved = load_last(args.run, Writer)
    about = {"training": saved.get("config"), "steps": saved.get("step")}
    print(json.dumps(export(writer, args.run / "tokenizer.json", args.out, args.name, about)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
