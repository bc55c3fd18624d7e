"""A broker's traffic -> lines of JSON, identities redacted; and the lines back as messages.

A line: ``{"at": seconds since the recording began, "topic", "payload", "retain"}``; bytes that are not UTF-8 stand as
``payload_base64`` in the place of ``payload``.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from agent.errors import FatalError
from simulators.judge import objects
from simulators.listener import Heard
from simulators.redact import Redactor
from simulators.truth import Simulated

RECORDED = "recorded"
"""The dialect of a message that is replayed: nobody knows its own."""


class RecordError(FatalError):
    """A recording is not what it should be; the text names the line and what is wrong."""


def recorded_line(heard: Heard, redactor: Redactor | None) -> str:
    """The line of a message, without its end; None redacts nothing."""
    topic, body = heard.topic, heard.payload
    if redactor is not None:
        topic, body = redactor.topic(topic), redactor.payload(topic, body)
    table: dict[str, Any] = {"at": round(heard.seconds, 3), "topic": topic}
    try:
        table["payload"] = body.decode("utf-8")
    except UnicodeDecodeError:
        table["payload_base64"] = base64.b64encode(body).decode("ascii")
    return json.dumps(table | {"retain": heard.retain}, ensure_ascii=False, separators=(",", ":"))


def replayed(name: str, lines: Iterable[str]) -> Iterator[Simulated]:
    """The messages of a recording, bytes exact, in the order of its lines; ``at`` as recorded. Raises ``RecordError``."""
    for number, table in objects(name, lines):
        try:
            yield _message(number, table)
        except (KeyError, TypeError, ValueError) as error:
            raise RecordError(
                f"{name}, line {number}: {error!r} is missing or wrong; a line is "
                '{"at": 1.5, "topic": "a/b", "payload": "21.5"}, or has payload_base64 instead'
            ) from error


def _message(number: int, table: dict[str, Any]) -> Simulated:
    encoded = table.get("payload_base64")
    wire = None if encoded is None else base64.b64decode(encoded, validate=True)
    payload = table["payload"] if wire is None else wire.decode("utf-8", "replace")
    if not isinstance(payload, str) or not isinstance(table["topic"], str):
        raise TypeError("topic and payload are no strings")
    return Simulated(
        id=f"{RECORDED}/{number}", dialect=RECORDED, at=float(table["at"]), topic=table["topic"], payload=payload,
        retain=bool(table.get("retain", False)), format="text", language="", device=None, time=None, readings=(), optional=(), wire=wire,
    )  # fmt: skip
