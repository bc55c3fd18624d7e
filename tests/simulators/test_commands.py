"""``sensorscribe-simulate``: what it prints, writes, publishes and refuses."""

import asyncio
import json
import signal
import sys

import pytest
from fakes import until
from listening import listening
from typer.testing import CliRunner

from simulators.catalogue import dialects
from simulators.commands import app
from simulators.embedded import free_port


def invoke(*arguments):
    """Run a command."""
    return CliRunner().invoke(app, list(arguments))


def test_list_names_every_dialect():
    """A line a dialect."""
    result = invoke("list")
    assert result.exit_code == 0
    assert all(name in result.stdout for name in dialects())


def test_show_prints_messages_and_truth():
    """Topic, payload, readings: for each kind of message."""
    result = invoke("show", "tasmota-plug")
    assert result.exit_code == 0
    assert "/SENSOR\n" in result.stdout
    assert "/LWT  (retained)\nOnline" in result.stdout
    assert '"quantity": "power_factor"' in result.stdout


def test_run_writes_messages_and_truth(tmp_path):
    """Messages go to standard output as ``extract --jsonl`` reads them; the truth beside them has the same ids in the same order."""
    result = invoke("run", "--devices", "5", "--seconds", "200", "--truth", str(tmp_path / "truth.jsonl"))
    assert result.exit_code == 0
    messages = [json.loads(line) for line in result.stdout.splitlines()]
    truths = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text().splitlines()]
    assert [one["id"] for one in messages] == [one["id"] for one in truths]
    assert all(one["payload"] == other["payload"] for one, other in zip(messages, truths, strict=True))
    assert set(truths[0]["readings"][0]) >= {"name", "quantity", "literal", "start", "unit"}


def test_run_writes_to_a_file_from_another_instant(tmp_path):
    """``--out``, ``--dialect`` and ``--start`` do as they say."""
    path = tmp_path / "m.jsonl"
    assert (
        invoke(
            "run", "--devices", "2", "--seconds", "90", "--dialect", "mbus-heat", "--start", "2027-01-01T00:00:00Z", "--out", str(path)
        ).exit_code
        == 0
    )
    payloads = [json.loads(json.loads(line)["payload"]) for line in path.read_text().splitlines()]
    assert payloads
    assert all(one["timestamp"].startswith("2027-01-01T00:0") for one in payloads)


@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        (("run", "--broker", "nowhere"), 2, "HOST:PORT"),
        (("run", "--broker", "h:99999"), 2, "HOST:PORT"),
        (("run", "--broker", "h:1", "--out", "x"), 2, "leave one"),
        (("run", "--dialect", "klingon"), 2, "there are: airgradient"),
        (("run", "--start", "yesterday"), 2, "2026-05-01"),
        (("run", "--out", "/nowhere/at/all"), 1, "name another file"),
        (("show", "klingon"), 2, "there are: airgradient"),
    ],
)
def test_bad_arguments_say_what_to_do(arguments, code, hint):
    """A mistake ends with its exit code and a hint."""
    result = invoke(*arguments)
    assert result.exit_code == code
    assert hint in " ".join(result.stderr.replace("│", " ").split())


def test_broker_that_is_not_there_is_named():
    """No broker: the error says where it was looked for."""
    port = free_port()
    result = invoke("run", "--broker", f"127.0.0.1:{port}")
    assert result.exit_code == 1
    assert f"no broker at 127.0.0.1:{port}" in result.stderr


def test_help_has_examples():
    """Every command shows how it is called."""
    for command in ("list", "show", "run"):
        result = invoke(command, "--help")
        assert result.exit_code == 0
        assert "Example" in result.stdout


async def test_run_publishes_to_a_broker(tmp_path):
    """What is published is what the truth says."""
    async with listening() as (port, received):
        arguments = ("run", "--broker", f"127.0.0.1:{port}", "--devices", "6", "--seconds", "60", "--speed", "1000")
        result = await asyncio.to_thread(invoke, *arguments, "--truth", str(tmp_path / "truth.jsonl"))
        assert result.exit_code == 0, result.output
        truths = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text().splitlines()]
        sent = {(one["topic"], one["payload"]) for one in truths}
        await until(lambda: set(received) >= sent)
    assert set(received) == sent


async def test_interrupt_ends_a_run_in_order(tmp_path):
    """Ctrl-C is the usual end of a run to a broker: exit code 0, no traceback, and the truth is whole to its last line."""
    path = tmp_path / "truth.jsonl"
    async with listening() as (port, received):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "simulators", "run", "--broker", f"127.0.0.1:{port}", "--truth", str(path), stderr=asyncio.subprocess.PIPE
        )
        await until(lambda: received)
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
        assert (process.returncode, err) == (0, b"")
        sent = {(one["topic"], one["payload"]) for one in map(json.loads, path.read_text().splitlines())}
        await until(lambda: set(received) >= sent)
