"""What happened is found, ranked, and nothing is found where nothing happened."""

import json
import math
import random
from dataclasses import replace

import pytest

from agent.domain.observation import SeriesKey, Window
from agent.summarise import Counts, Memory, Scene, Seen, find_facts, learn
from agent.summarise.aggregate import aggregate_of
from agent.summarise.facts import Facts, facts_schema, published
from agent.summarise.find import OVERVIEW_SERIES
from agent.summarise.memory import LEARNED_AFTER, LEARNED_WINDOWS, NEWS_WINDOWS
from agent.summarise.parts import SECOND
from agent.summarise.rank import MAX_FACTS, MAX_MUST_SAY, MAX_OF_TYPE
from tests.conftest import ROOT

from made_facts import GAUGES  # isort: skip

MINUTE = 60 * SECOND
BEGIN = 1_777_629_600 * SECOND
WINDOW = Window(BEGIN - BEGIN % (15 * MINUTE), 15 * MINUTE, "site")
TEMPERATURE = SeriesKey("attic-7", "tempF", "temperature", "Cel")


def course(value, every=15, count=None):
    """(instant, value) pairs of a device that sends every so many seconds; ``value`` of the number of the message."""
    jitter = random.Random(1)
    count = 900 // every if count is None else count
    return [(WINDOW.start + int((number + 0.5 * jitter.random()) * every * SECOND), value(number)) for number in range(count)]


def noisy(level, noise=0.1, seed=3):
    """A level with noise; ``level`` is a number or a function."""
    chance = random.Random(seed)
    return lambda number: (level(number) if callable(level) else level) + chance.gauss(0, noise)


def seen(key, pairs, memory=None, limits=None):
    """A series with values."""
    memory = memory or Memory()
    aggregate = aggregate_of(WINDOW, key, None, pairs, lambda _: limits)
    aggregate.close(memory.before(WINDOW), WINDOW.end)
    return Seen(key, aggregate, memory)


def facts_of(*series, tallies=None, heard_since=None):
    """The facts of a window."""
    return find_facts(Scene(WINDOW, WINDOW.end, series, tallies or {}, heard_since), Counts()).facts


def only(*series, **scene):
    """The one fact of a window."""
    (fact,) = facts_of(*series, **scene)
    return fact


def test_steady_level_is_told_as_steady_whatever_the_noise():
    """Noise alone is neither step nor trend nor spike."""
    for seed in range(30):
        fact = only(seen(TEMPERATURE, course(noisy(21, 0.3, seed))))
        assert fact.type == "steady"
        assert fact.mean == pytest.approx(21, abs=0.2)


@pytest.mark.parametrize("seed", range(5))
def test_step_is_found_where_it_is(seed):
    """The levels before and after, and the moment."""
    fact = only(seen(TEMPERATURE, course(noisy(lambda number: 21 if number < 20 else 24, 0.2, seed))))
    assert (fact.type, round(fact.before), round(fact.after)) == ("step", 21, 24)
    assert abs((fact.at.timestamp() * SECOND - WINDOW.start) / SECOND - 300) < 40


@pytest.mark.parametrize("seed", range(5))
def test_trend_is_found_with_its_rate(seed):
    """Six degrees an hour down."""
    fact = only(seen(TEMPERATURE, course(noisy(lambda number: 21 - number * 0.1, 0.1, seed))))
    assert fact.type == "trend"
    assert fact.sign == -1
    assert fact.rate == pytest.approx(-24, rel=0.1)


def test_spike_is_one_value_far_from_the_others():
    """It is told with what is usual; the level is not told again."""
    fact = only(seen(TEMPERATURE, course(lambda number: 60.0 if number == 30 else 21 + 0.01 * (number % 3))))
    assert (fact.type, fact.extreme, fact.sign) == ("spike", 60.0, 1)


def test_limit_crossed_is_told_with_time_and_extreme():
    """It must be said."""
    fact, *_ = facts_of(seen(TEMPERATURE, course(lambda number: 9.5 if 20 <= number < 40 else 5.0), limits=(-math.inf, 8.0, True)))
    assert (fact.type, fact.side, fact.limit, fact.extreme, fact.must_say) == ("limit", "above", 8.0, 9.5, True)
    assert fact.duration == pytest.approx(300, abs=20)


