"""What the commands share: errors as exit codes, arguments as values, files to write, and an end by Ctrl-C."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import typer
from typer.core import TyperGroup

from agent.errors import FatalError


class Commands(TyperGroup):
    """A group whose commands may raise ``FatalError`` (said on standard error, exit code 1) or be ended by Ctrl-C (exit code 0)."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except FatalError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(1) from error
        except KeyboardInterrupt:
            raise typer.Exit(0) from None


def address(broker: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``. Raises a usage error."""
    host, colon, port = broker.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise typer.BadParameter(f"--broker {broker!r} is no address: write HOST:PORT, like localhost:1883")
    return host, int(port)


def instant(text: str) -> float:
    """Seconds since 1970 of an RFC 3339 instant, or of now. Raises a usage error."""
    if text == "now":
        return datetime.now(UTC).timestamp() // 1
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--start {text!r} is no instant: write it like 2026-05-01T10:00:00Z, or now") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def warn(text: str) -> None:
    """Say something on standard error."""
    typer.echo(text, err=True)


@contextlib.contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that the first SIGINT (Ctrl-C) or SIGTERM sets, so that a run ends between two messages; a second one ends it at once.

    Python hears signals in the main thread only: on another one the event is never set.
    """
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def stop(*_: object) -> None:
        stopped.set()
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        restore()


@contextlib.contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """A file to write. Raises ``FatalError`` where it cannot be opened."""
    try:
        file = path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise FatalError(f"{path} cannot be written ({error.strerror}): name another file") from error
    with file:
        yield file
