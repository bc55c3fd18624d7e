"""Counting, logging once, and telling the service manager."""

import os
import socket

import pytest
from fakes import ManualClock
from structlog.testing import capture_logs

from agent.telemetry.events import MessageQuarantined, MessagesDropped, Reporter
from agent.telemetry.health import Notifier
from agent.telemetry.metrics import Latency, Metrics
from agent.telemetry.progress import Progress


def test_every_event_is_counted_and_the_first_of_a_minute_logged():
    """A flood of one kind fills counters, not the journal; the next line says how many there were."""
    clock, metrics = ManualClock(), Metrics()
    reporter = Reporter(metrics, clock)
    with capture_logs() as lines:
        for _ in range(100):
            reporter.emit(MessageQuarantined("binary", "a/b"))
        reporter.emit(MessageQuarantined("empty", "a/b"))
        clock.now += 61
        reporter.emit(MessageQuarantined("binary", "a/b"))
    assert metrics.count("messages_quarantined_total", reason="binary") == 101
    assert [line["reason"] for line in lines] == ["binary", "empty", "binary"]
    assert lines[-1]["more_since_last"] == 99


def test_event_with_a_count_adds_it():
    """Five dropped rows are five."""
    metrics = Metrics()
    Reporter(metrics, ManualClock()).emit(MessagesDropped("outbox_full", 5))
    assert metrics.snapshot() == {"dropped_total{reason=outbox_full}": 5}


def test_percentiles_are_of_the_recent_durations():
    """Old durations are forgotten."""
    latency = Latency(size=100)
    assert latency.percentile(0.5) is None
    for number in range(300):
        latency.observe(number / 1000)
    assert latency.percentile(0.5) == pytest.approx(0.25)
    assert latency.percentile(0.99) == pytest.approx(0.299)
    assert latency.count == 300


def test_stage_with_work_and_no_progress_stalls():
    """Idle is no stall, work that is finished is none; work that stands still is."""
    clock = ManualClock()
    progress, work = Progress(clock), []
    stage = progress.watch("publish", lambda: bool(work))
    clock.now += 100
    assert progress.stalled(30) == []
    work.append(1)
    assert progress.stalled(30) == []
    clock.now += 29
    stage.tick()
    assert progress.stalled(30) == []
    clock.now += 31
    assert progress.stalled(30) == ["publish"]
    work.clear()
    assert progress.stalled(30) == []


@pytest.mark.parametrize("prefix", ["", "@"])
def test_service_manager_hears_of_us(tmp_path, prefix):
    """States go to the socket of the environment, an abstract one too."""
    name = f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name if prefix else name)
        manager.settimeout(5)
        Notifier({"NOTIFY_SOCKET": prefix + name}).send("READY=1", "STATUS=connected")
        assert manager.recv(100) == b"READY=1\nSTATUS=connected"


def test_watchdog_time_is_ours_alone():
    """The manager's time counts where it is meant for this process."""
    assert Notifier({"WATCHDOG_USEC": "60000000"}).watchdog_seconds == 60
    assert Notifier({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}).watchdog_seconds == 60
    assert Notifier({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}).watchdog_seconds is None
    assert Notifier({}).watchdog_seconds is None


def test_missing_manager_changes_nothing(tmp_path):
    """Neither no socket nor a dead one stops the agent."""
    Notifier({}).send("READY=1")
    with capture_logs() as lines:
        Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).send("READY=1")
    assert lines[0]["log_level"] == "warning"
