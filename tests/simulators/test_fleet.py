"""Fleets: the same seed gives the same bytes, in any process."""

import hashlib
import itertools
import os
import subprocess
import sys

from simulators.catalogue import dialects
from simulators.fleet import fleet, traffic
from simulators.moment import START
from tests.conftest import ROOT

SCRIPT = """
import hashlib, sys
from simulators.fleet import fleet, traffic
text = "".join(one.truth_line() for one in traffic(fleet(7, 40), seconds=600))
print(hashlib.sha256(text.encode()).hexdigest())
"""


def lines(seed, devices, seconds):
    """The truth of a fleet's traffic."""
    return [one.truth_line() for one in traffic(fleet(seed, devices), seconds=seconds)]


def test_same_seed_gives_the_same_bytes():
    """Two fleets of one seed say the same, those of another seed do not."""
    assert lines(7, 40, 300) == lines(7, 40, 300)
    assert lines(7, 40, 300) != lines(8, 40, 300)


def test_other_process_gives_the_same_bytes():
    """Neither hash randomness nor locale nor time zone reach the traffic."""
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Asia/Ho_Chi_Minh", "LC_ALL": "C"}
    run = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == hashlib.sha256("".join(lines(7, 40, 600)).encode()).hexdigest()


def test_every_dialect_comes_before_any_comes_twice():
    """As many devices as dialects are one of each; topics of one fleet never belong to two devices."""
    count = len(dialects())
    devices = fleet(1, 2 * count)
    assert {one.dialect.name for one in devices[:count]} == set(dialects())
    owners = {}
    for message in traffic(devices, seconds=600):
        assert owners.setdefault(message.topic, message.id.split("/")[1]) == message.id.split("/")[1]


def test_traffic_comes_in_the_order_of_time_and_ends():
    """Times never fall, begin where they are told to, and stop with the seconds; without seconds there is no end."""
    times = [one.at for one in traffic(fleet(1, 20), START + 5, 120)]
    assert times == sorted(times)
    assert times[0] >= START + 5
    assert times[-1] <= START + 125
    assert len(list(itertools.islice(traffic(fleet(1, 1)), 500))) == 500


def test_fleet_can_be_of_one_dialect():
    """Chosen dialects are the only ones."""
    assert {one.dialect.name for one in fleet(1, 5, [dialects()["ecowitt"]])} == {"ecowitt"}
