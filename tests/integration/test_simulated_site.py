"""A shipped site with faults, through a real broker into an agent with its real model, and judged."""

import asyncio
import json
import sys

import pytest
from fakes import until

from agent.app import App
from agent.config import parse_config
from simulators.judge import judged, read_truth

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(300)]
FAULTS = "lost=0.05,quoted=0.1,unit=0.1,truncated=0.03,garbled=0.03,encoding=0.03"


async def run_site(port, truth):
    """Play four minutes of the cold store at once; how many messages went out."""
    arguments = ("run", "cold_store", "--devices", "12", "--seconds", "240", "--speed", "max", "--faults", FAULTS, "--truth", str(truth))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators", *arguments, "--broker", f"127.0.0.1:{port}", stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    assert process.returncode == 0
    return int(told.decode().splitlines()[-1].split()[0])


async def test_site_with_faults_is_read_and_nothing_is_lost(mosquitto, peer, tmp_path):
    """Every message that was sent has its answer, readings or a notice; most readings are right, none comes twice."""
    upstream = peer("sensorscribe/#")
    mqtt = {"port": mosquitto.port, "host": "127.0.0.1"}
    app = App(parse_config({"agent": "box", "state_folder": str(tmp_path / "state"), "drain_seconds": 20, "mqtt": mqtt}))
    stop = asyncio.Event()
    task = asyncio.create_task(app.run(stop))
    try:
        await until(lambda: app.metrics.count("subscriptions_total") or task.done(), 60)
        sent = await run_site(mosquitto.port, tmp_path / "truth.jsonl")
        await until(lambda: app.metrics.count("messages_received_total") >= sent or task.done(), 60)
    finally:
        stop.set()
        await task
    arrived = [
        one.payload.decode()
        for one in upstream.received
        if one.topic.startswith(("sensorscribe/box/readings", "sensorscribe/box/quarantine"))
    ]
    truth = read_truth("truth", (tmp_path / "truth.jsonl").read_text().splitlines())
    total = judged(truth.messages, "arrived", arrived).total()
    assert total.true > 100
    assert total.right / total.true > 0.7
    assert total.duplicate == 0
    assert len({json.loads(line)["id"] for line in arrived}) == sent
