"""What happened in a window, as typed facts: the published form of a summary. ``facts.schema.json`` beside this file is its schema.

A field's kind says how its value is written in a sentence (``{f3.value}``); everything that a sentence may say stands in a field.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

FieldKind = Literal["number", "change", "rate", "count", "time", "duration", "name", "names", "quantity", "state", "word"]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a field is written: numbers with the fact's unit, a change without its offset, a rate per hour."""

    kind: FieldKind


Number = Annotated[float, Field(allow_inf_nan=False), Kind("number")]
Change = Annotated[float, Field(allow_inf_nan=False), Kind("change")]
Rate = Annotated[float, Field(allow_inf_nan=False), Kind("rate")]
Count = Annotated[int, Field(ge=0), Kind("count")]
Instant = Annotated[AwareDatetime, Kind("time")]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False), Kind("duration")]
Name = Annotated[str, Kind("name")]
Names = Annotated[tuple[str, ...], Kind("names")]
QuantityName = Annotated[str, Kind("quantity")]
State = Annotated[str, Kind("state")]
Word = Annotated[str, Kind("word")]


class Strict(BaseModel):
    """Frozen, with all its fields known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FactBase(Strict):
    """What every fact has.

    ``essential`` fields make the statement, ``ordered`` ones come in this order in a sentence, and ``apart`` ones are written with
    as many digits as it takes to tell them apart.
    """

    essential: ClassVar[tuple[str, ...]] = ()
    ordered: ClassVar[tuple[str, ...]] = ()
    apart: ClassVar[tuple[str, ...]] = ()

    type: str
    id: str = Field("", pattern=r"^(f[1-9][0-9]*)?$", description="f1, f2 … in the order of importance")
    must_say: bool = Field(False, description="A text without it is incomplete")
    rank: float = Field(0.0, description="Importance; the greater, the earlier")
    also: Names = Field((), description="Other devices of which the same may be said")

    @property
    def sign(self) -> int:
        """1 where it goes or lies up, -1 where down, 0 where neither."""
        return 0


class SeriesFact(FactBase):
    """A fact of one series of one device."""

    device: Name
    quantity: QuantityName
    name: str | None = Field(None, description="The reading's name, where the device has several of this quantity")
    unit: str | None = Field(None, description="UCUM code of the numbers")


class Sided(SeriesFact):
    """Beyond something: the side says which way."""

    side: Literal["above", "below"]

    @property
    def sign(self) -> int:
        """The side's."""
        return 1 if self.side == "above" else -1


class Moved(SeriesFact):
    """From one value to another."""

    before: Number
    after: Number

    @property
    def sign(self) -> int:
        """The way of the change."""
        return (self.after > self.before) - (self.after < self.before)


class Alarm(SeriesFact):
    """A binary in its alarm state, or a word of a fault."""

    essential = ("device", "quantity", "state")
    type: Literal["alarm"] = "alarm"
    state: State
    since: Instant | None = None
    duration: Seconds | None = Field(None, description="Time in that state within the window")
    ongoing: bool = True


class Limit(Sided):
    """A configured limit was crossed."""

    essential = ("device", "quantity", "limit", "extreme")
    apart = ("limit", "extreme")
    type: Literal["limit"] = "limit"
    limit: Number
    extreme: Number
    at: Instant = Field(description="First crossing")
    duration: Seconds = Field(description="Time beyond the limit within the window")


class Silence(FactBase):
    """A device that sends regularly has not been heard for several of its intervals."""

    essential = ("device", "last")
    type: Literal["silence"] = "silence"
    device: Name
    last: Instant
    usual: Seconds = Field(description="Its usual interval")


class Unusual(Sided):
    """Beyond the range learned over days."""

    essential = ("device", "quantity", "extreme")
    apart = ("usual", "extreme")
    type: Literal["unusual"] = "unusual"
    extreme: Number
    usual: Number = Field(description="The end of the learned range")
    at: Instant


class Stuck(SeriesFact):
    """The same value all the time, of a series that varies otherwise."""

    essential = ("device", "quantity", "value")
    type: Literal["stuck"] = "stuck"
    value: Number
    since: Instant


class Gap(FactBase):
    """A device that sends regularly was not heard for several of its intervals, and is back."""

    essential = ("device", "duration")
    ordered = ("begin", "end")
    type: Literal["gap"] = "gap"
    device: Name
    begin: Instant
    end: Instant
    duration: Seconds


class Restart(FactBase):
    """A device's uptime began again."""

    essential = ("device",)
    type: Literal["restart"] = "restart"
    device: Name
    count: Count


class Step(Moved):
    """The level changed at once and stayed."""

    essential = ("device", "quantity", "before", "after")
    ordered = ("before", "after")
    apart = ("before", "after")
    type: Literal["step"] = "step"
    at: Instant


class Spike(SeriesFact):
    """For a moment far from where it usually was."""

    essential = ("device", "quantity", "extreme")
    apart = ("usual", "extreme")
    type: Literal["spike"] = "spike"
    extreme: Number
    usual: Number
    at: Instant

    @property
    def sign(self) -> int:
        """The way of the spike."""
        return 1 if self.extreme > self.usual else -1


class Trend(Moved):
    """A steady change over the window."""

    essential = ("device", "quantity", "before", "after")
    ordered = ("before", "after")
    apart = ("before", "after")
    type: Literal["trend"] = "trend"
    rate: Rate = Field(description="Per hour")


