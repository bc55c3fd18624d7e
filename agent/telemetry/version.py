"""The version of this installation, as health and status tell it."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def agent_version() -> str:
    """The installed version; ``0+source`` where the tree runs without being installed."""
    try:
        return version("sensorscribe")
    except PackageNotFoundError:
        return "0+source"
