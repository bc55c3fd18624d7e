"""The commands as values. Parsing is strict: what is not understood whole is refused, with words that say what to write."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from agent.domain.topic_filter import filter_fault
from agent.errors import DataError

MAX_BYTES = 64 * 1024
MAX_DEPTH = 16
"""The configuration is three levels deep; no request needs more than its patch."""


class CommandError(DataError):
    """A request that is refused: a code from a closed set, a sentence, and the field or setting that is at fault."""

    def __init__(self, code: str, message: str, path: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.path = path

    def to_dict(self) -> dict[str, str]:
        """The ``error`` of an answer."""
        table = {"code": self.code, "message": str(self)}
        return table if self.path is None else {**table, "path": self.path}


class Command(BaseModel):
    """A request: its fields are the parameters, all of them known."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    example: ClassVar[str] = "{}"


class AgentStatus(Command):
    """``agent.status``: how the agent is."""


class ConfigGet(Command):
    """``config.get``: all settings, or those under a dotted path."""

    example: ClassVar[str] = '{"path": "extract.threshold"}'
    path: str = ""


class ConfigSet(Command):
    """``config.set``: a JSON merge patch (RFC 7396), as ``patch`` or as the request itself."""

    example: ClassVar[str] = '{"patch": {"extract": {"threshold": 0.5}}}'
    patch: dict[str, Any]

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, table: Any) -> Any:
        """No section of the configuration is called ``patch``, so both forms are told apart safely."""
        return table if not table or "patch" in table else {"patch": table}


class TopicCommand(Command):
    """A command about one topic filter."""

    example: ClassVar[str] = '{"filter": "home/+/state"}'
    filter: str

    @field_validator("filter")
    @classmethod
    def _is_filter(cls, value: str) -> str:
        if fault := filter_fault(value):
            raise ValueError(f"a topic filter {fault}")
        if value.startswith("$share/"):
            raise ValueError("give the filter alone; mqtt.share_group makes every subscription a shared one")
        return value


class TopicsAdd(TopicCommand):
    """``topics.add``: read one more topic filter."""


class TopicsRemove(TopicCommand):
    """``topics.remove``: stop reading a topic filter."""


class TemplatesList(Command):
    """``templates.list``: a page of the learned templates."""

    example: ClassVar[str] = '{"offset": 0, "limit": 50}'
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class QuarantineList(Command):
    """``quarantine.list``: a page of the messages that could not be read, newest first, with their payloads."""

    example: ClassVar[str] = '{"offset": 0, "limit": 20}'
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=50)] = 20


class SummaryNow(Command):
    """``summary.now``: what happened in the open window so far. The group may be left out where there is only one."""

    example: ClassVar[str] = '{"group": "site"}'
    group: str | None = None


class SummaryGet(Command):
    """``summary.get``: the summary that is kept of the window of an instant (with its zone), or the newest one."""

    example: ClassVar[str] = '{"group": "site", "at": "2026-05-01T10:05:00Z"}'
    group: str | None = None
    at: Annotated[AwareDatetime, Field(strict=False)] | None = None


COMMANDS: Mapping[str, type[Command]] = {
    "agent.status": AgentStatus,
    "config.get": ConfigGet,
    "config.set": ConfigSet,
    "topics.add": TopicsAdd,
    "topics.remove": TopicsRemove,
    "templates.list": TemplatesList,
    "quarantine.list": QuarantineList,
    "summary.now": SummaryNow,
    "summary.get": SummaryGet,
}


def parse_body(payload: bytes) -> dict[str, Any]:
    """The object of a request; empty for an empty payload. Raises ``CommandError``."""
    if len(payload) > MAX_BYTES:
        raise CommandError("too_large", f"the request has {len(payload)} bytes; at most {MAX_BYTES} are taken")
    if not payload.strip():
        return {}
    try:
        table = json.loads(payload.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise CommandError(
            "bad_json", f'the request is no JSON in UTF-8 ({error}); send an object like {{"id": "1"}} or nothing'
        ) from error
    if not isinstance(table, dict):
        raise CommandError("bad_request", 'the request is no JSON object; send one like {"id": "1"} or nothing')
    if _depth(table) > MAX_DEPTH:
        raise CommandError("bad_request", f"the request is nested more than {MAX_DEPTH} deep")
    return table


def parse_command(name: str, table: Mapping[str, Any]) -> Command:
    """The command of a name and a request's object (its ``id`` is no parameter). Raises ``CommandError``."""
    kind = COMMANDS.get(name)
    if kind is None:
        raise CommandError("unknown_command", f"there is no command {name[:100]!r}; there are {', '.join(COMMANDS)}")
    try:
        return kind.model_validate({key: value for key, value in table.items() if key != "id"})
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(step) for step in first["loc"])
        said = "; ".join(
            f"{'.'.join(str(step) for step in fault['loc'])[:100] or 'request'}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()[:10]
        )
        raise CommandError("bad_request", f"{said}; {name} takes {kind.example}", path[:100] or None) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _depth(table: Any) -> int:
    depth, level = 0, [table]
    while level:
        depth += 1
        inner: list[Any] = []
        for value in level:
            inner += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        level = [value for value in inner if isinstance(value, (dict, list))]
    return depth
