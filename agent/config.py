"""Configuration: TOML and environment -> one frozen ``Config``, checked whole, every fault told at once.

Secrets come from the environment (``SENSORSCRIBE_MQTT_PASSWORD``, ``SENSORSCRIBE_UPLINK_PASSWORD``) or from files. Changes
made by command are a JSON merge patch (RFC 7396) that the store keeps; ``merge_patch`` puts it over the file and the result is
checked before anything changes. ``deploy/sensorscribe.toml`` shows every setting with its default; a test keeps the two equal.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from agent.domain.document import Document
from agent.domain.quantity import quantities
from agent.domain.topic_filter import filter_fault
from agent.domain.unit import codes
from agent.errors import FatalError

MAX_DAYS = 36500
"""A century: longer than any device lives, and short enough to be counted back from any date."""
LEVEL = re.compile(r"[^+#\x00-\x1f\x7f-\x9f]*")
"""What brokers take in a topic name."""


class Section(BaseModel):
    """A frozen table that knows all its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BrokerConfig(Section):
    """A connection to an MQTT broker."""

    host: str = Field("localhost", description="Name or address of the broker")
    port: int = Field(1883, ge=1, le=65535, description="1883, or 8883 with TLS")
    protocol: Literal["5", "3.1.1"] = Field("5", description="MQTT version")
    client_id: str = Field("", description="Empty: sensorscribe-<agent id>. The broker keeps the session under this name")
    username: str = ""
    password_file: str = Field("", description="File with the password; or set the environment variable")
    keepalive_seconds: int = Field(30, ge=5, le=3600)
    session_expiry_seconds: int = Field(7 * 86400, ge=0, description="How long the broker keeps messages while the agent is away")
    tls: bool = False
    ca_file: str = Field("", description="Empty: the system's authorities")
    cert_file: str = ""
    key_file: str = ""


def _level(value: str) -> str:
    if not LEVEL.fullmatch(value) or "/" in value:
        raise ValueError("may not hold / + # or control characters, since it is one level of a topic")
    return value


def _filter_fault(topic_filter: str) -> str | None:
    is_shared = topic_filter.startswith("$share/")
    return "names a group: give the filter alone and set mqtt.share_group" if is_shared else filter_fault(topic_filter)


