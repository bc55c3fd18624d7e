"""What goes wrong on the way from a sensor to a broker, each fault with a rate and a seed; the truth follows what is sent."""

from simulators.faults.plan import FAULTS, FaultError, Plan, parse_faults
from simulators.faults.stream import with_faults

__all__ = ["FAULTS", "FaultError", "Plan", "parse_faults", "with_faults"]
