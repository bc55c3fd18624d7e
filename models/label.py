"""Labels messages by a larger model behind an OpenAI-compatible endpoint (Ollama, llama.cpp, vLLM), in the corpus format.

    python -m models.label messages.jsonl --url http://localhost:11434/v1 --model qwen2.5:32b --out labelled.jsonl

In: a line of JSON a message, ``{"id", "topic", "payload"}``. The model is shown the candidates that decoding found and names them by
number, so it can no more invent a value than the reader can. An answer that is not as asked is asked for once more; what is wrong then
goes to ``<out>.rejected`` with the reason, and both files together hold every message. A message that ``--out`` or its rejected file has
already is not asked again. The key is read from ``OPENAI_API_KEY`` where the endpoint wants one.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.decode import decode
from agent.domain.document import Document, Undecodable
from agent.domain.quantity import quantities
from agent.domain.unit import codes
from agent.errors import DataError, FatalError

Record = dict[str, Any]
TRIES = 2
TIMEOUT_SECONDS = 300.0
INSTRUCTIONS = """You label one MQTT message of a sensor, machine or service. You get its topic, its payload and its numbered candidates.
Say for each candidate that is a reading which quantity it is and in which unit the number is sent.
Not readings: identifiers, addresses, versions, counters of frames, checksums, time zones, raw bytes, URLs, model names, configuration
(names, intervals, thresholds, calibration), null values, and a repeat of a reading as text. Setpoints, signal strength, battery and uptime
are readings. The unit is a UCUM code of the list, or null where message and device do not tell it. "inverted" is true for a
binary whose literal says yes while the state is off (battery_ok for battery_low, contact for opening).
Answer with JSON alone:
{"readings": [{"candidate": 3, "quantity": "temperature", "unit": "Cel", "inverted": false}], "device": 0, "time": null}
where device and time are the numbers of the candidates that hold the device's identity and the message's own time, or null.
"""


class ReadingAnswer(BaseModel):
    """What the model says of one candidate."""

    model_config = ConfigDict(extra="forbid")

    candidate: int
    quantity: str
    unit: str | None = None
    inverted: bool = False


class Answer(BaseModel):
    """What the model says of a message."""

    readings: list[ReadingAnswer]
    device: int | None = None
    time: int | None = None


def question(record: Record, document: Document) -> list[dict[str, str]]:
    """The chat that asks for one message's labels."""
    lines = [f"{index}: {one.path or '(bare)'} = {one.literal} ({one.kind})" for index, one in enumerate(document.candidates)]
    allowed = f"Quantities: {', '.join(quantities())}\nUnits: {', '.join(codes())}"
    text = f"Topic: {record['topic']}\nPayload: {record['payload']}\nCandidates:\n" + "\n".join(lines)
    return [{"role": "system", "content": INSTRUCTIONS + allowed}, {"role": "user", "content": text}]


def labelled(record: Record, document: Document, text: str) -> Record:
    """The record in the corpus format. Raises ``DataError`` with what is wrong with the answer."""
    try:
        answer = Answer.model_validate_json(text[text.find("{") : text.rfind("}") + 1])
    except ValidationError as error:
        first = error.errors()[0]
        raise DataError(f"{'.'.join(map(str, first['loc'])) or 'the answer'}: {first['msg']}") from error
    numbers = [*(one.candidate for one in answer.readings), *(at for at in (answer.device, answer.time) if at is not None)]
    if wrong := [at for at in numbers if not 0 <= at < len(document.candidates)]:
        raise DataError(f"there is no candidate {wrong[0]}")
    if len({one.candidate for one in answer.readings}) < len(answer.readings):
        raise DataError("a candidate has two labels")
    if unknown := [one.quantity for one in answer.readings if one.quantity not in quantities()]:
        raise DataError(f"{unknown[0]!r} is no quantity of the list")
    if unknown := [one.unit for one in answer.readings if one.unit is not None and one.unit not in codes()]:
        raise DataError(f"{unknown[0]!r} is no unit of the list")
    readings = []
    for one in sorted(answer.readings, key=lambda one: one.candidate):
        candidate = document.candidates[one.candidate]
        reading = {
            "name": candidate.path,
            "quantity": one.quantity,
            "literal": candidate.literal,
            "start": candidate.start,
            "unit": one.unit,
        }
        readings.append(reading | ({"inverted": True} if one.inverted else {}))
    device, time = (None if at is None else document.candidates[at].literal for at in (answer.device, answer.time))
    return {
        **record,
        "format": document.format,
        "label_from": "judgement",
        "readings": readings,
        "optional": [],
        "device": device,
        "time": time,
    }