def test_limit_that_the_site_has_not_set_is_news_once():
    """A battery that is low today was low yesterday."""
    key, low = SeriesKey("d", "b", "battery", "%"), (15, math.inf, False)
    new, old = (
        only_limit(seen(key, course(lambda n: 10.0), memory, low)) for memory in (None, Memory(last=10.0, last_time=WINDOW.start - 1))
    )
    assert not new.must_say
    assert new.rank > 60 > 20 > old.rank


def only_limit(series):
    """The limit of a series that was crossed."""
    return next(fact for fact in facts_of(series) if fact.type == "limit")


def learned(value, windows, key=TEMPERATURE, every=15):
    """The memory after windows of a course, and the last window's place before ``WINDOW``."""
    memory = Memory()
    for number in range(windows, 0, -1):
        window = Window(WINDOW.start - number * WINDOW.length, WINDOW.length, "site")
        shift = number * WINDOW.length
        pairs = [(time - shift, one) for time, one in course(value, every)]
        made = aggregate_of(window, key, None, pairs, lambda _: None)
        memory = Memory.from_json(learn(memory, made, Seen(key, made, memory).is_eventful).to_json())
    return memory


def test_value_beyond_the_learned_range_is_unusual_after_a_day():
    """Not before: a morning is not unusual after a night."""
    day = LEARNED_AFTER // WINDOW.length
    assert day >= LEARNED_WINDOWS
    hot = course(noisy(26))
    assert {fact.type for fact in facts_of(seen(TEMPERATURE, hot, learned(noisy(21), 30)))} == {"steady"}
    fact, *_ = facts_of(seen(TEMPERATURE, hot, learned(noisy(21), day)))
    assert (fact.type, fact.side) == ("unusual", "above")
    assert fact.usual == pytest.approx(21.3, abs=0.3)


def test_equal_values_are_stuck_only_where_they_use_to_vary():
    """A setpoint is always the same, a thermometer is not."""
    still = course(lambda number: 21.5)
    assert only(seen(TEMPERATURE, still)).type == "steady"
    fact = only(seen(TEMPERATURE, still, learned(noisy(21), NEWS_WINDOWS)))
    assert (fact.type, fact.value) == ("stuck", 21.5)


