"""Signals: the shapes that dialects are made of."""

from itertools import pairwise
from random import Random

import pytest

from simulators.identity import clock, epoch, hexadecimal, mac, uptime, uuid
from simulators.moment import Moment
from simulators.signals import arrivals, clamped, constant, daily, lazy, rain, sun, total, walk, wave
from simulators.states import machine, matching, switch, when

DAY = range(0, 86400, 600)


def over_a_day(signal, seed=1, **values):
    """What a signal says over a day, every ten minutes."""
    ask = signal(Random(seed))
    return [ask(Moment(float(time), values=dict(values))) for time in DAY]


def test_wave_is_a_sine():
    """Bhaskara's formula has a sine's zeros and tops, and stays within 1 of either side."""
    assert [round(wave(turn), 3) for turn in (0, 0.25, 0.5, 0.75, 1)] == [0, 1, 0, -1, 0]
    assert wave(1 / 12) == pytest.approx(0.5, abs=0.002)
    assert wave(-0.25) == wave(0.75)


def test_daily_cycle_peaks_in_the_afternoon():
    """The warmest hour is near three, the coldest near three at night, twice the swing apart."""
    day = over_a_day(daily(20, 5))
    assert DAY[day.index(max(day))] == 15 * 3600
    assert DAY[day.index(min(day))] == 3 * 3600
    assert max(day) - min(day) == pytest.approx(10, abs=0.01)


def test_sun_sets():
    """There is no light at midnight and some at noon."""
    day = over_a_day(sun(900))
    assert day[0] == 0
    assert 300 < max(day) <= 900


def test_walk_stays_within_its_range():
    """A walk is clamped, and each step is no longer than it may be."""
    day = over_a_day(walk(10, 12, 0.5))
    assert all(10 <= value <= 12 for value in day)
    assert max(abs(after - before) for before, after in pairwise(day)) <= 0.5
    assert len(set(day)) > 100


def test_total_integrates_its_rate():
    """A kilowatt over a day is 24 kilowatt-hours; a negative rate does not turn the meter back."""
    day = over_a_day(total("power", (5, 5)), power=1.0)
    assert day[0] == 5
    assert day[-1] == pytest.approx(5 + 24, abs=0.2)
    assert set(over_a_day(total("power", (5, 5)), power=-1.0)) == {5}


def test_arrivals_only_grow():
    """A count of events never falls."""
    day = over_a_day(arrivals(30, (0, 10)))
    assert day == sorted(day)
    assert day[-1] > day[0]


def test_lazy_signal_holds_its_value():
    """A dead band of half a degree makes few distinct values, each as far from the one before."""
    day = over_a_day(lazy(daily(20, 5), 0.5))
    changes = [abs(after - before) for before, after in pairwise(day) if after != before]
    assert 10 < len(changes) < 40
    assert min(changes) >= 0.5


def test_clamped_and_rain_stay_in_bounds():
    """A clamped signal keeps to its bounds; rain is dry for the most part and never negative."""
    assert set(over_a_day(clamped(constant(7), 0, 5))) == {5}
    day = over_a_day(rain(4))
    assert min(day) == 0
    assert max(day) <= 4


def test_states_follow_the_table():
    """A machine goes only where its table lets it; a switch takes turns; words follow other slots."""
    table = {"idle": (60, ("run",)), "run": (120, ("idle", "fault")), "fault": (20, ("idle",))}
    day = over_a_day(machine(table))
    assert day[0] == "idle"
    assert set(day) >= {"idle", "run"}
    assert all(after == before or after in table[before][1] for before, after in pairwise(day))
    assert set(over_a_day(switch(30, 30, ("OFF", "ON")))) == {"OFF", "ON"}
    assert set(over_a_day(when("level", 80, ("low", "high")), level=81)) == {"high"}
    assert set(over_a_day(matching("state", {"a": 1}), state="a")) == {1}


def test_identities_are_unique_and_stay():
    """Two devices of the same random numbers differ by their number; a device keeps its name."""
    for signal in (hexadecimal(6), hexadecimal(12, upper=True), mac()):
        ask = signal(Random(1))
        assert ask(Moment(0.0, 1)) != ask(Moment(0.0, 2))
        assert ask(Moment(0.0, 1)) == ask(Moment(9.0, 1))
    assert len(uuid()(Random(1))(Moment(0.0))) == 36


def test_clocks_tell_simulated_time():
    """Time is told as text or as a number of the scale that was asked for, without any clock of the machine."""
    moment = Moment(1777629600.9)
    assert clock("%Y-%m-%dT%H:%M:%SZ")(Random(1))(moment) == "2026-05-01T10:00:00Z"
    assert epoch("ms")(Random(1))(moment) == 1777629600000
    ask = uptime()(Random(1))
    assert ask(Moment(130.0)) - ask(Moment(130.0)) == 0
    assert ask(Moment(190.0)) - ask(Moment(130.0)) == 60