class Labeller:
    """Asks an endpoint, a few messages at once."""

    def __init__(self, url: str, model: str, parallel: int, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.AsyncClient(base_url=url.rstrip("/") + "/", headers=headers, timeout=TIMEOUT_SECONDS)
        self._model = model
        self._turn = asyncio.Semaphore(parallel)

    async def label(self, record: Record) -> Record:
        """One message in the corpus format. Raises ``DataError`` where the answers are wrong, ``FatalError`` where there are none."""
        document = decode(record["payload"].encode(), record["topic"])
        if isinstance(document, Undecodable):
            raise DataError(f"{document.reason}: {document.detail}")
        chat = question(record, document)
        async with self._turn:
            for left in reversed(range(TRIES)):
                text = await self._ask(chat)
                try:
                    return labelled(record, document, text)
                except DataError as error:
                    if not left:
                        raise
                    again = f"That is not as asked: {error}. Answer again, with JSON alone."
                    chat = [*chat, {"role": "assistant", "content": text}, {"role": "user", "content": again}]
        raise AssertionError("unreachable")

    async def _ask(self, chat: list[dict[str, str]]) -> str:
        body = {"model": self._model, "messages": chat, "temperature": 0, "response_format": {"type": "json_object"}}
        try:
            response = await self._client.post("chat/completions", json=body)
            response.raise_for_status()
            text: str = response.json()["choices"][0]["message"]["content"]
        except httpx.HTTPStatusError as error:
            raise FatalError(f"{error.request.url} answered {error.response.status_code}: {error.response.text[:200]}") from error
        except httpx.HTTPError as error:
            raise FatalError(f"no answer from {self._client.base_url} ({error!r}): start the server, or correct --url") from error
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise FatalError(f"{self._client.base_url} does not speak the OpenAI chat form: {error!r}") from error
        return text

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()


def read_messages(path: Path) -> list[Record]:
    """Messages to label. Raises ``DataError`` with the line's number."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            record = json.loads(line)
            found.append({"source": path.stem, "family": record["id"], **record, "topic": record["topic"], "payload": record["payload"]})
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise DataError(f'{path}:{number}: not {{"id", "topic", "payload"}} ({error!r})') from error
    return found


def done_before(paths: Iterable[Path]) -> set[str]:
    """The ids that the files hold."""
    return {json.loads(line)["id"] for path in paths if path.exists() for line in path.read_text(encoding="utf-8").splitlines()}


async def label_all(labeller: Labeller, records: list[Record], out: Path) -> tuple[int, int]:
    """Label what is not done yet, and write it as it comes; how many were labelled and rejected."""
    rejected = out.with_name(out.name + ".rejected")
    known = done_before((out, rejected))
    counts = [0, 0]

    async def one(record: Record) -> None:
        try:
            line, path = await labeller.label(record), out
        except DataError as error:
            line, path = {**record, "rejected": str(error)}, rejected
        counts[path is rejected] += 1
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    async with asyncio.TaskGroup() as group:
        for record in records:
            if record["id"] not in known:
                group.create_task(one(record))
    return counts[0], counts[1]


async def run(args: argparse.Namespace) -> None:
    """Label a file."""
    labeller = Labeller(args.url, args.model, args.parallel, os.environ.get("OPENAI_API_KEY", ""))
    try:
        done, rejected = await label_all(labeller, read_messages(args.messages), args.out)
    finally:
        await labeller.close()
    print(json.dumps({"labelled": done, "rejected": rejected, "out": str(args.out)}))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("messages", type=Path)
    parser.add_argument("--url", required=True, help="base of the endpoint, up to /v1")
    parser.add_argument("--model", required=True, help="the model's name there")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--parallel", type=int, default=4, help="questions on their way at once")
    code = 0
    try:
        asyncio.run(run(parser.parse_args()))
    except* (FatalError, DataError) as group:
        print(f"error: {group.exceptions[0]}", file=sys.stderr)
        code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
