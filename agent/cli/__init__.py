"""The command line: ``sensorscribe`` and ``python -m agent``."""

from agent.cli.app import app

__all__ = ["app"]
