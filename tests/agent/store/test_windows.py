"""Windows in the database: whatever the order, repeats, lateness and restarts, each value counts once; a kill loses nothing."""

import json
import signal
import sqlite3
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.observation import Noted, Observation, Observed, SeriesKey, Window
from agent.store import Limits, OutboxRow, Store, windows
from agent.store.migrations import migrate
from agent.summarise.aggregate import Aggregate, folding
from agent.summarise.parts import SECOND
from agent.telemetry.events import Reporter
from agent.telemetry.metrics import Metrics
from tests.conftest import ROOT

LENGTH = 900 * SECOND
WINDOW = Window(0, LENGTH, "site")
KEY = SeriesKey("d", "n", "temperature", "Cel")
FOLD = folding(lambda key: None)


def database(path=":memory:"):
    """A connection as ``Database`` makes it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    migrate(connection)
    return connection


def observe(connection, values, message="m", arrived=0, window=WINDOW, noted=(), key=KEY, max_series=100):
    """Add (instant, value) pairs of one message."""
    found = tuple(Observation(window, key, time, value) for time, value in values)
    return windows.observe(connection, Observed(message, arrived, found, noted), max_series)


def fold(connection, window=None):
    """Fold a window, or what is crowded."""
    for one in windows.foldable(connection, window):
        windows.fold(connection, FOLD, one)


def aggregate(connection, window=WINDOW):
    """The one series of a window, folded."""
    fold(connection, window)
    (row,) = [one for one in windows.series(connection, window) if one.state is not None]
    return Aggregate.from_json(window, row.state)


values = st.tuples(st.integers(0, LENGTH - 1), st.floats(-1000, 1000).map(lambda value: round(value, 2)))


@given(st.lists(values, min_size=1, max_size=50, unique_by=lambda pair: pair[0]), st.randoms(), st.lists(st.integers(0, 50), max_size=3))
@settings(deadline=None, max_examples=60)
def test_shuffled_repeated_values_with_restarts_equal_numpy(tmp_path_factory, pairs, random, restarts):
    """Values in any order, some twice, the database closed and opened in between: the same as numpy on each value once."""
    path = tmp_path_factory.mktemp("windows") / "db"
    sent = pairs + random.sample(pairs, len(pairs) // 2)
    random.shuffle(sent)
    connection, duplicates = database(path), 0
    for number, pair in enumerate(sent):
        if number in restarts:
            connection.close()
            connection = database(path)
        duplicates += observe(connection, [pair], f"m{number:03}").duplicate
    made, array = aggregate(connection), np.array([value for _, value in sorted(pairs)])
    assert (made.count, duplicates) == (len(pairs), len(pairs) // 2)
    assert (made.first, made.last) == (array[0], array[-1])
    assert made.numbers.mean == pytest.approx(array.mean(), abs=1e-6)
    assert (made.numbers.low, made.numbers.high) == (array.min(), array.max())
    assert made.spacing.longest == max(np.diff(sorted(time for time, _ in pairs)), default=0)
    row = windows.opened(connection, WINDOW)
    assert (row.messages, row.first_id, row.last_id) == (len(sent), "m000", f"m{len(sent) - 1:03}")
    connection.close()


@given(st.lists(st.integers(-5, 5), min_size=60, max_size=120), st.integers(8, 40))
@settings(deadline=None, max_examples=10)
def test_crowded_series_is_folded_and_what_is_older_is_late(monkeypatch_module, shifts, fold_above):
    """Rows stay bounded; each value is either measured once, or told to be late or a duplicate."""
    monkeypatch_module.setattr(windows, "FOLD_ABOVE", fold_above)
    connection = database()
    measured, late, duplicate = set(), 0, 0
    for number, shift in enumerate(shifts):
        time = max(0, number + shift) * SECOND
        left_out = observe(connection, [(time, 1.0 * time)], f"m{number:03}")
        late, duplicate = late + left_out.late, duplicate + left_out.duplicate
        if left_out == windows.LeftOut():
            measured.add(time)
        fold(connection)
        assert connection.execute("SELECT count(*) FROM observations").fetchone()[0] <= fold_above
    made = aggregate(connection)
    assert made.count == len(measured)
    assert made.count + late + duplicate == len(shifts)
    assert made.numbers.mean == pytest.approx(np.mean(sorted(measured)), rel=1e-9)
    assert windows.tallies(connection, WINDOW).get(("late", ""), 0) == late


@pytest.fixture(scope="module")
def monkeypatch_module():
    """A patch that hypothesis's examples share."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def test_window_is_due_when_the_watermark_has_passed_it():
    """Not at its end, but ``lateness`` behind it."""
    connection = database()
    observe(connection, [(1, 1.0)], arrived=1)
    lateness = 60 * SECOND
    assert windows.due(connection, LENGTH + lateness - 1, lateness) == []
    assert windows.due(connection, LENGTH + lateness, lateness) == [WINDOW]


