"""Bytes of summaries against bytes of the traffic that they sum up: the demo's fleet, an agent with its default windows.

    python -m models.writing.bandwidth

A message counts with its topic and payload, a summary likewise, as they are published; headers of MQTT and TCP count on neither side. The
reader's labels are the simulators' truth. Nothing waits: hours of simulated time take a minute.
"""

import argparse
import json
import sys
from pathlib import Path
from random import Random

from agent.config import Config
from agent.domain.observation import Window, to_micros
from agent.mqtt.topics import level_of
from agent.publish.envelope import to_body
from agent.slm.manifest import default_model_folder
from agent.summaries import Teller, grouping_of, limits_for
from agent.summarise import Facts, narrate
from agent.summarise.parts import SECOND
from agent.summarise.slm_writer import SlmWriter
from models.writing.windows import Ledger, instant, observation
from simulators.mix import mixed
from simulators.moment import START
from simulators.world import World


def published(teller: Teller, facts: Facts, devices: frozenset[str], root: str) -> int:
    """The bytes of a window's summary, topic and body."""
    assert facts.window is not None
    start = to_micros(facts.window.start)
    narration = narrate(facts, teller.style, teller.writer, devices)
    window = Window(start, to_micros(facts.window.end) - start, facts.group)
    return len(f"{root}/summaries/{level_of(facts.group)}") + len(to_body(teller.table(window, facts, narration)))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifact", type=Path, default=default_model_folder("writer"))
    parser.add_argument("--devices", type=int, default=30)
    parser.add_argument("--hours", type=float, default=4)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    config = Config()
    grouping, limits = grouping_of(config.summaries), limits_for(config.summaries)
    teller = Teller.of(config, limits, SlmWriter(args.artifact))
    ledger = Ledger(limits, grouping.length, to_micros(instant(START)))
    raw = messages = waiting = told = sent = 0
    for number, message in enumerate(World(mixed(), args.seed, args.devices, START).traffic(3600 * args.hours)):
        one = observation(f"m_{number:09d}", message, grouping)
        while ledger.start + grouping.length + config.summaries.lateness_seconds * SECOND <= one.arrived:
            raw, waiting = raw + waiting, 0  # what is heard later is summed up by another
            for facts, devices in ledger.tell(Random(0)):
                told, sent = told + 1, sent + published(teller, facts, devices, config.root)
        ledger.take(one)
        waiting, messages = waiting + len(message.topic.encode()) + len(message.body), messages + 1
    counted = {
        "devices": args.devices,
        "hours": args.hours,
        "messages": messages,
        "raw_bytes": raw,
        "summaries": told,
        "summary_bytes": sent,
    }
    print(json.dumps({**counted, "times_less": round(raw / max(1, sent), 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
