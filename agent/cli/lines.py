"""``extract --jsonl``: one JSON object a line in, one a line out, in the same order; a bad line is answered, never fatal."""

import json
import traceback
from collections.abc import Iterable, Iterator
from typing import Any

import structlog

from agent.cli.offline import Answer, Offline
from agent.decode import decode
from agent.domain.document import Document
from agent.errors import AgentError, DataError
from agent.pipeline import Outcome
from agent.publish.envelope import instant

HOW_TO = 'each line must be an object like {"id": "1", "topic": "home/attic", "payload": "21.5"}'


def to_line(table: dict[str, Any]) -> str:
    """A table as one line of JSON without its end; half a surrogate pair, which UTF-8 cannot write, as an escape."""
    line = json.dumps(table, ensure_ascii=False)
    return json.dumps(table) if any("\ud800" <= letter <= "\udfff" for letter in line) else line


def refusal(message_id: Any, error: str) -> dict[str, Any]:
    """The answer for a line or message that has no readings, with the reason."""
    return {"id": message_id, "readings": [], "device": None, "time": None, "error": error, "ms": 0.0}


def to_table(message_id: Any, answer: Answer, payload: str | None = None) -> dict[str, Any]:
    """The answer for one message by the contract. Offsets count in ``payload`` where it is given, else in the decoded text.

    ``time`` is null where the message states none that can be believed: here there is no arrival to take instead. A reading has a ``time``
    where its row or element states one of its own.
    """
    outcome = answer.outcome
    understood = outcome.understood
    if understood is None:
        return {**refusal(message_id, f"{outcome.reason}: {outcome.detail}"), "ms": answer.ms}
    shift = 0 if payload is None else _shift(payload, outcome)
    if shift < 0:
        return {**refusal(message_id, "charset: the payload is no text but the bytes of one, in another charset"), "ms": answer.ms}
    readings = [
        {
            "name": reading.name, "quantity": reading.quantity, "literal": reading.literal, "start": reading.start + shift,
            "value": reading.value, "unit": reading.unit, "confidence": reading.confidence, "via": reading.via,
            **({"time": instant(reading.time)} if reading.time else {}),
        }
        for reading in understood.readings
    ]  # fmt: skip
    moment = None if understood.time_source == "arrival" else instant(understood.time)
    return {"id": message_id, "readings": readings, "device": understood.device, "time": moment, "error": None, "ms": answer.ms}


def _shift(payload: str, outcome: Outcome) -> int:
    """Where the decoded text begins in the payload: behind a byte order mark, mostly 0; -1 where it is not in it."""
    if "\x00" not in payload and not payload.startswith("\ufeff"):
        return 0
    document = decode(outcome.message.payload, outcome.message.topic)
    return payload.find(document.text) if isinstance(document, Document) else -1


def _parse(line: bytes) -> dict[str, Any]:
    """The object of a line. Raises ``DataError`` that says what to write instead."""
    try:
        table = json.loads(line.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise DataError(f"not JSON ({error}); {HOW_TO}") from error
    if not isinstance(table, dict):
        raise DataError(f"not an object; {HOW_TO}")
    return table


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _field(table: dict[str, Any], name: str) -> str:
    text = table.get(name)
    if not isinstance(text, str):
        raise DataError(f"{name} is {'missing' if text is None else 'no string'}; {HOW_TO}")
    return text


def _answer(offline: Offline, table: dict[str, Any]) -> dict[str, Any]:
    topic, payload = _field(table, "topic"), _field(table, "payload")
    try:
        body = payload.encode()
    except UnicodeEncodeError as error:
        raise DataError("payload holds half a surrogate pair, which no UTF-8 text can; write the whole pair or the character") from error
    return to_table(table.get("id"), offline.read(topic, body), payload)


def answer_lines(offline: Offline, lines: Iterable[bytes]) -> Iterator[str]:
    """One line of JSON for each line, as soon as it is read."""
    for line in lines:
        message_id = None
        try:
            table = _parse(line)
            message_id = table.get("id")
            result = _answer(offline, table)
        except AgentError as error:
            result = refusal(message_id, str(error))
        except Exception as error:  # noqa: BLE001  (a defect met by one message must not lose the answers of the others)
            structlog.get_logger("agent").error("defect while reading a message", id=message_id, traceback=traceback.format_exc())
            result = refusal(message_id, f"defect of the agent, please report it: {error!r}")
        yield to_line(result)