class Texts(FactBase):
    """Messages of a device in words, counted; the commonest with its numbers masked."""

    essential = ("device", "count")
    type: Literal["texts"] = "texts"
    device: Name
    count: Count
    kinds: dict[str, int] = Field(description="How many of each kind")
    commonest: Word


class Changed(SeriesFact):
    """A binary or a state changed."""

    essential = ("device", "quantity", "state")
    type: Literal["changed"] = "changed"
    changes: Count
    state: State = Field(description="The last one")
    duration: Seconds | None = Field(None, description="Time in that state within the window")
    held: dict[str, float] = Field(default_factory=dict, description="Seconds in each state")


class Tally(FactBase):
    """Messages kept unread, or readings that were not counted."""

    essential = ("count",)
    type: Literal["tally"] = "tally"
    kind: Literal["unread", "late", "implausible"]
    count: Count
    reasons: dict[str, int] = Field(default_factory=dict)


class Increase(SeriesFact):
    """A counter went on."""

    essential = ("device", "quantity")
    type: Literal["increase"] = "increase"
    increase: Change
    rate: Rate | None = Field(None, description="Per hour")
    resets: Count = 0

    @property
    def sign(self) -> int:
        """What falls is told as a level."""
        return 1 if self.increase > 0 else 0


class Overview(FactBase):
    """One quantity over several devices."""

    essential = ("quantity", "low", "high")
    ordered = ("low", "high")
    type: Literal["overview"] = "overview"
    quantity: QuantityName
    unit: str | None = None
    series: Count
    mean: Number
    low: Number
    high: Number


class Bearing(SeriesFact):
    """A direction, as the mean of unit vectors."""

    essential = ("device", "quantity", "mean")
    type: Literal["bearing"] = "bearing"
    mean: Number
    steadiness: float = Field(ge=0, le=1, description="1: always the same, 0: from everywhere")


class Steady(SeriesFact):
    """A level that neither jumped nor drifted."""

    essential = ("device", "quantity", "mean")
    ordered = ("low", "high")
    type: Literal["steady"] = "steady"
    mean: Number
    low: Number
    high: Number
    median: Number
    deviation: Change = Field(description="Sample standard deviation")
    count: Count


class Held(SeriesFact):
    """A binary or a state that stayed."""

    essential = ("device", "quantity", "state")
    type: Literal["held"] = "held"
    state: State


class More(FactBase):
    """How many further facts had to be said, were there not so many."""

    essential = ("count",)
    type: Literal["more"] = "more"
    count: Count
    kinds: dict[str, int] = Field(default_factory=dict, description="How many of each type")


class Nothing(FactBase):
    """No reading came."""

    type: Literal["nothing"] = "nothing"


class Uneventful(FactBase):
    """Readings came, and none is of a kind that is told."""

    essential = ("count",)
    type: Literal["uneventful"] = "uneventful"
    count: Count


Fact = Annotated[
    Alarm | Limit | Silence | Unusual | Stuck | Gap | Restart | Step | Spike | Trend | Texts | Changed | Tally | Increase | Overview
    | Bearing | Steady | Held | More | Nothing | Uneventful,
    Field(discriminator="type"),
]  # fmt: skip


class Span(Strict):
    """A window: ``start`` belongs to it, ``end`` does not."""

    start: AwareDatetime
    end: AwareDatetime


class Counts(Strict):
    """What a summary stands on."""

    messages: int = Field(0, ge=0)
    readings: int = Field(0, ge=0)
    series: int = Field(0, ge=0)
    first_id: str | None = Field(None, description="The first message's id; ids sort by arrival")
    last_id: str | None = None


class Facts(Strict):
    """The facts of one group in one window, the most important first."""

    format: Literal["sensorscribe.facts/1"] = "sensorscribe.facts/1"
    group: str
    window: Span | None = None
    counts: Counts = Counts()
    facts: tuple[Fact, ...]


def published(facts: Facts) -> dict[str, Any]:
    """Facts as plain values for JSON, without what the schema's defaults say."""
    table = facts.model_dump(mode="json", exclude_none=True, exclude={"facts"})
    told = [{"type": fact.type, **fact.model_dump(mode="json", exclude_defaults=True, exclude={"rank"})} for fact in facts.facts]
    return {**table, "facts": told}


def facts_schema() -> dict[str, Any]:
    """The JSON schema of ``Facts``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **TypeAdapter(Facts).json_schema()}


def field_kinds(fact: FactBase) -> dict[str, FieldKind]:
    """The fields of a fact that a sentence may say and that have a value, with how each is written."""
    found: dict[str, FieldKind] = {}
    for name, info in type(fact).model_fields.items():
        if getattr(fact, name) in (None, ()):
            continue
        for mark in (*info.metadata, *(part for argument in get_args(info.annotation) for part in getattr(argument, "__metadata__", ()))):
            if isinstance(mark, Kind):
                found[name] = mark.kind
    return found


def rounded(value: float) -> float:
    """Six significant digits: what a published number needs, without the rest of a division."""
    return float(f"{value:.6g}")


def to_utc(moment: datetime) -> datetime:
    """An instant to the second: what a fact says."""
    return moment.replace(microsecond=0)
