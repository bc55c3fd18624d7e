"""Finds the demo, which lives with the simulators: the agent itself never depends on them."""

import importlib
from collections.abc import Callable
from importlib.util import find_spec

from agent.errors import FatalError

NEEDED = ("simulators.demo", "amqtt")
HOW_TO = "install it with: pip install 'sensorscribe[demo]' (in the source tree: make demo)"


def load_demo() -> Callable[..., int]:
    """The demo's function. Raises ``FatalError`` that says what to install."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise FatalError(f"the demo needs {' and '.join(missing)}: {HOW_TO}")
    run_demo: Callable[..., int] = importlib.import_module("simulators.demo").run_demo
    return run_demo
