"""The promise end to end: an agent killed in mid-stream loses nothing that its broker had acknowledged to the devices.

Real broker with persistence, real agent process, real model. Needs no quality of the model: a message either gives readings or
a notice that it was kept, and each counts as its answer.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(400)]
ROOT = Path(__file__).resolve().parents[2]
MESSAGES = 300
WAIT_SECONDS = 150


def message(number):
    """Message of a number: eight shapes, the number somewhere in the payload."""
    value = 1000 + number
    return [
        (f"plant/pump{number % 7}/telemetry", json.dumps({"temperature": value / 10, "seq": number})),
        ("zigbee2mqtt/attic", json.dumps({"humidity": value / 100, "linkquality": 87, "seq": number})),
        ("garten/beet", f"Bodenfeuchte: {value / 100:.2f} %, Batterie schwach"),
        ("meter/raw", f"1-0:1.8.1({value:010.3f}*kWh)"),
        ("weather/csv", f"{value / 10};{number};1013.2"),
        ("ups/status", f"load={value / 100} voltage=230.{number % 10} state=online"),
        (f"home/room{number % 5}/temperature", str(value / 10)),
        ("gate/xml", f"<m><co2>{value}</co2><n>{number}</n></m>"),
    ][number % 8]


class Agent:
    """The agent as a process."""

    def __init__(self, folder, port):
        self.log = folder / "agent.log"
        self.config = folder / "agent.toml"
        self.state = folder / "state"
        self.config.write_text(
            f'agent = "box"\nstate_folder = "{self.state}"\n[mqtt]\nhost = "127.0.0.1"\nport = {port}\nmax_inflight = 50\n'
            "[model]\nthreads = 1\ndeadline_seconds = 120\nqueue_limit = 1000\n"
        )
        self.process = None

    def start(self):
        """Start it."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "agent", "run", "--config", str(self.config)], cwd=ROOT, stdout=log, stderr=log, env=dict(os.environ)
            )

    def end(self, with_signal):
        """Send a signal and wait for the end; the exit code."""
        self.process.send_signal(with_signal)
        return self.process.wait(60)


def wait_for(condition, what, log):
    """Wait for a condition; fails with the agent's log."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what}\n{log.read_text()[-4000:]}"
        time.sleep(0.05)


def answers(client):
    """(topic, id) of each answer, readings and notices alike."""
    found = []
    for one in client.received:
        if one.topic.startswith(("sensorscribe/box/readings/", "sensorscribe/box/quarantine")):
            body = json.loads(one.payload)
            found.append((body["topic"], body["id"], one.topic.split("/")[2], bytes(one.payload)))
    return found


def statuses(client):
    """(status, reason) of each birth, will and farewell."""
    bodies = [json.loads(one.payload) for one in client.received if one.topic == "sensorscribe/box/status"]
    return [(body["status"], body.get("reason")) for body in bodies]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_nothing_is_lost_when_the_agent_is_killed(mosquitto, peer, tmp_path, model_folder, protocol):
    """Three hundred messages, a kill in mid-stream, a second start: each message is answered, and duplicates are the same bytes.

    The broker sends the will meanwhile.
    """
    if not (model_folder / "manifest.json").exists():
        pytest.skip("no model in models/reader: make model")
    upstream, device = peer("sensorscribe/#"), peer()
    agent = Agent(tmp_path, mosquitto.port)
    agent.config.write_text(agent.config.read_text().replace("[mqtt]", f'[mqtt]\nprotocol = "{protocol}"'))
    agent.start()
    wait_for(lambda: any(one.topic.endswith("/status") for one in upstream.received), "no birth", agent.log)
    device.publish("warm/up", "21.5")
    wait_for(lambda: answers(upstream), "not subscribed", agent.log)

    sent = [message(number) for number in range(MESSAGES)]
    publications = [device.publish(topic, payload) for topic, payload in sent[: MESSAGES // 2]]
    wait_for(lambda: len(answers(upstream)) > 40, "no readings", agent.log)
    publications += [device.publish(topic, payload) for topic, payload in sent[MESSAGES // 2 :]]
    agent.end(signal.SIGKILL)
    at_kill = len({one[1] for one in answers(upstream)})
    assert at_kill < MESSAGES, "the agent was too quick to be killed in mid-stream"
    wait_for(lambda: statuses(upstream)[-1:] == [("offline", "connection lost")], "no will", agent.log)
    for publication in publications:
        publication.wait_for_publish(60)

    agent.start()
    wait_for(lambda: len({one[1] for one in answers(upstream)}) >= MESSAGES + 1, "messages are missing", agent.log)
    assert agent.end(signal.SIGTERM) == 0, agent.log.read_text()[-4000:]

    found = answers(upstream)
    by_id = {}
    for topic, message_id, kind, payload in found:
        by_id.setdefault((message_id, kind), set()).add((topic, payload))
    assert all(len(bodies) == 1 for bodies in by_id.values()), "one id, two contents"
    answered = sorted({message_id: topic for topic, message_id, _, _ in found if topic != "warm/up"}.values())
    assert answered == sorted(topic for topic, _ in sent), "each message has exactly one id"
    database = sqlite3.connect(agent.state / "sensorscribe.db")
    assert database.execute("SELECT count(*) FROM outbox").fetchone() == (0,), "delivered, and still in the outbox"
    database.close()
