"""``run``: the agent under a service manager or on a terminal, and how signals end it."""

import asyncio
import signal
from pathlib import Path

from agent.app import App
from agent.config import Config


def serve(config: Config, config_path: Path | None) -> None:
    """Run until a signal or a fault. Raises ``FatalError`` where the agent cannot go on."""
    asyncio.run(_serve(config, config_path))


async def _serve(config: Config, config_path: Path | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask(number: signal.Signals) -> None:
        """Stop in order; the next signal of this kind does what it does to any process."""
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask, number)
    await App(config, config_path).run(stop)
