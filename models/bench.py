"""Performance of the shipped reader and of templates, with two baselines in the same run.

    python -m models.bench [--payloads 40] [--messages ../shared/corpus/dev.jsonl]

The baselines: the unpruned parent, all thirty layers, as a reader (its heads are random: only its time counts), and llama.cpp's
SmolLM2-135M generating JSON. All contenders read the same payloads, generated ones or those of a file, in turn, one payload each, so
that a noisy machine is noisy for all of them. Prints median and 95th percentile milliseconds, ratios, messages a second through
templates, and resident memory; with ``--watts`` of the machine idle and busy also joules a payload, all of them and those above idle,
beside the 864 that a median prompt of a large cloud model took by its maker's measurement (0.24 Wh, Google 2025). llama.cpp needs
``llama-cpp-python`` (it compiles for minutes: ``pip install llama-cpp-python``); the bench says so without it.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from agent.decode import decode
from agent.domain.document import Document, Undecodable
from agent.domain.reading import Label
from agent.extract.cascade import Cascade
from agent.extract.library import Library
from agent.normalise import assemble
from agent.slm.manifest import default_model_folder
from agent.slm.prompt import build_prompts
from agent.slm.session import Reader
from agent.slm.tokenizer import PieceTokenizer
from models.base import BaseModel, find_gguf, trim_vocabulary
from models.data.corpus import read_corpus
from models.data.generate import messages
from models.export import write
from models.reader import new_reader

PROMPT = (
    "Extract every sensor reading of this MQTT message as a JSON list of objects with name, value, quantity and unit.\n"
    "Topic: {topic}\nPayload: {payload}\nAnswer only with JSON.\n"
)
ANSWER_TOKENS = 160
PROMPT_CHARS = 2000
CLOUD_JOULES = 864
MEASURED_RUN = """
import resource, subprocess, sys
command = [sys.executable, "-m", "agent", "extract", "--jsonl", "--no-templates"]
subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Run in a small process of its own: a child's peak counts from the memory of whoever started it."""


class MemoryRows:
    """Template rows that are kept nowhere: the bench measures matching, not SQLite."""

    def load(self, model_digest: str) -> list[str]:  # noqa: ARG002 (the port's signature)
        """Nothing is stored."""
        return []

    def put(self, template_id: str, model_digest: str, body: str) -> None:
        """Nothing is kept."""

    def delete(self, template_id: str) -> None:
        """Nothing is kept."""


class Direct:
    """The reader without a thread between."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def read(self, document: Document, topic: str) -> list[Label]:
        """The label of every candidate."""
        return self._reader.read(document, topic)


def llama(cache: Path) -> Callable[[str], Any] | None:
    """llama.cpp with the parent's GGUF, or None where it is not installed."""
    try:
        from llama_cpp import Llama
    except ImportError:
        return None
    model = Llama(str(find_gguf(cache)), n_ctx=2048, verbose=False)

    def generate(text: str) -> Any:
        return model.create_chat_completion([{"role": "user", "content": text}], max_tokens=ANSWER_TOKENS, temperature=0.0)

    return generate


def full_depth(model: Path, cache: Path, folder: Path) -> Reader:
    """The whole parent as a reader with the shipped one's vocabulary, int4 in the same way."""
    base = BaseModel(find_gguf(cache))
    _, parent_ids = trim_vocabulary(base, PieceTokenizer(model / "tokenizer.json").vocabulary_size)
    whole = new_reader(base, parent_ids, base.shape.layers).eval()
    write(whole, model / "tokenizer.json", folder, "full-depth", 4, {"confidence_exponent": 1.0})
    return Reader(folder)


