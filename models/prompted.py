"""The baseline that writes: SmolLM2-135M-Instruct, all thirty layers, prompted and held by a grammar; no training.

The prompt has the task, the ontology's quantities with their usual unit, two examples and the message. The answer is decoded greedily
under a GBNF grammar that is made for the message: a JSON array of ``{"literal", "quantity", "unit"}``, where the literal is one of the
candidates' own, the quantity one of the ontology and the unit a spelling of ``units.tsv`` (the model does not keep to one), or null. A
literal goes to its first place in the payload that has no reading yet. What is lost on the way is counted in ``Prompted.losses``:
payloads cut because they are long, answers that came to their last token before their end, literals given more often than they stand
in the payload.

It needs ``llama-cpp-python``, the extra ``bench`` (it compiles for minutes), and uses ``OMP_NUM_THREADS`` threads, else one a core.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from os.path import commonprefix
from pathlib import Path
from typing import Any

from agent.domain.document import Candidate, Document
from agent.domain.quantity import quantities
from agent.domain.reading import Label
from agent.domain.unit import codes, parse_unit, spellings
from agent.errors import FatalError
from models.base import find_gguf

CONTEXT_TOKENS = 8192
"""All that the model has: ideographs cost two or three tokens each."""
ANSWER_TOKENS = 512
PAYLOAD_CHARS = 1500
MOST_READINGS = 32
CUT = "… (the payload goes on)"

Chat = list[dict[str, str]]
Complete = Callable[[Chat, str], str]
"""A chat and a GBNF grammar -> the text of the answer."""

INSTRUCTIONS = """You read MQTT messages of sensors. List every measured value or state in the payload as a JSON array of objects with
"literal" (the value exactly as it is written), "quantity" (one of the list) and "unit" (the unit of the value, or null).
Identifiers, addresses, versions, counters, timestamps and settings are no readings. Quantities, some with their usual unit: """
EXAMPLES = (
    (
        "cellar/node4",
        '{"id":"node4","fw":"1.9.2","air":{"t":11.5,"rh":78},"vbat":2.97,"seq":1204}',
        (("11.5", "temperature", "°C"), ("78", "humidity", "%"), ("2.97", "battery_voltage", "V")),
    ),
    (
        "workshop/compressor",
        "mode=AUTO;running=1;line_press_psi=118;motor_rpm=1460",
        (("AUTO", "mode", None), ("1", "running", None), ("118", "pressure", "psi"), ("1460", "rotational_speed", "rpm")),
    ),
)
"""Topic, payload and readings."""


@cache
def units() -> dict[str, str]:
    """Every spelling of a unit, the codes among them, with the code that it stands for."""
    spelled = (text for code in codes() for text in (code, *spellings(code)))
    return {text: found for text in spelled if (found := parse_unit(text)) is not None}


@cache
def _system() -> str:
    names = (name + (f" ({spellings(one.unit)[0]})" if one.unit else "") for name, one in quantities().items())
    return INSTRUCTIONS + ", ".join(names)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _asked(topic: str, payload: str) -> dict[str, str]:
    return {"role": "user", "content": f"Topic: {topic}\nPayload: {payload}"}


def chat(topic: str, payload: str) -> Chat:
    """The question about one message. What is the same for all messages stands first, so that it is read once."""
    asked: Chat = [{"role": "system", "content": _system()}]
    for known_topic, known_payload, readings in EXAMPLES:
        answer = [{"literal": literal, "quantity": quantity, "unit": unit} for literal, quantity, unit in readings]
        asked += [_asked(known_topic, known_payload), {"role": "assistant", "content": _json(answer)}]
    return [*asked, _asked(topic, payload)]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def alternatives(texts: Sequence[str]) -> str:
    """A GBNF expression of any one of the texts, with what they begin with in common written once.

    llama.cpp looks at every alternative that is still open for every token of the vocabulary: a hundred side by side are slow.
    """
    groups: dict[str, list[str]] = {}
    for text in sorted(set(texts)):
        groups.setdefault(text[:1], []).append(text)
    optional = groups.pop("", None) is not None
    parts = []
    for members in groups.values():
        prefix = commonprefix(members)  # noqa: RUF071 (of texts, not of paths)
        rest = "" if len(members) == 1 else " " + alternatives([text[len(prefix) :] for text in members])
        parts.append(_quoted(prefix) + rest)
    return f"({' | '.join(parts)}){'?' if optional else ''}" if parts else '""'


@cache
def _closed_lists() -> str:
    names, spelled = ([_json(one) for one in group] for group in (quantities(), units()))
    return f"quantity ::= {alternatives(names)}\nunit ::= {alternatives([*spelled, 'null'])}"


def grammar(candidates: Sequence[Candidate]) -> str:
    """The GBNF grammar of the answers about these candidates, of which there is at least one: no more readings than candidates."""
    literals = alternatives([_json(candidate.literal) for candidate in candidates])
    more = min(len(candidates), MOST_READINGS) - 1
    again = f' ("," reading){{0,{more}}}' if more else ""
    pieces = (_quoted('{"literal":'), "literal", _quoted(',"quantity":'), "quantity", _quoted(',"unit":'), "unit", _quoted("}"))
    return f'root ::= "[" (reading{again})? "]"\nreading ::= {" ".join(pieces)}\nliteral ::= {literals}\n{_closed_lists()}\n'


def whole_readings(answer: str) -> Iterator[dict[str, Any]]:
    """The readings of an answer without blanks between them, as the grammar has it, up to where it was broken off."""
    decoder = json.JSONDecoder()
    position = 1
    while position < len(answer):
        try:
            reading, position = decoder.raw_decode(answer, position)
        except json.JSONDecodeError:
            return
        yield reading
        position += 1  # the comma, or the array's end


class Prompted:
    """Labels by a model that writes its answer."""

    def __init__(self, complete: Complete) -> None:
        self._complete = complete
        self.losses = {"messages": 0, "payloads_cut": 0, "answers_broken_off": 0, "literals_without_a_place": 0}

    def read(self, document: Document, topic: str) -> list[Label]:
        """A label for every candidate."""
        labels = [Label("none")] * len(document.candidates)
        offered = {
            index: one
            for index, one in enumerate(document.candidates)
            if one.kind != "null" and one.start + len(one.literal) <= PAYLOAD_CHARS
        }
        cut = len(document.text) > PAYLOAD_CHARS
        self.losses["messages"] += 1
        self.losses["payloads_cut"] += cut
        if not offered:
            return labels
        payload = document.text[:PAYLOAD_CHARS] + CUT if cut else document.text
        answer = self._complete(chat(topic, payload), grammar(tuple(offered.values())))
        self.losses["answers_broken_off"] += not answer.endswith("]")
        for reading in whole_readings(answer):
            place = next((index for index, one in offered.items() if one.literal == reading["literal"]), None)
            if place is None:
                self.losses["literals_without_a_place"] += 1
                continue
            del offered[place]
            labels[place] = Label("reading", reading["quantity"], units()[reading["unit"]] if reading["unit"] else None)
        return labels


def llama_completion(cache_folder: Path) -> Complete:
    """The parent in llama.cpp. Raises ``FatalError`` where ``llama-cpp-python`` is not installed, or the weights cannot be had."""
    try:
        from llama_cpp import Llama
        from llama_cpp.llama_grammar import LlamaGrammar
    except ImportError as error:
        raise FatalError("llama-cpp-python is not installed: pip install llama-cpp-python (it compiles for minutes)") from error
    threads = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
    model: Any = Llama(str(find_gguf(cache_folder)), n_ctx=CONTEXT_TOKENS, n_threads=threads, n_threads_batch=threads, verbose=False)

    def complete(asked: Chat, rules: str) -> str:
        done = model.create_chat_completion(
            asked, grammar=LlamaGrammar.from_string(rules, verbose=False), max_tokens=ANSWER_TOKENS, temperature=0.0
        )
        text: str = done["choices"][0]["message"]["content"]
        return text

    return complete
