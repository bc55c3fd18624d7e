"""The stages joined: the watchdog is fed by progress alone, and what the model had no time for is read later."""

import asyncio
import contextlib
import json
import socket

import pytest
from fakes import ScriptedModel, until
from whole_agent import running_agent

import agent.service
from agent.errors import RetryableError
from agent.mqtt.packet import Incoming


async def test_watchdog_is_not_fed_while_a_stage_stands_still(tmp_path, monkeypatch, capsys):
    """A message that gets no further than the model starves the watchdog; when it is through, the watchdog is fed again."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "400000")
        model = ScriptedModel()
        model.gate = asyncio.Event()

        def heard():
            """How often the watchdog was fed since it was asked last."""
            states = []
            with contextlib.suppress(BlockingIOError):
                while True:
                    states.append(manager.recv(1000).decode())
            return states.count("WATCHDOG=1")

        async with running_agent(tmp_path / "state", monkeypatch, model) as (_, link):
            await until(heard)
            said = ""

            def stands_still():
                nonlocal said
                said += capsys.readouterr().err
                return said.count("stages stand still; the watchdog is not fed") >= 2

            link.deliver(Incoming("slow/a", b'{"t": 1}', 1, packet_id=1, connection=1))
            await until(stands_still)
            heard()
            said = ""
            await until(stands_still)
            assert heard() == 0
            model.gate.set()
            await until(heard)


@pytest.mark.parametrize("retain", [False, True])
async def test_what_the_model_had_no_time_for_is_read_when_it_has(tmp_path, monkeypatch, retain):
    """The message goes to quarantine, as is told; later its readings come, under its id and with its time, and it is there no more."""
    monkeypatch.setattr(agent.service, "READ_AGAIN_SECONDS", 0.01)
    model = ScriptedModel()
    model.error = RetryableError("the reader's queue of 64 is full")
    async with running_agent(tmp_path, monkeypatch, model) as (app, link):
        ((level, notice),) = await link.answers_to("home/attic", b'{"t": 21.5}', retain)
        assert (level, notice["reason"]) == ("quarantine", "model_busy")
        calls = model.calls
        await until(lambda: model.calls > calls)  # asked again, it is busy still
        assert app.metrics.snapshot()["quarantine_rows"] == 1
        model.error = None
        await until(lambda: app.metrics.snapshot()["quarantine_rows"] == 0)
        await until(lambda: link.published[-1].topic.startswith("sensorscribe/agent/readings/"))
        body = json.loads(link.published[-1].payload)
        assert (body["id"], body["received_at"], body["readings"][0]["value"]) == (notice["id"], notice["received_at"], 21.5)
        assert body.get("retained", False) is retain