def test_old_window_that_still_fills_waits_but_not_for_ever():
    """A device that delivers what it had kept is waited for; one whose clock stands still is not."""
    connection, lateness, now = database(), 60 * SECOND, 10 * LENGTH
    observe(connection, [(1, 1.0)], arrived=now)
    assert windows.due(connection, now + lateness - 1, lateness) == []
    assert windows.due(connection, now + lateness, lateness) == [WINDOW]
    for number in range(20):
        observe(connection, [(2 + number, 1.0)], arrived=now + number * lateness)
    assert windows.due(connection, now + 19 * lateness, lateness) == [WINDOW], "open for a window's length and more"


def told(connection, window=WINDOW, messages=1, body=b"{}", forget=0):
    """Finish a window."""
    return windows.finish(connection, window, messages, body, {1: ("memory", 5)}, forget)


def test_window_is_told_once_and_what_comes_behind_it_is_late():
    """Its rows are gone, its summary is kept; a late value is counted in the window that is open then."""
    connection = database()
    observe(connection, [(1, 1.0)])
    aggregate(connection)
    assert told(connection) == "kept"
    assert connection.execute("SELECT (SELECT count(*) FROM observations) + (SELECT count(*) FROM states)").fetchone() == (0,)
    assert windows.opened(connection, WINDOW) is None
    now = LENGTH + 5
    assert observe(connection, [(2, 1.0)], arrived=now) == windows.LeftOut(late=1)
    following = Window(LENGTH, LENGTH, "site")
    assert windows.tallies(connection, following) == {("late", ""): 1}
    assert windows.opened(connection, following).messages == 1
    assert windows.told(connection, "site", 899 * SECOND).window == WINDOW
    assert windows.told(connection, "site", None).body == b"{}"
    assert windows.told(connection, "site", LENGTH) is None
    (series,) = windows.series(connection, following)
    assert (series.memory, series.seen) == ("memory", 5)


def test_message_that_comes_while_a_window_is_told_is_not_lost():
    """The window stays, and is told again with it."""
    connection = database()
    observe(connection, [(1, 1.0)])
    observe(connection, [(2, 2.0)])
    assert told(connection, messages=1) == "not_yet"
    assert windows.told(connection, "site", None) is None
    assert aggregate(connection).count == 2


def noted(window, kind="implausible"):
    """What a message notes."""
    return (Noted(window, kind, ""),)


def test_window_that_was_told_is_never_opened_again():
    """Whatever is said of it, and whatever the agent's clock does: noted in the next window that has no summary."""
    connection = database()
    observe(connection, [(1, 1.0)])
    assert told(connection) == "kept"
    second, third = (Window(number * LENGTH, LENGTH, "site") for number in (1, 2))
    observe(connection, [], arrived=5, noted=noted(WINDOW))
    observe(connection, [(LENGTH - 1, 1.0)], arrived=LENGTH - 1)
    assert windows.opened(connection, WINDOW) is None
    assert windows.tallies(connection, second) == {("implausible", ""): 1, ("late", ""): 1}
    assert told(connection, second, messages=2) == "kept"
    observe(connection, [], arrived=5, noted=noted(WINDOW, "unread"))
    assert windows.tallies(connection, third) == {("unread", ""): 1}
    assert windows.due(connection, 2 * LENGTH, 0) == []


def test_window_that_has_a_summary_is_cleared_and_not_told_again():
    """Rows that an earlier version left behind."""
    connection = database()
    observe(connection, [(1, 1.0)])
    connection.execute("INSERT INTO summaries VALUES (0, 'site', ?, 'x')", (LENGTH,))
    assert told(connection) == "told_before"
    assert (windows.opened(connection, WINDOW), windows.foldable(connection, WINDOW)) == (None, [])
    assert windows.told(connection, "site", 1).body == "x"


def test_series_are_bounded_and_the_others_are_counted():
    """A device that makes a new name for each message does not fill the disk."""
    connection = database()
    refused = [observe(connection, [(1, 1.0)], key=SeriesKey("d", f"n{number}", "other", ""), max_series=10) for number in range(15)]
    assert sum(one.series_limit for one in refused) == 5
    assert connection.execute("SELECT count(*) FROM series").fetchone() == (10,)


