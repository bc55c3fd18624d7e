"""What a message adds to windows: in the usual unit, by its own time where that can be believed, in its group."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.domain.message import Message
from agent.domain.observation import to_instant
from agent.domain.reading import Reading
from agent.summarise.observe import Grouping, observed

NOW = datetime(2026, 5, 1, 10, 7, tzinfo=UTC)
MESSAGE = Message("m1", "home/attic/sensor7", b"{}", NOW)
GROUPING = Grouping(900_000_000, "site", 1, "site", 7 * 86_400_000_000)


def reading(value=71.3, quantity="temperature", unit="[degF]", usual=(21.83, "Cel"), plausible=True):
    """A reading of the attic."""
    value_si, unit_si = usual or (None, None)
    return Reading("tempF", quantity, str(value), 0, value, unit, 0.9, "slm", None, value_si, unit_si, plausible)


def observe(*readings, time=NOW, source="payload", reason=None, grouping=GROUPING, message=MESSAGE):
    """What a message with readings adds."""
    return observed(message, "attic-7", time, source, readings, reason, grouping)


def test_value_counts_in_the_usual_unit():
    """So that a device in Fahrenheit and one in Celsius can be compared."""
    (one,) = observe(reading()).observations
    assert (one.value, one.series.unit, one.series.device, one.series.name) == (21.83, "Cel", "attic-7", "tempF")
    (raw,) = observe(reading(unit="[foo]", usual=None)).observations
    assert (raw.value, raw.series.unit) == (71.3, "[foo]")


@pytest.mark.parametrize(
    ("value", "quantity", "kept"),
    [(True, "door", 1), ("ajar", "door", "ajar"), ("auto", "mode", "auto"), ("hello\ud800", "message", "hello?"),
     ("n/a", "temperature", None),
     ("2026-05-01T10:00:00Z", "timestamp", None), (5, "count", 5.0)],
)  # fmt: skip
def test_value_is_kept_as_its_kind_needs_it(value, quantity, kept):
    """Binaries as 0 and 1, words as they are, what is no value of its kind not at all."""
    found = observe(reading(value, quantity, None, None)).observations
    assert [one.value for one in found] == ([] if kept is None else [kept])


@pytest.mark.parametrize(
    ("minutes", "source", "start"),
    [
        (-20, "payload", 45),
        (-20, "payload_assumed_utc", 60),
        (-20, "arrival", 60),
        (5, "payload", 60),
        (0.5, "payload", 60),
        (-7 * 1440, "payload", 60),
        (-7 * 1440 + 7, "payload", 60 - 7 * 1440),
    ],
)
def test_reading_belongs_to_the_window_of_a_time_that_can_be_believed(minutes, source, start):
    """A stated time with its zone and not ahead of arrival; else arrival."""
    (one,) = observe(reading(), time=NOW + timedelta(minutes=minutes), source=source).observations
    assert to_instant(one.window.start) == datetime(2026, 5, 1, 9, tzinfo=UTC) + timedelta(minutes=start)


def test_sample_counts_when_it_was_measured():
    """A message may bring what its device kept for hours: each reading by its own time, as far as that can be believed."""
    old = NOW - timedelta(hours=1)
    made = observe(reading(), replace(reading(), time=old), replace(reading(), time=NOW - timedelta(days=9))).observations
    assert [to_instant(one.time) for one in made] == [NOW, old, NOW]
    (unsure,) = observe(replace(reading(), time=old), source="payload_assumed_utc").observations
    assert to_instant(unsure.time) == NOW


@pytest.mark.parametrize(
    ("minutes", "source", "counts"),
    [
        (0, "arrival", False),
        (-20, "payload", True),
        (0.5, "payload", True),
        (-20, "payload_assumed_utc", False),
        (5, "payload", False),
        (-9 * 1440, "payload", False),
    ],
)
def test_retained_message_counts_by_a_time_of_its_own_alone(minutes, source, counts):
    """It arrives when the agent subscribes: a sensor that died months ago must not look alive. A fresh message counts all the same."""
    time = NOW + timedelta(minutes=minutes)
    made = observe(reading(), reading(plausible=False), time=time, source=source, message=replace(MESSAGE, retain=True))
    assert (len(made.observations), len(made.noted), made.retained) == ((1, 1, 0) if counts else (0, 0, 2))
    fresh = observe(reading(), time=time, source=source)
    assert (len(fresh.observations), fresh.retained) == (1, 0)


def test_samples_of_a_retained_message_count_each_by_its_own_time():
    """Rows that say when they were measured are worth as much as if they had just come; what is never summed up is not left out."""
    kept = replace(MESSAGE, retain=True)
    early = replace(reading(), time=NOW - timedelta(hours=1))
    made = observe(early, replace(early, time=NOW - timedelta(days=9)), time=NOW, message=kept)
    assert ([to_instant(one.time) for one in made.observations], made.retained) == ([NOW - timedelta(hours=1)], 1)
    assert observe(reading("n/a", "temperature", None, None), source="arrival", message=kept).retained == 0


@pytest.mark.parametrize(
    ("by", "level", "group"),
    [("site", 1, "site"), ("topic", 1, "home"), ("topic", 2, "attic"), ("topic", 9, "sensor7"), ("device", 1, "attic-7"),
     ("quantity", 1, "temperature")],
)  # fmt: skip
def test_group_is_what_the_site_wants_to_be_told_together(by, level, group):
    """The site, a level of the topic (the last where there are fewer), the device or the quantity."""
    made = observe(reading(), grouping=replace(GROUPING, by=by, topic_level=level))
    assert [one.window.group for one in made.observations] == [group]


def test_impossible_values_and_unread_messages_are_noted():
    """They are counted and not measured."""
    made = observe(reading(plausible=False), reason="low_confidence")
    assert made.observations == ()
    for huge in (1e101, -1e200, math.inf, math.nan, 10**400):
        (one,) = observe(reading(huge, usual=None)).noted
        assert one.kind == "implausible"
    assert [(one.kind, one.detail) for one in made.noted] == [("implausible", ""), ("unread", "low_confidence")]