class MqttConfig(BrokerConfig):
    """The broker that devices publish to."""

    topics: tuple[str, ...] = Field(("#",), min_length=1, description="Topic filters to read; the agent's own topics are never read")
    exclude: tuple[str, ...] = Field(("$SYS/#", "homeassistant/#"), description="Topic filters never read")
    qos: Literal[0, 1, 2] = Field(1, description="Of the subscriptions")
    share_group: str = Field("", description="MQTT 5 shared subscription: several agents share the load")
    max_inflight: int = Field(200, ge=1, le=65535, description="Messages taken in and not yet on disk; the broker waits beyond")

    @field_validator("topics", "exclude")
    @classmethod
    def _are_filters(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        faults = [f"topic filter {one[:100]!r} {fault}" for one in values if (fault := _filter_fault(one))]
        if faults:
            raise ValueError("; ".join(faults))
        return values

    @field_validator("share_group")
    @classmethod
    def _one_level(cls, value: str) -> str:
        return _level(value)


class UplinkConfig(BrokerConfig):
    """The broker that readings go to; unused (readings go to the devices' broker) unless ``enabled``."""

    enabled: bool = False


class ModelConfig(Section):
    """The reader."""

    folder: str = Field("", description="Empty: the model that came with this version")
    threads: int = Field(0, ge=0, le=64, description="0: one a core")
    kernel: Literal["auto", "int4", "int8"] = Field("auto", description="auto: int8 where the first start finds it three times as fast")
    queue_limit: int = Field(64, ge=1, description="Messages waiting for the model; more go to quarantine and are read later")
    deadline_seconds: float = Field(20.0, gt=0)


class ExtractConfig(Section):
    """How messages are read."""

    threshold: float = Field(0.35, ge=0, le=1, description="Readings less sure than this are not published")
    telegram_threshold: float = Field(0.5, ge=0, le=1, description="The same for telegrams, where a value's place says what it is")
    columns_threshold: float = Field(0.85, ge=0, le=1, description="The same for csv without a header, where nothing else says it")
    learn_threshold: float = Field(0.6, ge=0, le=1, description="Answers less sure than this become templates only when repeated")
    templates: bool = True
    templates_limit: int = Field(5000, ge=10)

    def threshold_of(self, document: Document) -> float:
        """How sure a reading of this message has to be."""
        if not document.is_coded:
            return self.threshold
        return self.telegram_threshold if document.format == "telegram" else self.columns_threshold


class OutboxConfig(Section):
    """What is kept until it is delivered."""

    max_rows: int = Field(1_000_000, ge=1000, description="Messages to deliver; the oldest are dropped beyond, and counted")
    publish_window: int = Field(100, ge=1, le=10_000, description="Publications on their way at once")
    quarantine_rows: int = Field(10_000, ge=0, description="Messages kept that could not be read")
    quarantine_days: float = Field(30, gt=0, le=MAX_DAYS)


class LimitConfig(Section):
    """A limit of one quantity, in its usual unit."""

    quantity: str
    device: str = Field("*", description="The device's name; * stands for any letters")
    low: float | None = Field(None, allow_inf_nan=False)
    high: float | None = Field(None, allow_inf_nan=False)

    @field_validator("quantity")
    @classmethod
    def _is_known(cls, value: str) -> str:
        known = quantities().get(value)
        if known is None or known.kind != "number":
            raise ValueError(f"no numeric quantity is called {value[:100]!r}")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> "LimitConfig":
        if self.low is None and self.high is None:
            raise ValueError("set low, high or both")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low must be less than high")
        return self


class SummariesConfig(Section):
    """What happened, told for each window of time: facts and a few sentences."""

    enabled: bool = True
    window_seconds: int = Field(900, ge=10, le=86400, description="Length of a window; readings belong to it by their own time")
    lateness_seconds: int = Field(60, ge=0, le=86400, description="How long a window waits for late readings before it is told")
    group_by: Literal["site", "topic", "device", "quantity"] = Field("site", description="What is told together")
    topic_level: int = Field(1, ge=1, le=20, description="The level of the topic that names the group, where group_by is topic")
    language: Literal["en", "de", "vi"] = Field("en", description="Of the sentences")
    writer: Literal["slm", "arithmetic"] = Field(
        "slm", description="Who writes the sentences: the small model, or fixed ones by arithmetic"
    )
    writer_folder: str = Field("", description="The writer's artifact; empty: the one that came with this version")
    timezone: str = Field("", description="Of the times in sentences, like Europe/Berlin; empty: the machine's")
    units: tuple[str, ...] = Field((), description='UCUM codes to write in, like "[degF]" or "[mi_i]/h", instead of the usual ones')
    limits: tuple[LimitConfig, ...] = Field(
        (), description='What is told when crossed, like [{ quantity = "temperature", device = "cold-*", low = 2, high = 8 }]'
    )
    keep_days: float = Field(
        30, gt=0, le=MAX_DAYS, description="How long summaries are kept to be asked for, and series that send no more are known"
    )
    max_series: int = Field(5000, ge=10, description="Different readings summed up; further ones are left out, and counted")

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key if value else value
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no time zone is called {value[:100]!r}; one like Europe/Berlin is wanted") from error

    @field_validator("units")
    @classmethod
    def _are_codes(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [value[:100] for value in values if value not in codes()]:
            raise ValueError(f"no UCUM codes of the agent's list: {', '.join(unknown)}")
        return values


class TelemetryConfig(Section):
    """Health and logs."""

    health_seconds: float = Field(30, gt=0, description="How often health is published")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "text"] = Field("auto", description="auto: text on a terminal, JSON lines else")


class Config(Section):
    """Everything that an agent can be told."""

    agent: str = Field("agent", min_length=1, max_length=64, description="This agent's name: a level of its topics")
    prefix: str = Field("sensorscribe", min_length=1, description="First level(s) of the agent's own topics")
    state_folder: str = Field("/var/lib/sensorscribe", description="Database with outbox, templates, quarantine, overrides")
    drain_seconds: float = Field(10, ge=0, description="Time to finish what is inside when stopping")
    mqtt: MqttConfig = MqttConfig()
    uplink: UplinkConfig = UplinkConfig()
    model: ModelConfig = ModelConfig()
    extract: ExtractConfig = ExtractConfig()
    outbox: OutboxConfig = OutboxConfig()
    summaries: SummariesConfig = SummariesConfig()
    telemetry: TelemetryConfig = TelemetryConfig()

    @field_validator("agent")
    @classmethod
    def _one_level(cls, value: str) -> str:
        return _level(value)

    @field_validator("prefix")
    @classmethod
    def _levels(cls, value: str) -> str:
        if not LEVEL.fullmatch(value) or value.startswith(("/", "$")) or value.endswith("/"):
            raise ValueError("must be topic levels without + # and control characters, not beginning with / or $, not ending with /")
        return value

    @model_validator(mode="after")
    def _together(self) -> "Config":
        for name, broker in (("mqtt", self.mqtt), ("uplink", self.uplink)):
            if bool(broker.cert_file) != bool(broker.key_file):
                raise ValueError(f"{name}: cert_file and key_file belong together; set both or none")
        if self.mqtt.share_group and self.mqtt.protocol != "5":
            raise ValueError('mqtt: share_group needs protocol = "5"')
        return self

    @property
    def root(self) -> str:
        """The agent's own topics begin with this: ``sensorscribe/<agent>``."""
        return f"{self.prefix}/{self.agent}"


class ConfigError(FatalError):
    """A configuration that is refused; ``faults`` holds (path, what is wrong) of each setting."""

    def __init__(self, origin: str, faults: list[tuple[str, str]]) -> None:
        self.faults = faults
        lines = "\n".join(f"  {path}: {text}" for path, text in faults)
        super().__init__(f"{origin}: {len(faults)} setting{'s' * (len(faults) != 1)} to correct\n{lines}")


def parse_config(table: Mapping[str, Any], origin: str = "configuration") -> Config:
    """A checked ``Config``. Raises ``ConfigError`` with every fault and its path."""
    try:
        return Config.model_validate(dict(table))
    except ValidationError as error:
        faults = [
            (
                ".".join(str(step) for step in fault["loc"]) or "(whole)",
                _unknown(fault["loc"]) if fault["type"] == "extra_forbidden" else fault["msg"].removeprefix("Value error, "),
            )
            for fault in error.errors()
        ]
        raise ConfigError(origin, faults) from error


def _unknown(steps: tuple[int | str, ...]) -> str:
    """What to say of a setting that does not exist: the nearest that does, or all of its table."""
    table: Any = Config
    for step in steps[:-1]:
        table = LimitConfig if isinstance(step, int) else table if step == "limits" else table.model_fields[step].annotation
    known = list(table.model_fields)
    near = difflib.get_close_matches(str(steps[-1]), known, n=1)
    return f"there is no such setting; did you mean {near[0]}?" if near else f"there is no such setting; there are {', '.join(known)}"


def read_table(path: Path | None) -> dict[str, Any]:
    """The TOML file as a table; empty without one. Raises ``ConfigError``."""
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(str(path), [("(file)", f"cannot be read: {error.strerror}")]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        hint = '; text stands in quotes: name = "text"' if "Invalid value" in str(error) else ""
        raise ConfigError(str(path), [("(file)", f"is no TOML: {error}{hint}")]) from error


def load_config(path: Path | None) -> Config:
    """The configuration of a file, or the defaults. Raises ``ConfigError``."""
    return parse_config(read_table(path), str(path) if path else "configuration")


def merge_patch(target: Any, patch: Any) -> Any:
    """A JSON merge patch applied (RFC 7396, section 2): null removes, tables merge, everything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def password(broker: BrokerConfig, section: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The password of ``mqtt`` or ``uplink``: environment before file.

    Raises ``ConfigError`` where the file cannot be read, or where there is a password and no name to go with it.
    """
    variable = f"SENSORSCRIBE_{section.upper()}_PASSWORD"
    if variable not in environment and not broker.password_file:
        return None
    if not broker.username:
        origin = variable if variable in environment else f"{section}.password_file"
        raise ConfigError("configuration", [(f"{section}.username", f"is empty though {origin} is set: a password needs a user name")])
    if variable in environment:
        return environment[variable]
    try:
        return Path(broker.password_file).read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise ConfigError("configuration", [(f"{section}.password_file", f"{broker.password_file} cannot be read: {said}")]) from error
