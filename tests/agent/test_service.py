"""The stages joined: the watchdog is fed by progress alone."""

import asyncio
import contextlib
import socket

from fakes import ScriptedModel, until
from whole_agent import running_agent

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
