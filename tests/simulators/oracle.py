"""A model that knows the truth of the demo's devices, and the demo with it as a process: ``python oracle.py SECONDS``."""

import asyncio
import sys

from agent.domain.reading import Label
from agent.loader import LoadedModel
from simulators.demo import run_demo
from simulators.mix import mixed
from simulators.moment import START
from simulators.world import World


class Oracle:
    """Labels every candidate as the truth says; ``wrong_unit`` names a quantity whose unit it gets wrong."""

    def __init__(self, seed, devices, simulated_seconds=1500, wrong_unit=None):
        self._truth = {(one.topic, one.payload): one for one in World(mixed(), seed, devices).traffic(simulated_seconds)}
        self._wrong_unit = wrong_unit

    async def read(self, document, topic):
        """The labels of a document."""
        await asyncio.sleep(0)
        message = self._truth[topic, document.text]
        places = {(one.start, one.literal): one for one in message.readings}
        return [self._label(places.get((one.start, one.literal)), one.literal == message.time) for one in document.candidates]

    def _label(self, truth, is_time):
        if truth is None:
            return Label("time" if is_time else "none", confidence=0.95)
        unit = "K" if truth.quantity == self._wrong_unit else truth.unit
        return Label("reading", truth.quantity, unit, truth.inverted, 0.95)

    async def load(self, config, state):
        """As ``App`` wants a model."""

        async def close():
            pass

        return LoadedModel(self, "oracle-1", "digest", lambda: 0, close)


if __name__ == "__main__":
    sys.exit(run_demo(seconds=float(sys.argv[1]), plain=True, seed=1, devices=8, start=START, load=Oracle(1, 8).load))