def test_stuck_is_measured_by_the_longest_run_before_and_zero_is_no_fault():
    """A coarse sensor often repeats itself; a machine that is off has no power for hours."""
    coarse = learned(lambda number: float(number // 30), NEWS_WINDOWS)
    assert coarse.still >= 300 * SECOND
    assert only(seen(TEMPERATURE, course(lambda number: 21.5), coarse)).type == "steady"
    long_ago = replace(learned(noisy(21), NEWS_WINDOWS), last=21.5, run_start=WINDOW.start - 3600 * SECOND)
    fact = only(seen(TEMPERATURE, course(lambda number: 21.5), long_ago))
    assert (fact.type, fact.since.timestamp() * SECOND) == ("stuck", WINDOW.start - 3600 * SECOND)
    assert only(seen(TEMPERATURE, course(lambda number: 0.0), long_ago)).type == "steady"


def test_silence_of_a_regular_device_must_be_said_where_somebody_listened():
    """Its own rhythm is the measure; while the agent had no connection nothing can be said."""
    memory = learned(noisy(21), 3)
    gone = seen(TEMPERATURE, course(noisy(21), count=20), memory)
    listened = WINDOW.start - MINUTE
    silence = next(fact for fact in facts_of(gone, heard_since=listened) if fact.type == "silence")
    assert (silence.device, silence.must_say) == ("attic-7", True)
    assert silence.usual == pytest.approx(15, abs=2)
    assert all(fact.type != "silence" for fact in facts_of(gone, heard_since=None))
    assert all(fact.type != "silence" for fact in facts_of(gone, heard_since=WINDOW.end - SECOND))
    quiet = Seen(TEMPERATURE, None, memory)
    assert only(quiet, heard_since=listened).type == "silence"


def test_irregular_device_is_never_silent():
    """A door that nobody opens has nothing to say."""
    key, chance = SeriesKey("door", "state", "door", ""), random.Random(2)
    times = sorted(chance.randrange(300 * SECOND) for _ in range(20))
    one = seen(key, [(WINDOW.start + time, number % 2) for number, time in enumerate(times)])
    assert {fact.type for fact in facts_of(one, heard_since=WINDOW.start - MINUTE)} == {"changed"}


def test_gap_is_told_when_the_device_is_back():
    """From the last value before to the first one behind."""
    pairs = [pair for pair in course(noisy(21)) if not 20 <= (pair[0] - WINDOW.start) // (15 * SECOND) < 40]
    gap = next(fact for fact in facts_of(seen(TEMPERATURE, pairs), heard_since=WINDOW.start - MINUTE) if fact.type == "gap")
    assert gap.duration == pytest.approx(315, abs=20)


@pytest.mark.parametrize(
    ("quantity", "value", "alarm"),
    [("leak", 1, "on"), ("leak", 0, None), ("connectivity", 0, "off"), ("connectivity", 1, None), ("door", 1, None),
     ("alarm_state", "HIGH HIGH", "HIGH HIGH"), ("alarm_state", "Normal", None), ("error_code", "E17", "E17"), ("error_code", "0", None),
     *((quantity, word, None) for quantity in ("alarm_state", "error_code", "status") for word in (
         "disarmed", "armed_home", "no error", "nominal", "not_triggered", "normal operation", "false", "OK", "0", "none", "E00",
         "no active alarm",
         "fault cleared", "Alarm aus", "kein Fehler", "keine aktive Störung", "không có lỗi", "sin fallo", "0 errors", "error: 0", "zone 1",
         "alarm armed", "fault code 0", "xyz")),
     *(("alarm_state", word, word) for word in ("HIGH", "triggered", "ausgelöst", "in alarm", "true", "Low Temp", "báo động", "1")),
     *(("status", word, word) for word in ("pump fault", "HighTempFault3", "Sammelstörung",
         "OVER_CURRENT FAULT", "sự cố", "défaut 12", "Fehler Brenner")),
     ("error_code", "17", "17"), ("status", "triggered", None), ("status", "1", None),
     ("status", "FAULT", "FAULT"), ("status", "running", None), ("mode", "Störung", "Störung")],
)  # fmt: skip
def test_state_that_is_an_alarm_must_be_said(quantity, value, alarm):
    """By the quantity's table, or by a known word of a fault that nothing denies."""
    fact = only(seen(SeriesKey("d", "n", quantity, ""), course(lambda number: value)))
    assert (fact.type, fact.must_say) == (("alarm", True) if alarm else ("held", False))
    assert fact.state == alarm or alarm is None


def test_alarm_that_began_before_has_no_beginning_here():
    """One that began in the window has; one that is over has its time."""
    key = SeriesKey("sink", "leak", "leak", "")
    before = Memory(last_time=WINDOW.start - MINUTE, last=1)
    assert only(seen(key, course(lambda number: 1), before)).since is None
    assert only(seen(key, course(lambda number: int(number > 30)))).since is not None
    over = only(seen(key, course(lambda number: int(number < 20))))
    assert (over.ongoing, over.since) == (False, None)
    assert over.duration == pytest.approx(300, abs=20)


def test_alarm_of_which_nothing_comes_is_still_open():
    """Until it is over, or a day has passed; how long it held is not claimed for ever."""
    key = SeriesKey("sink", "leak", "leak", "")
    for age, duration in ((10, 900), (90, 0)):
        fact = only(Seen(key, None, Memory(last_time=WINDOW.start - age * MINUTE, last=1)))
        assert (fact.type, fact.must_say, fact.ongoing, fact.since, fact.duration) == ("alarm", True, True, None, duration)
    assert only(Seen(key, None, Memory(last_time=WINDOW.start - 10 * MINUTE, last=0))).type == "nothing"
    assert only(Seen(key, None, Memory(last_time=WINDOW.start - 24 * 60 * MINUTE, last=1))).type == "nothing"


def test_value_of_long_ago_tells_what_has_changed_but_not_how_long_it_held():
    """A meter read once a day increases, a door that was closed yesterday is open now."""
    long_ago = WINDOW.start - 24 * 60 * MINUTE
    meter = seen(SeriesKey("meter", "kwh", "energy", "kW.h"), [(WINDOW.start + MINUTE, 124.0)], Memory(last_time=long_ago, last=100.0))
    assert only(meter).increase == 24.0
    door = only(seen(SeriesKey("d", "n", "door", ""), [(WINDOW.start + 5 * MINUTE, 1)], Memory(last_time=long_ago, last=0)))
    assert (door.type, door.changes, door.held) == ("changed", 1, {"off": 0, "on": 600})


@pytest.mark.parametrize(("every", "windows"), [(150, 2), (450, 6), (900, 10)])
def test_slow_device_has_a_rhythm_after_some_windows(every, windows):
    """Its intervals are kept until there are enough."""
    memory = learned(noisy(21), windows, every=every)
    assert memory.interval == pytest.approx(every, rel=0.4)
    silence = only(Seen(TEMPERATURE, None, replace(memory, last_time=WINDOW.end - 6 * every * SECOND)), heard_since=BEGIN - 86400 * SECOND)
    assert (silence.type, silence.usual) == ("silence", pytest.approx(every, rel=0.4))


def test_rhythm_that_a_window_contradicts_is_dropped():
    """A device that sends less often from now on is not silent; neither is one that has no rhythm any more."""
    fast = learned(noisy(21), 3)
    slower = seen(TEMPERATURE, course(noisy(21), every=250), fast)
    assert {fact.type for fact in facts_of(slower, heard_since=WINDOW.start - MINUTE)} == {"steady"}
    assert learn(fast, slower.aggregate).interval is None
    slow = seen(TEMPERATURE, course(noisy(21), every=90), fast)
    assert learn(fast, slow.aggregate).interval == pytest.approx(90, rel=0.1)
    chance = random.Random(4)
    times = sorted(WINDOW.start + int(900 * chance.random() ** 4) * SECOND for _ in range(20))
    irregular = seen(TEMPERATURE, [(time, 21.0) for time in times], fast)
    assert {fact.type for fact in facts_of(irregular, heard_since=WINDOW.start - MINUTE)} == {"steady"}


def test_counter_tells_its_increase_with_the_value_before_the_window():
    """A meter that reports once a window increases too."""
    key, memory = SeriesKey("meter", "kwh", "energy", "kW.h"), Memory(last_time=WINDOW.start - MINUTE, last=100.0)
    fact = only(seen(key, [(WINDOW.start + MINUTE, 100.5)], memory))
    assert (fact.type, fact.increase, fact.resets) == ("increase", 0.5, 0)
    assert fact.rate == 15.0, "half a unit in two minutes"
    assert only(seen(key, [(WINDOW.start + MINUTE, 1.0), (WINDOW.start + 4 * MINUTE, 2.0)])).rate == 20.0
    assert facts_of(seen(key, [(WINDOW.start + MINUTE, 1.0)]))[0].type == "uneventful"


def test_balance_below_zero_counts_in_both_directions():
    """A meter of feed-in less consumption: it cannot begin again."""
    key = SeriesKey("meter", "kwh", "energy", "kW.h")
    up = only(seen(key, course(lambda number: -100.0 + number)))
    assert (up.type, up.increase, up.resets) == ("increase", 59.0, 0)
    down = only(seen(key, course(lambda number: 5.0 - number)))
    assert (down.type, down.low) == ("steady", -54.0)


def test_restart_texts_direction_and_tallies():
    """Uptime that began again, messages in words, wind from north, messages kept unread."""
    found = {
        fact.type: fact
        for fact in facts_of(
            seen(SeriesKey("box", "up", "uptime", "s"), course(lambda number: (number % 40) * 15.0)),
            seen(SeriesKey("box", "msg", "message", ""), course(lambda number: f"trip {number}", every=300)),
            seen(SeriesKey("roof", "dir", "wind_direction", "deg"), course(lambda number: (350 + 20 * (number % 2)) % 360)),
            tallies={("unread", "binary"): 2, ("unread", "empty"): 1, ("late", ""): 4},
        )
    }
    assert set(found) == {"restart", "texts", "bearing", "tally"}
    assert found["texts"].kinds == {"trip #": 3}
    assert min(found["bearing"].mean, 360 - found["bearing"].mean) < 1e-3
    tally = next(one for one in facts_of(tallies={("unread", "binary"): 2, ("unread", "empty"): 1}) if one.type == "tally")
    assert (tally.kind, tally.count, tally.reasons) == ("unread", 3, {"binary": 2, "empty": 1})


def test_many_levels_of_a_quantity_are_one_fact():
    """Nobody reads the temperature of forty rooms one by one."""
    series = [seen(SeriesKey(f"room{number}", "t", "temperature", "Cel"), course(noisy(20 + number, 0.1, number))) for number in range(5)]
    fact = only(*series)
    assert (fact.type, fact.series) == ("overview", 5)
    assert fact.low < 20.5 < 23.5 < fact.high
    assert {one.type for one in facts_of(*series[: OVERVIEW_SERIES - 1])} == {"steady"}


def test_two_readings_of_one_quantity_are_told_apart_by_name():
    """A device with one thermometer is not called by its key."""
    inside, outside = (SeriesKey("d", name, "temperature", "Cel") for name in ("in", "out"))
    assert {fact.name for fact in facts_of(seen(inside, course(noisy(20))), seen(outside, course(noisy(5))))} == {"in", "out"}
    assert only(seen(inside, course(noisy(20)))).name is None


def test_facts_are_ranked_numbered_and_bounded():
    """What must be said first; more of it than a person reads is counted."""
    faults = [seen(SeriesKey(f"unit{one}", "e", "error_code", ""), course(lambda _, one=one: f"E{one}", every=300)) for one in range(1, 41)]
    found = facts_of(*faults, seen(TEMPERATURE, course(noisy(20))))
    assert [fact.id for fact in found] == [f"f{number}" for number in range(1, len(found) + 1)]
    assert [fact.type for fact in found] == ["alarm"] * MAX_MUST_SAY + ["more", "steady"]
    assert (found[MAX_MUST_SAY].count, found[MAX_MUST_SAY].kinds) == (40 - MAX_MUST_SAY, {"alarm": 40 - MAX_MUST_SAY})
    modes = [seen(SeriesKey(f"unit{one}", "m", "mode", ""), course(lambda n, one=one: f"{one}-{n}", every=300)) for one in range(40)]
    assert [fact.type for fact in facts_of(*modes)] == ["changed"] * MAX_OF_TYPE
    assert len(facts_of(*faults, *modes, *(seen(SeriesKey("d", name, name, ""), course(noisy(20))) for name in GAUGES[:20]))) <= MAX_FACTS


def test_what_happened_alike_at_several_devices_is_one_fact():
    """At about the same time; what happened later is another one."""
    early = [
        seen(SeriesKey(f"pump{number}", "p", "power", "W"), course(noisy(lambda n: 90 if n < 20 else 400, 2, number)))
        for number in range(3)
    ]
    late = seen(SeriesKey("pump9", "p", "power", "W"), course(noisy(lambda n: 90 if n < 45 else 400, 2)))
    first, second = facts_of(*early, late)
    assert {first.device, *first.also} == {"pump0", "pump1", "pump2"}
    assert (second.device, second.also) == ("pump9", ())


def test_unlike_numbers_are_told_apart():
    """One device's numbers say nothing of another kind of device."""
    kettle, heater = (
        seen(SeriesKey(name, "p", "power", "W"), course(noisy(lambda n, to=to: 90 if n < 20 else to, 2)))
        for name, to in (("kettle", 2000), ("heater", 400))
    )
    assert [(fact.device, fact.also) for fact in facts_of(kettle, heater)] == [("kettle", ()), ("heater", ())]
    slow, fast = (
        Seen(SeriesKey(name, "t", "temperature", "Cel"), None, Memory(interval=every, last_time=WINDOW.start - MINUTE, last=20.0))
        for name, every in (("slow", 120.0), ("fast", 10.0))
    )
    silences = facts_of(slow, fast, heard_since=WINDOW.start - 60 * MINUTE)
    assert {(fact.device, fact.usual, fact.also) for fact in silences} == {("slow", 120, ()), ("fast", 10, ())}


def test_change_that_comes_in_every_window_is_told_behind_one_that_does_not():
    """A compressor's cycle is no news."""
    cycle, rare = SeriesKey("compressor", "p", "power", "W"), SeriesKey("lamp", "p", "power", "W")
    usual = seen(cycle, course(lambda n: 90.0 + 400 * (n >= 30)), Memory(windows=50, eventful=1.0))
    news = seen(rare, course(lambda n: 90.0 + 300 * (n >= 10)), Memory(windows=50))
    assert [fact.device for fact in facts_of(usual, news)] == ["lamp", "compressor"]


def test_window_without_anything_has_a_fact_that_says_so():
    """An empty list would be no answer."""
    assert only().type == "nothing"
    quiet = only(seen(SeriesKey("d", "rssi", "signal_strength", "dBm"), course(noisy(-60))))
    assert (quiet.type, quiet.count) == ("uneventful", 60)


def test_facts_are_json_and_the_published_schema_is_theirs():
    """``sensorscribe schema facts > agent/summarise/facts.schema.json`` after changing a fact."""
    made = find_facts(Scene(WINDOW, WINDOW.end, [seen(TEMPERATURE, course(noisy(20)))], {}, None), Counts(messages=3, first_id="a"))
    again = Facts.model_validate(json.loads(json.dumps(published(made))))
    assert [fact.model_copy(update={"rank": 0.0}) for fact in made.facts] == list(again.facts)
    assert (again.window, again.counts) == (made.window, made.counts)
    assert json.loads((ROOT / "agent/summarise/facts.schema.json").read_text()) == facts_schema()
