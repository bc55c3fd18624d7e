"""``sensorscribe demo``: a broker, simulated devices and the real agent in one process, and the truth to score it by.

Nothing is left behind: state and log lie in a temporary folder, which is kept (and named) only where the log has something to say.
"""

import asyncio
import contextlib
import shutil
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from rich.console import Console

from agent.config import ModelConfig
from agent.errors import FatalError
from agent.loader import LoadedModel, load_model
from simulators.closing import show_closing
from simulators.screen import LiveScreen, PlainScreen

DEFAULT_SECONDS = 60.0
PLAIN_WIDTH = 140
"""Columns where there is no terminal to ask."""


def run_demo(
    *,
    seconds: float | None,
    plain: bool,
    seed: int,
    devices: int,
    start: float | None = None,
    load: Callable[[ModelConfig, Path], Awaitable[LoadedModel]] = load_model,
) -> int:
    """Play for so many seconds (60 where none are given) or until SIGINT or SIGTERM, then print the closing table; exit code 0.

    ``start`` is where simulated time begins (seconds since 1970 UTC; as ``playback.next_start`` has it where none is given), and
    ``load`` may bring another model. Raises ``FatalError``, whose text says what to do, where the agent cannot run.
    """
    stop = asyncio.Event()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    with stoppable(stop), scratch_folder() as folder:
        from simulators.playback import Playback  # after the signals are ours: loading it takes a moment

        with log_to(folder / "demo.log"):
            screen = PlainScreen(console) if plain or not console.is_terminal else LiveScreen(console)
            playback = Playback(
                seconds=DEFAULT_SECONDS if seconds is None else seconds, seed=seed, devices=devices, start=start,
                folder=folder, load=load, screen=screen,
            )  # fmt: skip
            try:
                asyncio.run(playback.run(stop))
            except FatalError as error:
                raise FatalError(f"the demo's agent cannot run: {error}") from error
            finally:
                screen.close()
        show_closing(console, playback.board, playback.metrics, playback.view)
    return 0


@contextlib.contextmanager
def stoppable(stop: asyncio.Event) -> Iterator[None]:
    """Signals set ``stop`` from here on, whether there is a loop yet or not, and do what they did before at the end."""

    def ask(_number: int, _frame: object) -> None:
        try:
            asyncio.get_running_loop().call_soon_threadsafe(stop.set)  # wakes the loop, too
        except RuntimeError:
            stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def log_to(path: Path) -> Iterator[None]:
    """What the agent and the libraries say on standard error goes to a file: the screen stays whole."""
    with path.open("w", encoding="utf-8") as log, contextlib.redirect_stderr(log):
        yield


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A temporary folder, removed at the end; where its log is not empty, that stays and is named."""
    folder = Path(tempfile.mkdtemp(prefix="sensorscribe-demo-"))
    try:
        yield folder
    finally:
        log = folder / "demo.log"
        if log.exists() and log.stat().st_size:
            shutil.rmtree(folder / "state", ignore_errors=True)
            print(f"warnings of this run are in {log}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
