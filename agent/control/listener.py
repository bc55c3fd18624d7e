"""A request that came in -> the answer to publish. Whatever a client sends, it gets an answer or nothing; the agent goes on.

MQTT 5 (section 4.10): the answer goes to the response topic with the correlation data. Without a response topic, as in
MQTT 3.1.1, the request carries an ``id`` and the answer goes to ``<root>/reply/<id>``. Without either the command is
carried out and nobody is told.
"""

import asyncio
import json
import traceback
from dataclasses import dataclass
from typing import Any, ClassVar

from agent.config import ConfigError
from agent.control.command import CommandError, parse_body, parse_command
from agent.control.context import ControlContext
from agent.control.handlers import execute
from agent.domain.topic_filter import filter_fault
from agent.errors import DataError, FatalError, RetryableError
from agent.mqtt.packet import Incoming, Outgoing, Subscription
from agent.mqtt.topics import covers, level_of
from agent.telemetry.events import Level, Reporter


@dataclass(frozen=True, slots=True)
class CommandHandled:
    """A command was carried out or refused; the reason is ``ok`` or the error's code."""

    metric: ClassVar[str] = "commands_total"
    level: ClassVar[Level] = "info"
    sentence: ClassVar[str] = "command handled"
    reason: str
    topic: str


@dataclass(frozen=True, slots=True)
class CommandFailed:
    """A command met a defect of the agent."""

    metric: ClassVar[str] = "internal_errors_total"
    level: ClassVar[Level] = "error"
    sentence: ClassVar[str] = "defect in a command: please report it with the traceback"
    reason: str
    traceback: str


class Control:
    """Answers requests, one after the other: a change of settings is read, checked and kept before the next one begins."""

    def __init__(self, context: ControlContext, root_topic: str, reporter: Reporter) -> None:
        self._context = context
        self._root = root_topic
        self._reporter = reporter
        self._turn = asyncio.Lock()

    @property
    def subscription(self) -> Subscription:
        """Where requests come in; never a shared one, since each agent has commands of its own."""
        return Subscription(f"{self._root}/cmd/#", qos=1)

    def is_request(self, topic: str) -> bool:
        """True for a topic that ``handle`` is for."""
        return topic.startswith(f"{self._root}/cmd/")

    async def handle(self, packet: Incoming) -> Outgoing | None:
        """Carry a request out and say what to publish, if anything. Raises ``FatalError`` alone."""
        table: dict[str, Any] = {}
        try:
            if packet.retain:
                raise CommandError("retained", "a retained request would be carried out at every start; publish it again without retain")
            table = parse_body(packet.payload)
            command = parse_command(packet.topic.removeprefix(f"{self._root}/cmd/"), table)
            async with self._turn:
                result = await execute(command, self._context)
            body = {"id": table.get("id"), "ok": True, "result": result}
        except CommandError as error:
            body = _refusal(table, error)
        except ConfigError as error:
            body = _refusal(table, CommandError("invalid_config", str(error), error.faults[0][0]))
        except RetryableError as error:
            body = _refusal(table, CommandError("try_again", f"{error}; nothing has changed, send the request again"))
        except DataError as error:
            body = _refusal(table, CommandError("refused", str(error)))
        except FatalError:
            raise
        except Exception as error:  # noqa: BLE001  (a defect met by one request must not end the agent)
            self._reporter.emit(CommandFailed(type(error).__name__, traceback.format_exc()))
            body = _refusal(table, CommandError("internal", f"defect of the agent, please report it: {error!r}"[:500]))
        self._reporter.emit(CommandHandled("ok" if body["ok"] else body["error"]["code"], packet.topic[:200]))
        topic = self._reply_topic(packet.response_topic, table.get("id"))
        return None if topic is None else Outgoing(topic, _to_bytes(body), qos=1, correlation_data=packet.correlation_data)

    def _reply_topic(self, response_topic: str | None, request_id: Any) -> str | None:
        """Where the answer goes. A response topic that is no topic name, or one of the agent's own, is not followed."""
        if response_topic and self._is_allowed(response_topic):
            return response_topic
        if isinstance(request_id, (str, int)) and not isinstance(request_id, bool):
            return f"{self._root}/reply/{level_of(str(request_id))}"
        return None

    def _is_allowed(self, topic: str) -> bool:
        if filter_fault(topic) or "+" in topic or "#" in topic or topic.startswith("$"):
            return False
        return topic.startswith(f"{self._root}/reply/") or not covers(f"{self._root}/#", topic)


def _refusal(table: dict[str, Any], error: CommandError) -> dict[str, Any]:
    return {"id": table.get("id"), "ok": False, "error": error.to_dict()}


def _to_bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=True, default=str).encode("ascii")
