"""What each command does: one function a command, its result as plain values for JSON."""

import json
from typing import Any

from agent.config import Config
from agent.control.command import (
    AgentStatus,
    Command,
    CommandError,
    ConfigGet,
    ConfigSet,
    QuarantineList,
    SummaryGet,
    SummaryNow,
    TemplatesList,
    TopicsAdd,
    TopicsRemove,
)
from agent.control.context import ControlContext
from agent.mqtt.topics import covers

MAX_TOPICS = 1000
MAX_PAGE_BYTES = 64 * 1024
"""Of the templates in one answer: a broker that takes no packet so large would end every connection on which it is sent again."""
MAX_NAMED = 30
"""Names told in an error; the rest is counted."""


async def execute(command: Command, context: ControlContext) -> Any:
    """Carry a command out. Raises ``CommandError``, or what the context raises."""
    match command:
        case AgentStatus():
            return context.status()
        case ConfigGet():
            return look_up(context.config(), command.path)
        case ConfigSet():
            return await _set(context, command.patch)
        case TopicsAdd():
            return await _add(context, command.filter)
        case TopicsRemove():
            return await _remove(context, command.filter)
        case TemplatesList():
            templates = context.templates()
            return _page("templates", templates[command.offset : command.offset + command.limit], command.offset, len(templates))
        case QuarantineList():
            kept, total = await context.quarantined(command.offset, command.limit)
            return _page("messages", kept, command.offset, total)
        case SummaryNow():
            return await context.summary_now(await _group(context, command.group))
        case SummaryGet():
            return await _past(context, command)
    raise AssertionError(f"no handler for {command!r}")


def look_up(config: Config, path: str) -> Any:
    """The settings under a dotted path, all without one. No setting holds a secret: passwords are in the environment or in files."""
    found: Any = config.model_dump(mode="json")
    walked: list[str] = []
    for step in path.split(".") if path else ():
        if not isinstance(found, dict) or step not in found:
            known = list(found) if isinstance(found, dict) else []
            place = ".".join(walked) or "the configuration"
            told = f"{place} has {', '.join(known)}" if known else f"{place} is a single setting"
            raise CommandError("unknown_setting", f"there is no setting {path[:100]!r}; {told}", path[:100])
        found = found[step]
        walked.append(step)
    return found


async def _set(context: ControlContext, patch: dict[str, Any]) -> dict[str, Any]:
    if not patch:
        raise CommandError("bad_request", f"the patch is empty; config.set takes {ConfigSet.example}", "patch")
    before = context.config()
    after = await context.apply_patch(patch)
    return {"changed": changed_paths(before, after), "restart_needed": context.restart_needed()}


def changed_paths(before: Config, after: Config) -> list[str]:
    """Dotted paths of the settings that differ, sorted."""
    old, new = _leaves(before.model_dump(mode="json")), _leaves(after.model_dump(mode="json"))
    return sorted(path for path in old if old[path] != new[path])


def _leaves(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= _leaves(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


async def _add(context: ControlContext, topic_filter: str) -> dict[str, Any]:
    config = context.config()
    topics = list(config.mqtt.topics)
    if covers(f"{config.root}/#", topic_filter):
        raise CommandError("own_topic", f"{config.root}/# are the agent's own topics, which it never reads", "filter")
    if topic_filter in topics:
        return {"topics": topics, "changed": False}
    if len(topics) >= MAX_TOPICS:
        raise CommandError(
            "too_many", f"there are {len(topics)} topic filters; remove some, or add one with + or # that covers them", "filter"
        )
    after = await context.apply_patch({"mqtt": {"topics": [*topics, topic_filter]}})
    return {"topics": list(after.mqtt.topics), "changed": True}


async def _remove(context: ControlContext, topic_filter: str) -> dict[str, Any]:
    topics = list(context.config().mqtt.topics)
    if topic_filter not in topics:
        rest = len(topics) - MAX_NAMED
        named = ", ".join(topics[:MAX_NAMED]) + (f" and {rest} more" if rest > 0 else "")
        raise CommandError("unknown_filter", f"{topic_filter[:100]!r} is not read; read are {named}", "filter")
    if len(topics) == 1:
        raise CommandError("last_filter", "this is the last topic filter; add another one first", "filter")
    after = await context.apply_patch({"mqtt": {"topics": [one for one in topics if one != topic_filter]}})
    return {"topics": list(after.mqtt.topics), "changed": True}


def _page(name: str, rows: list[dict[str, Any]], offset: int, total: int) -> dict[str, Any]:
    """As many of the rows as a broker takes in an answer, and at least one; ``next_offset`` tells where the next page begins."""
    shown: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        size += len(json.dumps(row))
        if shown and size > MAX_PAGE_BYTES:
            break
        shown.append(row)
    end = offset + len(shown)
    return {name: shown, "total": total, "next_offset": end if shown and end < total else None}


async def _past(context: ControlContext, command: SummaryGet) -> dict[str, Any]:
    group = await _group(context, command.group)
    found = await context.summary_past(group, command.at)
    if found is None:
        which = f"the window of {command.at.isoformat()}" if command.at else "any window"
        raise CommandError("no_summary", f"no summary of {group[:100]!r} is kept for {which}", "at" if command.at else None)
    return found


async def _group(context: ControlContext, group: str | None) -> str:
    """The group that is asked for, or the only one."""
    known = await context.summary_groups()
    if known is None:
        raise CommandError("disabled", "no summaries are made: set summaries.enabled and start again")
    if group in known:
        return group
    if group is None and len(known) == 1:
        return known[0]
    if not known:
        raise CommandError("no_summary", "there is no summary yet: the first one comes when the first window has readings")
    rest = len(known) - MAX_NAMED
    named = ", ".join(known[:MAX_NAMED]) + (f" and {rest} more" if rest > 0 else "")
    said = "give the group" if group is None else f"there is no group {group[:100]!r}"
    raise CommandError("unknown_group", f"{said}; known are {named}", "group")
