"""The configuration as a page: every setting with its meaning and its default, or the values that count now.

``deploy/sensorscribe.toml`` is this page of the defaults; a test keeps the two equal.
"""

import json
import textwrap
from typing import Any

import tomli_w
from pydantic.fields import FieldInfo

from agent.config import Config, Section, parse_config

HEADER = """\
# sensorscribe: every setting, its meaning and its default. Remove the # of those that you change.
# Passwords do not belong here: set SENSORSCRIBE_MQTT_PASSWORD or SENSORSCRIBE_UPLINK_PASSWORD in
# /etc/sensorscribe/environment, or name a file in password_file.
# Check with: sensorscribe check-config --config FILE
# Settings changed by command over MQTT are kept in the state folder and win over this file.
"""


def sample_config() -> str:
    """The sample configuration: all settings commented out, so that a later version's defaults still count."""
    return HEADER + "\n" + "\n".join(_section(parse_config({}), ""))


def _section(section: Section, name: str) -> list[str]:
    lines: list[str] = []
    tables: list[str] = []
    for key, field in type(section).model_fields.items():
        value = getattr(section, key)
        if isinstance(value, Section):
            tables += ["", *_note(type(value).__doc__ or ""), f"[{key}]", *_section(value, key)]
            continue
        lines += [*_note(_meaning(field)), f"#{_assignment(key, value)}"]
    return [*lines, *tables, *([] if name else [""])]


def _meaning(field: FieldInfo) -> str:
    choices = getattr(field.annotation, "__args__", ())
    text = field.description or ""
    if choices and all(isinstance(choice, (str, int)) for choice in choices):
        text = f"{text}. " if text else ""
        text += "One of " + ", ".join(json.dumps(choice) for choice in choices)
    return text


def _note(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(" ".join(text.split()), 96)]


def _assignment(key: str, value: Any) -> str:
    plain = list(value) if isinstance(value, tuple) else value
    if isinstance(plain, list):
        return f"{key} = [{', '.join(json.dumps(item, ensure_ascii=False) for item in plain)}]"
    return tomli_w.dumps({key: plain}).rstrip("\n")


def effective_config(config: Config) -> str:
    """The settings that count, as TOML. No setting holds a secret: passwords come from the environment or from files."""
    return tomli_w.dumps(config.model_dump(mode="json", exclude_none=True))