def milliseconds(work: Callable[[], Any]) -> float:
    """How long a call takes."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def summary(times: list[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    ordered = sorted(times)
    return {"median_ms": round(statistics.median(ordered), 2), "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 2)}


def joules(times: list[float], idle: float, busy: float) -> dict[str, float]:
    """Energy of the median call, J, of a machine that draws so many watts: in all, and above what it draws idle."""
    seconds = statistics.median(times) / 1000
    return {"total": round(seconds * busy, 4), "above_idle": round(seconds * (busy - idle), 4)}


def template_rate(records: list[dict[str, Any]], reader: Reader, seconds: float) -> tuple[float, int]:
    """Messages a second through decode, template and normalise, once each shape is known; and the model calls it took."""
    cascade = Cascade(Direct(reader), Library(MemoryRows(), reader.digest), learn_threshold=0.0)
    from datetime import UTC, datetime

    arrived = datetime.now(UTC)

    async def once(record: dict[str, Any]) -> None:
        document = decode(record["payload"].encode(), record["topic"])
        if isinstance(document, Undecodable):
            return
        found = await cascade.extract(document, record["topic"])
        assemble(document, found.labels, record["topic"], arrived, 0.35, found.via, found.template)

    async def run() -> float:
        for record in records:
            await once(record)
        done = 0
        begin = time.perf_counter()
        while time.perf_counter() - begin < seconds:
            for record in records:
                await once(record)
            done += len(records)
        return done / (time.perf_counter() - begin)

    return asyncio.run(run()), cascade.model_calls


def extract_memory(records: list[dict[str, Any]]) -> int:
    """Peak resident memory, MB, of ``sensorscribe extract`` over the messages, each read by the model."""
    lines = "".join(json.dumps({key: record[key] for key in ("id", "topic", "payload")}) + "\n" for record in records)
    done = subprocess.run([sys.executable, "-c", MEASURED_RUN], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return round(int(done.stdout) / 1024)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payloads", type=int, default=40)
    parser.add_argument("--messages", type=Path, help="labelled messages to read instead of generated ones; all of them")
    parser.add_argument("--model", type=Path, default=default_model_folder())
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "sensorscribe")
    parser.add_argument("--template-seconds", type=float, default=5.0)
    parser.add_argument(
        "--watts", nargs=2, type=float, metavar=("IDLE", "BUSY"),
        help="what this machine draws at the wall, for joules: a Raspberry Pi 4 some 1.6 and 5.0, a Pi 5 3.1 and 9",
    )  # fmt: skip
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = compare(args, Reader(args.model), Path(folder))
    for name, value in result.items():
        print(f"{name:28s} {value}")
    print(json.dumps(result))
    return 0


def compare(args: argparse.Namespace, reader: Reader, folder: Path) -> dict[str, Any]:
    """What the bench prints."""
    if args.messages:
        records = list(read_corpus(args.messages))
    else:
        records = [record for record in islice(messages(99), args.payloads * 2) if len(record["payload"]) < 1200][: args.payloads]
    documents = [(record, decode(record["payload"].encode(), record["topic"])) for record in records]
    parent = full_depth(args.model, args.cache, folder)
    generate = llama(args.cache)
    ours: list[float] = []
    whole: list[float] = []
    theirs: list[float] = []
    tokens = []
    for record, document in documents:
        if isinstance(document, Undecodable):
            continue
        tokens.append(sum(len(prompt.ids) for prompt in build_prompts(document, record["topic"], reader.encode)))
        ours.append(milliseconds(partial(reader.read, document, record["topic"])))
        whole.append(milliseconds(partial(parent.read, document, record["topic"])))
        if generate is not None:
            theirs.append(milliseconds(partial(generate, PROMPT.format(topic=record["topic"], payload=record["payload"][:PROMPT_CHARS]))))
    rate, calls = template_rate(records, reader, args.template_seconds)
    result: dict[str, Any] = {
        "payloads": len(ours),
        "median_tokens": statistics.median(tokens),
        "reader": summary(ours),
        "full_depth": summary(whole),
        "share_of_full_depth": round(statistics.median(ours) / statistics.median(whole), 3),
        "templates": {"messages_per_second": round(rate), "model_calls_to_learn": calls, "shapes": len(records)},
        "extract_peak_rss_mb": extract_memory(records),
    }
    if args.watts:
        contenders = {"reader": ours, "full_depth": whole, "llama_cpp_json": theirs}
        result["joules"] = {name: joules(times, *args.watts) for name, times in contenders.items() if times}
        result["joules"]["cloud_prompt"] = CLOUD_JOULES
    if theirs:
        result["llama_cpp_json"] = summary(theirs)
        result["times_faster_than_llama_cpp"] = round(statistics.median(their / our for our, their in zip(ours, theirs, strict=True)), 1)
    else:
        result["llama_cpp_json"] = "not installed: pip install llama-cpp-python"
    return result


if __name__ == "__main__":
    sys.exit(main())
