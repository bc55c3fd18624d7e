"""The writer model: facts -> a draft with placeholders, token by token under ``agent.summarise.guide``."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agent.errors import DataError
from agent.slm.generator import MAX_TOKENS, Generator
from agent.slm.manifest import WRITER_FILES, load_writer_manifest
from agent.slm.tokenizer import PieceTokenizer
from agent.summarise.arithmetic import variant
from agent.summarise.brief import BRIEF_VERSION, END, brief, renumbered, sayable
from agent.summarise.draft import PLACEHOLDER
from agent.summarise.facts import Facts
from agent.summarise.guide import Automaton, Guide, Lexicon, Told
from agent.summarise.wording import Style

MAX_WRITTEN = 240
"""Tokens of a text."""
SAMPLED_TEMPERATURE = 0.7
"""Of a further attempt; the first takes the likeliest token each time."""


class SlmWriter:
    """A verified writer, loaded. Raises ``FatalError`` where the folder does not hold one of this version."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self.manifest = load_writer_manifest(folder, BRIEF_VERSION)
        self._generator = Generator(folder / WRITER_FILES[0], threads)
        self._lexicon = Lexicon(PieceTokenizer(folder / "tokenizer.json").ids, *read_grammar(folder / WRITER_FILES[3]))
        self.tokens = 0
        """Written so far."""

    @property
    def name(self) -> str:
        """The model's name."""
        return self.manifest.model

    def write(self, facts: Facts, style: Style, attempt: int) -> str:
        """The draft. Raises ``DataError`` where the model finds no end, or does not write the language."""
        if style.language not in self._lexicon.grammar:
            raise DataError(f"{self.name} does not write {style.language}")
        told, ids = renumbered(facts)
        draft = self._written(told, style, attempt)
        return PLACEHOLDER.sub(lambda match: f"{{{ids[match[1]]}.{match[2]}}}", draft)

    def _written(self, told: Facts, style: Style, attempt: int) -> str:
        prompt = [self._lexicon.id(token) for token in brief(told, style)]
        if len(prompt) > MAX_TOKENS - MAX_WRITTEN:
            raise DataError(f"the brief of the facts has {len(prompt)} tokens, and {MAX_TOKENS - MAX_WRITTEN} are read")
        guide, reading = Guide(as_told(told, style), self._lexicon, style.language), self._generator.begin()
        chance = np.random.default_rng(attempt) if attempt else None
        text: list[str] = []
        scores = reading.read(prompt)
        for _ in range(MAX_WRITTEN):
            allowed = guide.allowed()
            if not allowed.any():
                raise DataError("the draft leads nowhere")
            token = _choose(np.where(allowed, scores, -np.inf), chance)
            self.tokens += 1
            if self._lexicon.texts[token] == END:
                return "".join(text)
            guide.take(token)
            text.append(self._lexicon.texts[token])
            scores = reading.read([token])
        raise DataError(f"the draft has no end after {MAX_WRITTEN} tokens")


def as_told(facts: Facts, style: Style) -> list[Told]:
    """The facts of a text as its guide wants them."""
    return [Told(fact, variant(fact, facts, style), sayable(fact, facts, style)) for fact in facts.facts]


def read_grammar(path: Path) -> tuple[dict[str, dict[str, Automaton]], dict[str, dict[str, int]]]:
    """The grammar and the classes of a writer's languages. Its digest being right, the file is as it was written."""
    table = json.loads(path.read_text(encoding="utf-8"))
    grammar: dict[str, dict[str, Automaton]] = {
        language: {
            kind: {int(state): {int(symbol): behind for symbol, behind in followers.items()} for state, followers in states.items()}
            for kind, states in found["kinds"].items()
        }
        for language, found in table.items()
    }
    return grammar, {language: found["classes"] for language, found in table.items()}


def _choose(scores: npt.NDArray[np.float32], chance: np.random.Generator | None) -> int:
    if chance is None:
        return int(scores.argmax())
    shares = np.exp((scores - scores.max()) / SAMPLED_TEMPERATURE)
    return int(chance.choice(len(shares), p=shares / shares.sum()))
