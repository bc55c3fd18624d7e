"""Filters match and cover as the standard says; any text becomes one level that every broker takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.mqtt.topics import covers, filter_fault, level_of, matches, widest

MATCHING = [
    ("#", "a/b", True), ("#", "$SYS/broker", False), ("+/b", "$SYS/b", False), ("$SYS/#", "$SYS/broker", True), ("a/#", "a", True),
    ("a/#", "a/b/c", True), ("a/+", "a", False), ("a/+", "a/", True), ("a/+/c", "a/b/c", True), ("a/+/c", "a/b/d", False),
    ("a", "a/b", False), ("+", "a", True), ("+", "/a", False), ("+/+", "/a", True), ("a/b", "a/b", True),
]  # fmt: skip


@pytest.mark.parametrize(("topic_filter", "topic", "expected"), MATCHING)
def test_filter_matches_as_the_standard_says(topic_filter, topic, expected):
    """MQTT 5, section 4.7, with its examples."""
    assert matches(topic_filter, topic) is expected


@pytest.mark.parametrize("fault", ["", "a/#/b", "a#", "a/b+", "+a/b", "a\x00b", "a\nb", "x" * 70_000, "a\ud800"])
def test_faulty_filter_is_named(fault):
    """A filter that a broker would refuse is refused here, with words."""
    assert filter_fault(fault)


@pytest.mark.parametrize("good", ["#", "+", "a/+/c/#", "/", "a//b", "$SYS/#", "größe/°C"])
def test_good_filter_has_no_fault(good):
    """Valid filters pass."""
    assert filter_fault(good) is None


LEVELS = st.lists(st.sampled_from(["a", "b", "+", ""]), min_size=1, max_size=4)
FILTERS = st.builds(lambda levels, tail: "/".join(levels + ["#"] * tail), LEVELS, st.booleans())
NAMES = st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=5).map("/".join)


@given(FILTERS, FILTERS, NAMES)
def test_what_the_covered_filter_matches_the_covering_one_matches(wide, narrow, topic):
    """Covering is about all topics at once."""
    if covers(wide, narrow) and matches(narrow, topic):
        assert matches(wide, topic)


def test_covered_filters_are_left_out():
    """Overlapping subscriptions would bring a message twice."""
    assert widest(["a/#", "a/b", "c/+", "c/d", "a/#", "+/x"]) == ["a/#", "c/+", "+/x"]


@given(st.text(max_size=300))
def test_any_text_becomes_one_valid_level(text):
    """A device may be called anything; its topic stays one level without wildcards and control characters."""
    level = level_of(text)
    assert filter_fault(f"root/readings/{level}") is None
    assert level
    assert not set("/+#\x00") & set(level)
    assert len(level) <= 128


def test_long_names_stay_apart():
    """Names that differ beyond the cut do not share a topic."""
    assert level_of("x" * 300 + "1") != level_of("x" * 300 + "2")
