"""Numbers, units, times and names as a person writes them."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.domain.quantity import quantities
from agent.normalise import linear
from agent.summarise import Style, narrate
from agent.summarise.facts import Facts, Gap, Increase, Silence, Span, Steady, Step
from agent.summarise.tables import read_tsv, rule_of
from agent.summarise.wording import written

from made_facts import START, numbered  # isort: skip


def shown(fact, **style):
    """A fact's fields as they are written."""
    facts = numbered([fact])
    return written(facts.facts[0], facts, Style(**{"zone": UTC, **style}))


def step(before, after, quantity="temperature", unit="Cel"):
    """A step."""
    return Step(device="d", quantity=quantity, unit=unit, before=before, after=after, at=START)


@pytest.mark.parametrize(
    ("fact", "before", "after"),
    [
        (step(21.333333, 24.86), "21.3 °C", "24.9 °C"), (step(-0.01, 2), "0.0 °C", "2.0 °C"),
        (step(48.4, 53.6, "humidity", "%"), "48 %", "54 %"),
        (step(1013.21, 1009.96, "atmospheric_pressure", "hPa"), "1013 hPa", "1010 hPa"),
        (step(0.01234, 0.0567, "pressure", "bar"), "0.0123 bar", "0.0567 bar"), (step(12345.6, 20000, "power", "W"), "12346 W", "20000 W"),
        (step(7.12, 7.48, "ph", "[pH]"), "7.1", "7.5"), (step(90, 180, "wind_direction", "deg"), "90°", "180°"),
        (step(60, 80, "heart_rate", "/min"), "60 /min", "80 /min"), (step(8.0, 8.04), "8.00 °C", "8.04 °C"),
    ],
)  # fmt: skip
def test_numbers_have_sensible_digits_and_their_units(fact, before, after):
    """By the quantity; more digits where two values would else look equal."""
    fields = shown(fact)
    assert (fields["before"], fields["after"]) == (before, after)


def test_site_may_want_other_units():
    """Levels with their offset, changes without it; what does not convert stays."""
    style = {"units": ("[degF]",), "convert": linear}
    assert shown(step(0, 25), **style)["after"] == "77.0 °F"
    steady = Steady(device="d", quantity="temperature", unit="Cel", mean=20, low=19, high=21, median=20, deviation=1, count=3)
    assert shown(steady, **style)["deviation"] == "1.8 °F"
    assert shown(step(40, 50, "humidity", "%"), **style)["after"] == "50 %"


def test_increase_keeps_the_digits_it_needs():
    """A hundredth of a kilowatt-hour is not nothing."""
    made = [Increase(device="d", quantity="energy", unit="kW.h", increase=value) for value in (0.42, 0.0042, 12.3456)]
    assert [shown(fact)["increase"] for fact in made] == ["0.42 kWh", "0.0042 kWh", "12.35 kWh"]


def test_languages_write_decimals_durations_and_names_their_way():
    """A comma in German and Vietnamese."""
    gap = Gap(device="d", begin=START, end=START + timedelta(hours=2), duration=5640)
    assert [shown(gap, language=language)["duration"] for language in ("en", "de", "vi")] == ["1.6 h", "1,6 h", "1,6 giờ"]
    brief = Gap(device="d", begin=START, end=START + timedelta(hours=2), duration=0.2)
    assert [shown(brief, language=language)["duration"] for language in ("en", "vi")] == ["< 1 s", "< 1 giây"]
    assert [shown(step(1, 2), language=language)["quantity"] for language in ("en", "de", "vi")] == [
        "temperature",
        "Temperatur",
        "nhiệt độ",
    ]


def test_times_are_the_sites_with_the_date_where_it_is_another_day():
    """Half past eleven in the evening of the day before."""
    silence = Silence(device="d", last=START - timedelta(hours=12), usual=60)
    assert shown(silence)["last"] == "2026-04-30 22:00"
    assert shown(silence, zone=ZoneInfo("Asia/Ho_Chi_Minh"))["last"] == "05:00"


@pytest.mark.parametrize(
    ("begin", "length", "told"),
    [(0, 20, "10:00:13"), (-300, 900, "10:00"), (14 * 3600 - 900, 900, "10:00"), (14 * 3600, 900, "2026-05-01 10:00")],
)
def test_time_has_seconds_in_a_short_window_and_no_date_in_one_that_ends_at_midnight(begin, length, told):
    """Of ``START`` and thirteen seconds."""
    start = START + timedelta(seconds=begin)
    facts = Facts(group="site", window=Span(start=start, end=start + timedelta(seconds=length)), facts=(
        Silence(id="f1", device="d", last=START + timedelta(seconds=13), usual=2),))  # fmt: skip
    assert written(facts.facts[0], facts, Style(zone=UTC))["last"] == told
    assert narrate(facts, Style(zone=UTC)).faithful


@pytest.mark.parametrize(
    ("name", "told"),
    [("attic-7", "attic-7"), ("a\nb\x00 c", "a b c"), ("", "?"), ("x" * 70, "x" * 59 + "…"), ("temperature", "“temperature”")],
)
def test_name_of_a_device_is_one_line_and_never_taken_for_our_words(name, told):
    """Whatever a payload says a device is called."""
    assert shown(Silence(device=name, last=START, usual=60))["device"] == told


def test_every_quantity_has_a_rule_and_every_table_its_rows():
    """A quantity that is added is summed up and named too."""
    kinds = {name: quantity.kind for name, quantity in quantities().items()}
    assert {row["name"] for row in read_tsv("treatments.tsv")} == {name for name, kind in kinds.items() if kind == "number"}
    assert {row["name"] for row in read_tsv("words/quantities.tsv")} == {name for name, kind in kinds.items() if kind != "time"}
    assert {row["name"] for row in read_tsv("words/states.tsv")} == {name for name, kind in kinds.items() if kind == "binary"}
    assert all(rule_of(name) for name in kinds)
