"""How long a summary takes, beside the unpruned parent in llama.cpp that writes as many tokens about the same facts.

    python -m models.writing.bench [--windows 30]

The contenders take turns, one window each, so that a noisy machine is noisy for all of them: the writer in ONNX Runtime with one thread
and with two, and SmolLM2-135M-Instruct (all thirty layers, as ``models.base`` fetches it) in llama.cpp with as many threads. The parent
is given the facts as plain text, and is kept from ending before it has written as many tokens as the writer has for its summary, a
refused draft included. It needs ``llama-cpp-python`` (it compiles for minutes: ``pip install llama-cpp-python``); without it the bench
says so. The machine has to be idle: llama.cpp's threads wait for each other, and come to a crawl where another program has a core.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from agent.slm.manifest import default_model_folder
from agent.summarise import Facts, Style, narrate
from agent.summarise.arithmetic import chosen
from agent.summarise.brief import brief, renumbered
from agent.summarise.slm_writer import SlmWriter
from models.base import find_gguf
from models.bench import milliseconds, summary
from models.writing.evaluate import shown_fields, style_of
from models.writing.windows import Case, cases

THREADS = (1, 2)
CONTEXT_TOKENS = 4096
PROMPT = "Tell an operator in one to three sentences, in the language {language}, what happened:\n{facts}\n"
LANGUAGES = {"en": "English", "de": "German", "vi": "Vietnamese"}
NEVER = -1e9
"""Of a token's logit."""


@dataclass
class Timed:
    """A writer whose drafts are timed."""

    writer: SlmWriter
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    """Milliseconds of each summary: drafts, filling, check, and sentences by arithmetic where the drafts are refused."""

    @property
    def name(self) -> str:
        """The writer's."""
        return self.writer.name

    def write(self, facts: Facts, style: Style, attempt: int) -> str:
        """What the writer writes."""
        begin = time.perf_counter()
        try:
            return self.writer.write(facts, style, attempt)
        finally:
            self.seconds += time.perf_counter() - begin

    def tell(self, case: Case) -> int:
        """A summary, timed; how many tokens were written for it."""
        before = self.writer.tokens
        self.times.append(milliseconds(lambda: narrate(case.facts, style_of(case), self, case.devices)))
        return self.writer.tokens - before

    def figures(self) -> dict[str, float]:
        """What came of it; tokens a second with the reading of the brief."""
        return {**summary(self.times), "tokens_per_second": round(self.writer.tokens / self.seconds, 1)}


class Parent:
    """The unpruned parent in llama.cpp. Raises ``ImportError`` where that is not installed."""

    def __init__(self, cache: Path, threads: int) -> None:
        from llama_cpp import Llama

        self._model: Any = Llama(str(find_gguf(cache)), n_ctx=CONTEXT_TOKENS, n_threads=threads, n_threads_batch=threads, verbose=False)
        self._endless = {self._model.token_eos(): NEVER}
        self.tokens: list[int] = []
        self.prompts: list[int] = []
        self.times: list[float] = []

    def tell(self, case: Case, tokens: int) -> None:
        """As many tokens about a window's facts, timed."""
        question = [{"role": "user", "content": PROMPT.format(language=LANGUAGES[case.language], facts=plain(case))}]
        begin = time.perf_counter()
        self._model.reset()  # nothing of the window before is known to it
        answer = self._model.create_chat_completion(question, max_tokens=tokens, temperature=0.0, logit_bias=self._endless)
        self.times.append((time.perf_counter() - begin) * 1000)
        self.tokens.append(answer["usage"]["completion_tokens"])
        self.prompts.append(answer["usage"]["prompt_tokens"])

    def figures(self) -> dict[str, float]:
        """What came of it; tokens a second with the reading of the prompt."""
        return {**summary(self.times), "tokens_per_second": round(1000 * sum(self.tokens) / sum(self.times), 1)}


def plain(case: Case) -> str:
    """The facts that are told, a line each, as a person would hand them to a chat."""
    told, style = chosen(case.facts), style_of(case)
    shown = shown_fields(told, style)
    return "\n".join(f"- {fact.type}: " + ", ".join(f"{name} {text}" for name, text in shown[fact.id].items()) for fact in told.facts)


def prompt_tokens(case: Case) -> int:
    """Tokens that the writer reads before it writes."""
    return len(brief(renumbered(chosen(case.facts))[0], style_of(case)))


def parents(cache: Path) -> dict[int, Parent]:
    """The parent by its threads; none where llama.cpp is not installed."""
    try:
        return {threads: Parent(cache, threads) for threads in THREADS}
    except ImportError:
        return {}


def compare(found: Sequence[Case], folder: Path, cache: Path) -> dict[str, Any]:
    """What the bench prints."""
    writers = {threads: Timed(SlmWriter(folder, threads)) for threads in THREADS}
    rivals = parents(cache)
    lengths = []
    for case in found:
        lengths.append(max(writer.tell(case) for writer in writers.values()))
        for rival in rivals.values():
            rival.tell(case, lengths[-1])
    result: dict[str, Any] = {
        "model": writers[THREADS[0]].name,
        "windows": len(found),
        "median_prompt_tokens": statistics.median(map(prompt_tokens, found)),
        "median_tokens": statistics.median(lengths),
    }
    for threads, writer in writers.items():
        result[f"writer_{threads}_threads"] = writer.figures()
    if not rivals:
        return {**result, "llama_cpp": "not installed: pip install llama-cpp-python"}
    result["llama_cpp_median_prompt_tokens"] = statistics.median(rivals[THREADS[0]].prompts)
    result["llama_cpp_median_tokens"] = statistics.median(rivals[THREADS[0]].tokens)
    for threads, rival in rivals.items():
        ratios = [their / our for our, their in zip(writers[threads].times, rival.times, strict=True)]
        result[f"llama_cpp_{threads}_threads"] = rival.figures()
        result[f"times_faster_{threads}_threads"] = round(statistics.median(ratios), 1)
    return result


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifact", type=Path, help="folder of a writer (default: the one that came with this version)")
    parser.add_argument("--windows", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1, help="of the windows")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "sensorscribe", help="where the parent's weights are kept")
    args = parser.parse_args()
    result = compare(list(islice(cases(args.seed), args.windows)), args.artifact or default_model_folder("writer"), args.cache)
    for name, value in result.items():
        print(f"{name:32s} {value}")
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
