"""Labels -> readings: values, units, instants, names, plausibility."""

from agent.normalise.assemble import Understood, assemble
from agent.normalise.naming import device_from_topic
from agent.normalise.unit import linear

__all__ = ["Understood", "assemble", "device_from_topic", "linear"]