def test_old_summaries_and_series_go():
    """What is older than is kept is forgotten; series that still send stay."""
    connection = database()
    observe(connection, [(1, 1.0)])
    told(connection)
    following = Window(LENGTH, LENGTH, "site")
    observe(connection, [(LENGTH + 1, 1.0)], window=following, key=SeriesKey("e", "n", "temperature", "Cel"), noted=(
        Noted(following, "unread", "binary"), Noted(following, "unread", "binary")))  # fmt: skip
    assert windows.tallies(connection, following) == {("unread", "binary"): 2}
    assert windows.groups(connection) == ["site"]
    assert windows.quiet_groups(connection, 5 * LENGTH, 0) == ["site"]
    assert windows.quiet_groups(connection, LENGTH, 0) == []
    assert windows.finish(connection, following, 1, b"{}", {2: ("m", 2 * LENGTH)}, LENGTH + 1) == "kept"
    assert windows.told(connection, "site", 1) is None
    assert [one.key.device for one in windows.series(connection, following)] == ["e"]
    observe(connection, [(1, 1.0)], window=following, key=SeriesKey("f", "n", "temperature", "Cel"))
    last = Window(2 * LENGTH, LENGTH, "site")
    assert windows.finish(connection, last, 0, b"{}", {}, LENGTH + 2) == "kept"
    assert [one.key.device for one in windows.series(connection, following)] == ["e"], "one that was never measured goes"


CHILD = """
import asyncio, sys
from pathlib import Path
from agent.domain.observation import Observation, Observed, SeriesKey, Window
from agent.store import Limits, OutboxRow, Store
from agent.telemetry.events import Reporter
from agent.telemetry.metrics import Metrics

async def main(folder):
    store = Store(Path(folder), Reporter(Metrics()), Limits(100_000, 10, 30, 1000))
    await store.open()
    async def settle(number):
        one = Observation(Window(0, 900_000_000, "site"), SeriesKey("d", "n", "temperature", "Cel"), number, float(number))
        row = OutboxRow(f"m{number}", "readings/d", b"{}", 1)
        await store.settle([row], None, str(number).encode(), Observed(f"m{number}", 0, (one,), ()))
        print(number, flush=True)
    for begin in range(0, 1_000_000, 20):
        await asyncio.gather(*(settle(number) for number in range(begin, begin + 20)))

asyncio.run(main(sys.argv[1]))
"""


def settled_before_a_kill(folder):
    """The numbers that a process said to be settled before it was killed."""
    with subprocess.Popen([sys.executable, "-c", CHILD, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        settled = [int(process.stdout.readline()) for _ in range(300)]
        process.send_signal(signal.SIGKILL)
        return settled + [int(line) for line in process.stdout.read().split()]


async def test_kill_in_mid_window_loses_nothing_and_counts_nothing_twice(tmp_path):
    """What was settled is in the window exactly as often as in the outbox and in the ledger of redeliveries: once."""
    settled = settled_before_a_kill(tmp_path)
    store = Store(tmp_path, Reporter(Metrics()), Limits(100_000, 10, 30, 1000))
    await store.open()
    rows = await store.lease(0, 100_000)
    row, (series,), _ = await store.window(WINDOW)
    values = [int(value) for _, value in series.values]
    digests = [int(digest) for digest in await store.committed_digests()]
    assert sorted(values) == sorted(int(one.id[1:]) for one in rows)
    assert row.messages == len(values) == len(set(values))
    assert set(settled) <= set(values)
    assert set(digests) == set(sorted(values)[-1000:]) or set(digests) == set(values)
    await store.close()


async def test_summary_takes_the_place_of_its_window_in_one_commit(tmp_path):
    """With its row in the outbox; what was left out is counted."""
    metrics = Metrics()
    store = Store(tmp_path, Reporter(metrics), Limits(100, 10, 30, 10))
    await store.open()
    one = Observation(WINDOW, KEY, 1, 2.0)
    for _ in range(2):
        await store.settle([], None, None, Observed("m", 0, (one,), ()))
    assert metrics.count("readings_left_out_total", reason="duplicate") == 1
    await store.settle([], None, None, Observed("r", 0, (), (), retained=3))
    assert metrics.count("readings_left_out_total", reason="retained") == 3
    await store.fold(FOLD, WINDOW)
    row, (series,), tallies = await store.window(WINDOW)
    assert (row.messages, tallies) == (2, {})
    out = OutboxRow("s", "summaries/site", json.dumps({"a": 1}).encode())
    assert await store.finish_window(WINDOW, 1, out.body, {}, out, 0) == "not_yet"
    assert await store.finish_window(WINDOW, 2, out.body, {series.id: ("{}", 1)}, out, 0) == "kept"
    assert [leased.body for leased in await store.lease(0, 10)] == [out.body]
    assert (await store.told("site")).body == out.body
    assert await store.due_windows(10 * LENGTH, 0) == []
    assert await store.groups() == ["site"]
    await store.close()
