"""Labels -> readings: values, units, instants, names, plausibility."""

from agent.normalise.assemble import Understood, assemble

__all__ = ["Understood", "assemble"]
