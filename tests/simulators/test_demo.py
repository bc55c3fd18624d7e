"""The demo from end to end: broker, agent and devices with a model that knows the truth; how it ends, and what it shows."""

import asyncio
import io
import itertools
import os
import re
import signal
import subprocess
import sys
from collections import Counter, deque
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import Oracle
from rich.console import Console

from agent.errors import FatalError
from agent.normalise.instant import LATEST_AHEAD
from agent.summarise.observe import AHEAD
from simulators.closing import show_closing
from simulators.demo import run_demo
from simulators.fleet import fleet, traffic
from simulators.moment import START
from simulators.playback import Playback, next_start
from simulators.score import Scoreboard, Tally
from simulators.screen import LiveScreen, PlainScreen, View
from tests.conftest import ROOT

READING = {"device": "attic-7", "name": "tempF", "quantity": "temperature", "value": 71.3, "unit": "[degF]", "via": "slm"}
VIEW = View(elapsed_seconds=12, state="playing", devices=30, sent=240, by_model=80, by_template=150, quarantined=4, model_calls=81)
SUMMARY = {
    "group": "site", "window": {"start": "2026-05-01T10:00:00Z", "end": "2026-05-01T10:00:20Z"}, "text": "cold-1: [door] open.",
    "by": "arithmetic", "counts": {"messages": 200},
}  # fmt: skip


class NoScreen:
    """Keeps the last view."""

    interval_seconds = 0.05

    def show(self, view):
        """Keep it."""
        self.view = view

    def tell(self, summary):
        """Nothing."""

    def close(self):
        """Nothing."""


async def play(tmp_path, devices=16, seconds=3.0, stop=None, **oracle):
    """A demo on its own screen."""
    playback = Playback(
        seconds=seconds, seed=1, devices=devices, start=START, folder=tmp_path, load=Oracle(1, devices, **oracle).load, screen=NoScreen(),
        speed=60,
    )  # fmt: skip
    await playback.run(stop or asyncio.Event())
    return playback


async def test_model_that_knows_the_truth_scores_full(tmp_path):
    """Precision and recall are 1: nothing is lost, doubled or mixed up between a device and the score; templates take over."""
    playback = await play(tmp_path)
    total = playback.board.total()
    assert (total.precision, total.recall) == (1.0, 1.0)
    assert (playback.board.unanswered, playback.board.unmatched, total.quarantined) == (0, 0, 0)
    assert total.messages == playback.view.sent > 60
    assert 0 < playback.metrics["model_calls_total"] < total.messages
    assert playback.metrics["messages_read_total{via=template}"] > 0
    assert playback.metrics["message_seconds_p50"] > 0
    assert len(playback.view.latest) > 10


async def test_model_that_errs_is_found_out(tmp_path):
    """A wrong unit for every temperature lowers both shares."""
    playback = await play(tmp_path, seconds=1.5, wrong_unit="temperature")
    total = playback.board.total()
    assert total.wrong > 0
    assert total.precision < 1
    assert total.recall < 1


async def test_demo_can_be_ended_before_it_began(tmp_path):
    """A stop during the start ends it in order, with nothing to score."""
    stop = asyncio.Event()
    stop.set()
    playback = await play(tmp_path, stop=stop)
    assert playback.view.sent == 0
    assert playback.board.by_dialect == {}


@given(now=st.floats(START, 4e9))
def test_simulated_time_begins_ahead_of_the_clock_at_the_same_time_of_day(now):
    """Stated times are further ahead than windows believe, and not so far that readings lose them within the first day."""
    start = next_start(now)
    assert start % 86400 == START % 86400
    assert AHEAD.total_seconds() < start - now < LATEST_AHEAD.total_seconds() - 80000


def interrupted(sign):
    """What a demo printed that got SIGINT when a line of its output had ``sign``: it ends with code 0 and leaves no process."""
    command = [sys.executable, str(Path(__file__).with_name("oracle.py")), "60"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment, start_new_session=True
    ) as process:
        lines = [""]
        while sign not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1], process.stderr.read()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "Traceback" not in out + err
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    return "".join(lines) + out


def test_interrupt_during_the_start_ends_in_order():
    """SIGINT before the first message: the table, or that there is nothing to score."""
    out = interrupted("...")
    assert "nothing to score" in out or "precision" in out


def test_plain_demo_tells_summaries():
    """A summary stands in a line of its own with group and window; SIGINT in full course ends with the table and what was told.

    Simulated time began long ago here, so windows of stated times are due within seconds.
    """
    out = interrupted("summary  ")
    assert "precision" in out
    lines = re.findall(r"^summary  site  \d\d:\d\d:\d\d-\d\d:\d\d:\d\d  .+$", out, re.MULTILINE)
    closing = re.search(r"Summaries told: (\d+) \((\d+) by the model, (\d+) by arithmetic\) of (\d+) of (\d+) messages", out)
    told, by_model, by_arithmetic, summed_up, sent = map(int, closing.groups())
    assert 0 < len(lines) == told == by_model + by_arithmetic
    assert 0 < summed_up <= sent
    told_bytes, raw_bytes = (
        int(text.replace(",", "")) for text in re.search(r"Bytes of summaries: ([\d,]+); of raw traffic: ([\d,]+)", out).groups()
    )
    assert told_bytes > sum(map(len, lines))
    assert raw_bytes > sent


