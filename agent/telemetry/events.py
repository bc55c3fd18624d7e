"""What happens, each as a value with a name. ``Reporter`` counts every one and logs the first of its kind at once.

Repeats within a minute are only counted; the next log line says how many there were, so that a flood of bad messages
cannot flood the journal too.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import ClassVar, Literal, Protocol

import structlog

from agent.telemetry.metrics import Metrics

QUIET_SECONDS = 60.0
Level = Literal["debug", "info", "warning", "error"]


class Event(Protocol):
    """A thing that happened: which counter it adds to, and the words for the log."""

    metric: ClassVar[str]
    level: ClassVar[Level]
    sentence: ClassVar[str]

    @property
    def reason(self) -> str:
        """The counter's label, from a closed set; empty for none."""


@dataclass(frozen=True, slots=True)
class MessageQuarantined:
    """A message was kept unread, with the reason."""

    metric: ClassVar[str] = "messages_quarantined_total"
    level: ClassVar[Level] = "info"
    sentence: ClassVar[str] = "message quarantined"
    reason: str
    topic: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MessageFailed:
    """Reading a message raised what it should not: a defect of the agent. The message is quarantined."""

    metric: ClassVar[str] = "internal_errors_total"
    level: ClassVar[Level] = "error"
    sentence: ClassVar[str] = "defect while reading a message: please report it with the traceback"
    reason: str
    topic: str
    traceback: str


@dataclass(frozen=True, slots=True)
class MessagesDropped:
    """Messages or rows are gone for good."""

    metric: ClassVar[str] = "dropped_total"
    level: ClassVar[Level] = "error"
    sentence: ClassVar[str] = "dropped"
    reason: Literal["qos0_overload", "outbox_full", "quarantine_limit", "stopping", "commands_overload"]
    count: int = 1


@dataclass(frozen=True, slots=True)
class ReadingsLeftOut:
    """Readings that no summary counts. They are published all the same."""

    metric: ClassVar[str] = "readings_left_out_total"
    level: ClassVar[Level] = "info"
    sentence: ClassVar[str] = "readings left out of the summaries"
    reason: Literal["late", "duplicate", "series_limit", "retained"]
    count: int = 1


@dataclass(frozen=True, slots=True)
class DraftRefused:
    """A text that does not say what the facts say was not told; ``reason`` is what is wrong with it first."""

    metric: ClassVar[str] = "drafts_refused_total"
    level: ClassVar[Level] = "warning"
    sentence: ClassVar[str] = "text of a summary refused"
    reason: str
    group: str
    detail: str


@dataclass(frozen=True, slots=True)
class SummaryFailed:
    """Summing up a window raised what it should not: a defect of the agent. It is told without the series, or without facts."""

    metric: ClassVar[str] = "internal_errors_total"
    level: ClassVar[Level] = "error"
    sentence: ClassVar[str] = "defect while summing up a window: please report it with the traceback"
    reason: str
    group: str
    traceback: str


@dataclass(frozen=True, slots=True)
class MessageIgnored:
    """A message that is not for reading: the agent's own, excluded, or of a filter that was removed."""

    metric: ClassVar[str] = "messages_ignored_total"
    level: ClassVar[Level] = "debug"
    sentence: ClassVar[str] = "message ignored"
    reason: Literal["own_topic", "excluded", "not_subscribed"]
    topic: str


@dataclass(frozen=True, slots=True)
class MessageRedelivered:
    """The broker sent again what is here already."""

    metric: ClassVar[str] = "redeliveries_total"
    level: ClassVar[Level] = "debug"
    sentence: ClassVar[str] = "redelivered message recognised"
    reason: Literal["committed", "in_flight"]
    topic: str


@dataclass(frozen=True, slots=True)
class CommitFailed:
    """Nothing could be written; it is tried again and the broker keeps what is not acknowledged."""

    metric: ClassVar[str] = "commit_failures_total"
    level: ClassVar[Level] = "error"
    sentence: ClassVar[str] = "cannot write to the database; trying again"
    detail: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PublishFailed:
    """The broker did not take a message; it is tried again."""

    metric: ClassVar[str] = "publish_failures_total"
    level: ClassVar[Level] = "warning"
    sentence: ClassVar[str] = "publication refused; trying again"
    detail: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BrokerConnected:
    """A connection stands."""

    metric: ClassVar[str] = "connects_total"
    level: ClassVar[Level] = "info"
    sentence: ClassVar[str] = "connected to the broker"
    reason: str
    broker: str
    session_present: bool


@dataclass(frozen=True, slots=True)
class BrokerLost:
    """A connection broke or could not be made; another attempt follows."""

    metric: ClassVar[str] = "disconnects_total"
    level: ClassVar[Level] = "warning"
    sentence: ClassVar[str] = "no connection to the broker; trying again"
    reason: str
    detail: str
    retry_seconds: float


@dataclass(frozen=True, slots=True)
class SubscriptionRefused:
    """The broker does not let the agent read a topic filter."""

    metric: ClassVar[str] = "subscriptions_refused_total"
    level: ClassVar[Level] = "error"
    sentence: ClassVar[str] = "subscription refused: allow this user to read it (ACL of the broker) or remove the filter"
    topic_filter: str
    detail: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClockStepped:
    """The clock was set, or the machine slept: ``seconds`` forward, or back where they are negative."""

    metric: ClassVar[str] = "clock_steps_total"
    level: ClassVar[Level] = "warning"
    sentence: ClassVar[str] = "the clock was set; no silence is told of what came before"
    seconds: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SettingDegraded:
    """A setting or stored change that cannot be followed as it stands; the detail says what happens instead."""

    metric: ClassVar[str] = "settings_degraded_total"
    level: ClassVar[Level] = "error"
    sentence: ClassVar[str] = "setting not followed"
    reason: Literal["overrides_refused", "qos2_as_qos1", "templates_unreadable"]
    detail: str


class Reporter:
    """Counts and logs events."""

    def __init__(self, metrics: Metrics, clock: Callable[[], float] = time.monotonic) -> None:
        self.metrics = metrics
        self._clock = clock
        self._log = structlog.get_logger("agent")
        self._quiet: dict[tuple[str, str], tuple[float, int]] = {}

    def emit(self, event: Event) -> None:
        """Count an event; log it unless one of its kind was logged within the last minute."""
        name, reason = type(event).__name__, event.reason
        labels = {"reason": reason} if reason else {}
        self.metrics.inc(event.metric, int(getattr(event, "count", 1)), **labels)
        key, now = (name, reason), self._clock()
        until, skipped = self._quiet.get(key, (now, 0))
        if now < until:
            self._quiet[key] = (until, skipped + 1)
            return
        self._quiet[key] = (now + QUIET_SECONDS, 0)
        said = {field: value for field, value in asdict(event).items() if value != ""}  # type: ignore[call-overload]
        if skipped:
            said["more_since_last"] = skipped
        getattr(self._log, event.level)(event.sentence, event_name=name, **said)
