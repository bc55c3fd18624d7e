"""Writes llama.cpp's next-token logits for a few texts: the reference of ``tests/models/test_base.py``.

pip install llama-cpp-python && python -m models.reference_logits > tests/models/reference_logits.json
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from models.base import PACKAGE, find_gguf

TEXTS = (
    "The temperature in the kitchen is",
    '{"temperature": 21.5, "humidity":',
    "Sensor 7: battery low, voltage 2.1 V. Please replace the",
)
KEPT = 64


def main() -> None:
    """Print the reference as JSON."""
    from llama_cpp import Llama

    model: Any = Llama(str(find_gguf(Path.home() / ".cache" / "sensorscribe")), n_ctx=128, logits_all=True, verbose=False)
    cases = []
    for text in TEXTS:
        ids = model.tokenize(text.encode(), add_bos=False)
        model.reset()
        model.eval(ids)
        logits = np.array(model.scores[len(ids) - 1])
        likeliest = np.argsort(-logits)[:KEPT]
        cases.append(
            {"text": text, "ids": ids, "tokens": likeliest.tolist(), "logits": [round(float(logits[index]), 3) for index in likeliest]}
        )
    print(json.dumps({"package": PACKAGE, "cases": cases}))


if __name__ == "__main__":
    main()
