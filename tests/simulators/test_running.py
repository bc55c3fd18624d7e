"""Runs: a site to a file and to a broker, at QoS 0 too, with events in the truth, a view of it and its cost."""

import asyncio
import io
import json
import re
import signal
import socket
import threading
from collections import Counter

import pytest
from fakes import until
from listening import listening
from rich.console import Console
from typer.testing import CliRunner

from agent.errors import FatalError
from simulators import packets
from simulators.commands import app
from simulators.console import interruptible, writing
from simulators.embedded import free_port
from simulators.events import Event
from simulators.fleet import fleet, traffic
from simulators.moment import START
from simulators.run_screen import LiveRunScreen, PlainRunScreen
from simulators.running import Cost, Progress, Run
from simulators.sinks import LoadSink, SinkError
from simulators.site import load_site, shipped
from simulators.world import World

PROGRESS = Progress(30, START, 12.0, 240, 20.0, 3, Counter(lost=2, stuck=5), (Event("too_warm", START, area="dairy"),))
COST = re.compile(r"(\d+) messages in [\d.]+ s: \d+ a second; own cost [\d.]+ s of CPU \(\d+ us a message\), at most \d+ MB of memory")


def invoke(*arguments):
    """Run a command."""
    return CliRunner().invoke(app, list(arguments))


class Notes:
    """A sink that keeps what it was sent."""

    def __init__(self):
        self.sent, self.flushes = [], 0

    def send(self, message):
        """Keep it."""
        self.sent.append(message)

    def flush(self):
        """Count it."""
        self.flushes += 1

    def close(self):
        """Nothing."""


class Seen:
    """A screen that keeps what it was shown."""

    def __init__(self):
        self.rates = []

    def show(self, progress):
        """Keep the rate."""
        self.rates.append(progress.rate)

    def close(self):
        """Nothing."""


def test_list_names_every_site():
    """Name, title and size of each."""
    result = invoke("list")
    assert result.exit_code == 0
    assert all(name in result.stdout and load_site(name).title in result.stdout for name in shipped())


def test_site_run_writes_messages_truth_and_events(tmp_path):
    """Events are lines of their own kind in the truth file; the messages beside them are the messages sent; the cost is told."""
    truth, out = tmp_path / "truth.jsonl", tmp_path / "messages.jsonl"
    result = invoke("run", "cold_store", "--devices", "12", "--seconds", "7200", "--truth", str(truth), "--out", str(out))
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in truth.read_text().splitlines()]
    events = [line for line in lines if "event" in line]
    messages = [line["id"] for line in lines if "event" not in line]
    assert messages == [json.loads(line)["id"] for line in out.read_text().splitlines()]
    assert {"event", "at", "until", "area", "device"} <= set(events[0])
    assert {"door_open_long", "battery_low"} <= {event["event"] for event in events}
    assert COST.search(result.stdout)[1] == str(len(messages))


def test_run_of_a_file_is_that_of_the_site(tmp_path):
    """A site is named or given as a file; a wrong one is told with its path."""
    path = tmp_path / "site.toml"
    path.write_text(shipped()["home"].read_text())
    runs = [invoke("run", name, "--devices", "5", "--seconds", "100").stdout for name in ("home", str(path))]
    assert runs[0] == runs[1] != ""
    path.write_text(path.read_text().replace("outage_minutes = 4", "outage_minutes = -3"))
    result = invoke("run", str(path))
    assert result.exit_code == 1
    assert "areas.mains.outage_minutes" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("run", "home", "--dialect", "ecowitt"), "without a site"),
        (("run", "--speed", "fast"), "or max"),
        (("run", "--speed", "0"), "or max"),
        (("run", "--qos", "2"), "less than or equal to 1"),
    ],
)
def test_bad_run_says_what_to_do(arguments, hint):
    """A mistake ends with exit code 2 and a hint."""
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert hint in " ".join(result.stderr.replace("│", " ").split())


@pytest.mark.parametrize("qos", ["0", "1"])
async def test_site_reaches_a_broker_as_fast_as_it_goes(tmp_path, qos):
    """What the broker passes on is what the truth says was sent: all of it at QoS 1, nothing else at QoS 0."""
    async with listening() as (port, received):
        truth = tmp_path / "truth.jsonl"
        arguments = ("run", "home", "--broker", f"127.0.0.1:{port}", "--devices", "6", "--seconds", "120", "--speed", "max", "--qos", qos)
        result = await asyncio.to_thread(invoke, *arguments, "--truth", str(truth))
        assert result.exit_code == 0, result.output
        lines = map(json.loads, truth.read_text().splitlines())
        sent = [(line["topic"], line["payload"]) for line in lines if "event" not in line]
        await until(lambda: len(received) >= (len(sent) if qos == "1" else 1))
    assert Counter(received) <= Counter(sent)  # the embedded broker may drop what a client sent at QoS 0 right before it left
    assert int(COST.search(result.stdout)[1]) == len(sent)


def test_broker_that_is_not_there_is_named_at_qos_0():
    """The error says where it was looked for."""
    port = free_port()
    with pytest.raises(SinkError, match=f"no broker at 127.0.0.1:{port}"):
        LoadSink("127.0.0.1", port)