def test_missing_model_is_told(tmp_path, monkeypatch):
    """Without a model the error says what is missing, and nothing stays behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def load(config, state_folder):
        raise FatalError("no model in /nowhere: manifest.json is missing")

    with pytest.raises(FatalError, match=r"demo's agent cannot run: no model in /nowhere"):
        run_demo(seconds=5, plain=True, seed=1, devices=2, load=load)
    assert list(tmp_path.iterdir()) == []


def test_warnings_are_kept_in_a_file_that_is_named(tmp_path, monkeypatch, capsys):
    """What was said on standard error during a run is in the log, whose path is told; the state is gone."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def load(config, state_folder):
        sys.stderr.write("the model is tired\n")
        raise FatalError("tired")

    with pytest.raises(FatalError):
        run_demo(seconds=5, plain=True, seed=1, devices=2, load=load)
    (log,) = tmp_path.glob("*/demo.log")
    assert log.read_text() == "the model is tired\n"
    assert str(log) in capsys.readouterr().err
    assert [one.name for one in log.parent.iterdir()] == ["demo.log"]


def test_live_screen_shows_counts_and_readings():
    """The counts stand above, the newest readings below, units as people write them."""
    out = io.StringIO()
    screen = LiveScreen(Console(file=out, force_terminal=True, width=120, height=30))
    VIEW.latest.append(READING)
    screen.show(VIEW)
    assert "none yet" in out.getvalue()
    screen.tell(SUMMARY)
    screen.show(VIEW)
    screen.close()
    shown = out.getvalue()
    assert all(text in shown for text in ("30 simulated devices", "by template", "150", "attic-7", "71.3 °F", "Ctrl-C"))
    assert all(text in shown for text in ("site", ":00:00-", "by arithmetic", "cold-1: [door] open."))


@pytest.mark.parametrize("height", [16, 24, 50])
def test_live_screen_fits_the_terminal(height):
    """Long summaries push nothing off the screen: the newest stands first, and readings have their lines."""
    out = io.StringIO()
    screen = LiveScreen(Console(file=out, force_terminal=True, width=80, height=height))
    view = View(latest=deque([READING] * 60))
    for number in range(5):
        screen.tell({**SUMMARY, "text": f"number {number} " + "and more " * 100})
    screen.show(view)
    shown = Console(width=80, height=height).render_lines(screen._draw(view))
    screen.close()
    assert len(shown) <= height
    assert "number 4" in out.getvalue()
    assert "number 1" not in out.getvalue()
    assert out.getvalue().count("attic-7") >= 3


def test_plain_screen_prints_lines():
    """The state until the first message, then a line of counts and some readings."""
    out = io.StringIO()
    screen = PlainScreen(Console(file=out, width=140))
    screen.show(View(state="loading the model"))
    VIEW.latest.append({**READING, "value": True, "unit": None, "quantity": "motion"})
    screen.show(VIEW)
    screen.tell({**SUMMARY, "text": "long " * 60})
    screen.tell({**SUMMARY, "text": "", "error": "internal_error"})
    screen.close()
    assert out.getvalue().startswith("loading the model...\n  12 s  240 messages in")
    assert "attic-7: motion = on  (via slm)" in out.getvalue()
    assert re.search(r"\nsummary  site  \d\d:00:00-\d\d:00:20  (long ){60}\n", out.getvalue())
    assert "no text: internal_error" in out.getvalue()


def test_closing_table_says_what_it_leaves_out():
    """Shares by dialect and in total, cost by a thousand messages, latency and its meaning, messages on their way."""
    out = io.StringIO()
    board = Scoreboard()
    board.by_dialect["acme"] = Tally(messages=4, quarantined=1, true=10, right=6, wrong_unit=2)
    for message in itertools.islice(traffic(fleet(1, 4)), 2):
        board.sent(message)
    metrics = {"model_calls_total": 3, "messages_received_total": 40, "message_seconds_p50": 0.0021, "message_seconds_p99": None}
    view = View(elapsed_seconds=60, sent=240, raw_bytes=42000, told=Counter(slm=2, arithmetic=1), summary_bytes=1900, summed_up=200)
    show_closing(Console(file=out, width=140), board, metrics, view)
    shown = out.getvalue()
    assert all(text in shown for text in ("0.750", "0.600", "75 per 1,000", "p50 2 ms", "p99 -", "2 messages still on their way"))
    assert "Summaries told: 3 (2 by the model, 1 by arithmetic) of 200 of 240 messages" in shown
    assert "Bytes of summaries: 1,900; of raw traffic: 42,000" in shown
