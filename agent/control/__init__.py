"""Commands over MQTT: a request on ``<root>/cmd/<name>`` is parsed, carried out and answered."""

from agent.control.context import ControlContext
from agent.control.listener import Control

__all__ = ["Control", "ControlContext"]