@pytest.mark.parametrize(("answer", "hint"), [(b"\x20\x02\x00\x05", "not authorised"), (b"HTTP", "else than"), (b"", "else than")])
def test_broker_that_refuses_is_told_why(answer, hint):
    """A CONNACK with a return code, or no MQTT at all."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections = []

        def answer_once():
            connection, _ = server.accept()
            connections.append(connection)
            connection.recv(1024)
            connection.sendall(answer)
            connection.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=answer_once)
        thread.start()
        with pytest.raises(SinkError, match=hint):
            LoadSink("127.0.0.1", server.getsockname()[1], "user", "secret")
        thread.join()
        connections[0].close()


def test_packets_are_those_of_the_standard():
    """Remaining lengths of one to four bytes as in the standard's table 2.4; a PUBLISH and a CONNECT byte by byte."""
    assert [packets.length(size).hex() for size in (0, 127, 128, 16_383, 16_384, 268_435_455)] == [
        "00", "7f", "8001", "ff7f", "808001", "ffffff7f",
    ]  # fmt: skip
    assert packets.publish("a/b", b"21.5", retain=False) == b"\x30\x09\x00\x03a/b21.5"
    assert packets.publish("a/b", b"", retain=True) == b"\x31\x05\x00\x03a/b"
    assert packets.connect("c", "u", "p") == b"\x10\x13\x00\x04MQTT\x04\xc2\x00\x00\x00\x01c\x00\x01u\x00\x01p"
    assert packets.connect("c", None, "p") == packets.connect("c")


def test_stop_ends_a_run_between_two_messages():
    """Nothing more is sent, and what waits is flushed."""
    sink, stopped = Notes(), threading.Event()
    stopped.set()
    cost = Run(devices=3, start=START, speed=1.0, sink=sink).play(traffic(fleet(1, 3)), stopped)
    assert (sink.sent, cost.messages, sink.flushes) == ([], 0, 1)


def test_run_keeps_the_time_it_is_told():
    """At a thousandfold speed 60 simulated seconds take 60 ms or more; nothing waits in the sink meanwhile."""
    sink = Notes()
    cost = Run(devices=5, start=START, speed=1000.0, sink=sink).play(traffic(fleet(1, 5), seconds=60), threading.Event())
    assert cost.elapsed_seconds >= (sink.sent[-1].at - START) / 1000
    assert cost.messages == len(sink.sent) == len(list(traffic(fleet(1, 5), seconds=60)))
    assert sink.flushes > 1


def test_run_is_watched(monkeypatch):
    """The screen is shown how a site gets on."""
    monkeypatch.setattr("simulators.running.SCREEN_SECONDS", 0.0)
    world, screen = World(load_site("home"), 1, 10), Seen()
    run = Run(devices=10, start=START, speed=None, sink=Notes(), world=world, screen=screen)
    run.play(world.traffic(900), threading.Event())
    assert len(screen.rates) > 1
    assert run.progress.now > START


def test_plain_view_is_a_line():
    """Time, counts, rate, faults and events, at most every few seconds."""
    out = io.StringIO()
    screen = PlainRunScreen(Console(file=out, width=200))
    for _ in range(3):
        screen.show(PROGRESS)
    screen.close()
    (line,) = out.getvalue().splitlines()
    assert all(text in line for text in ("12 s", "10:00:00Z", "240 messages (20/s)", "27 of 30", "stuck 5, lost 2", "too_warm in dairy"))


def test_plain_view_counts_the_faults_since_its_last_line():
    """Looks come more often than lines: none of their faults is lost, none is told twice."""
    out = io.StringIO()
    screen = PlainRunScreen(Console(file=out, width=200))
    for number in range(1, 25):
        screen.show(Progress(30, START, 0.5 * number, number, faults=Counter(lost=1)))
    assert re.findall(r"faults: lost (\d+)", out.getvalue()) == ["10", "10"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_a_run_in_order(number):
    """The first one is an event; what the signal did before, it does again from then on."""
    before = signal.getsignal(number)
    with interruptible() as stopped:
        signal.raise_signal(number)
        assert stopped.is_set()
        assert signal.getsignal(number) == before
    assert signal.getsignal(number) == before


def test_error_beside_a_file_is_not_told_as_the_file_s(tmp_path):
    """A broken pipe in the middle of a run says nothing about the truth file; one that cannot be opened is named."""
    with pytest.raises(BrokenPipeError), writing(tmp_path / "truth.jsonl"):
        raise BrokenPipeError
    with pytest.raises(FatalError, match="cannot be written"), writing(tmp_path):
        pass


def test_live_view_shows_counts_and_events():
    """The same on a terminal, under the site's name."""
    out = io.StringIO()
    screen = LiveRunScreen(Console(file=out, force_terminal=True, width=140, height=30), "cold_store, 30 devices")
    screen.show(PROGRESS)
    screen.close()
    assert all(text in out.getvalue() for text in ("cold_store, 30 devices", "240", "20/s", "stuck 5, lost 2", "too_warm", "Ctrl-C"))


def test_cost_of_nothing_is_nothing():
    """No division by no messages or no time."""
    assert COST.search(str(Cost(0, 0.0, 0.0, 0)))[1] == "0"
