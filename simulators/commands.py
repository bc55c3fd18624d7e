"""``sensorscribe-simulate``: dialects to look at, and traffic to a broker or a file, with its truth."""

import contextlib
import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from agent.errors import FatalError
from simulators.catalogue import dialects
from simulators.dialect import Dialect
from simulators.fleet import START, fleet, traffic
from simulators.sinks import BrokerSink, LineSink, Sink


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


app = typer.Typer(
    name="sensorscribe-simulate",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    add_completion=False,
    help="Simulated devices that speak as real products do, with the truth of what they said. The same seed gives the same bytes.\n\n"
    "Exit codes: 0 done, 1 something to correct (said on standard error), 2 wrong usage.",
)

SeedOption = Annotated[int, typer.Option(help="The same seed gives the same bytes, on any machine")]


def chosen(names: list[str] | None) -> list[Dialect]:
    """The dialects of these names. Raises a usage error that lists what there is."""
    known = dialects()
    for name in names or []:
        if name not in known:
            raise typer.BadParameter(f"no dialect is called {name!r}; there are: {', '.join(known)}")
    return [known[name] for name in names or []]


@app.command("list", epilog="Example: sensorscribe-simulate list")
def list_dialects() -> None:
    """The dialects: product, formats, kinds of messages."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("dialect", "product", "formats", "messages"):
        table.add_column(name, justify="right" if name == "messages" else "left")
    for name, one in dialects().items():
        table.add_row(name, one.product, ", ".join(sorted({kind.format for kind in one.sends})), str(len(one.sends)))
    Console(width=None if sys.stdout.isatty() else 140).print(table)


@app.command(epilog="Example: sensorscribe-simulate show zigbee2mqtt-climate")
def show(
    dialect: Annotated[str, typer.Argument(help="A name of sensorscribe-simulate list")],
    seed: SeedOption = 1,
) -> None:
    """One message of each kind that a dialect sends, and its truth."""
    (device,) = fleet(seed, 1, chosen([dialect]))
    for kind in range(len(device.dialect.sends)):
        message = device.say(kind, START + 60 * kind)
        typer.echo(f"{message.topic}{'  (retained)' if message.retain else ''}\n{message.payload}")
        table = message.table()
        for role in ("readings", "optional"):
            for one in table[role]:
                typer.echo(f"  {role.removesuffix('s')}: {json.dumps(one, ensure_ascii=False)}")
        typer.echo(f"  device: {message.device}  time: {message.time}\n")


@app.command(
    epilog="Examples: sensorscribe-simulate run --broker localhost:1883 --devices 30 --truth truth.jsonl\n\n"
    "sensorscribe-simulate run --devices 10 --seconds 3600 > messages.jsonl"
)
def run(
    broker: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Publish to this broker; without one, JSON lines go to --out")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the messages here instead of to standard output")] = None,
    truth: Annotated[Path | None, typer.Option(metavar="FILE", help="Write each message with its truth here, a line of JSON each")] = None,
    seed: SeedOption = 1,
    devices: Annotated[int, typer.Option(min=1, help="How many devices")] = 30,
    dialect: Annotated[list[str] | None, typer.Option(help="Only this dialect; may be given more than once")] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0, help="Simulated seconds (default: without end to a broker, 600 to a file)")
    ] = None,
    speed: Annotated[float, typer.Option(min=0.001, help="Simulated seconds in a second, to a broker; a file is written at once")] = 1.0,
    start: Annotated[str, typer.Option(help="Where simulated time begins (RFC 3339), or now")] = "2026-05-01T10:00:00Z",
    username: Annotated[str | None, typer.Option(help="For the broker")] = None,
    password: Annotated[
        str | None, typer.Option(envvar="SENSORSCRIBE_MQTT_PASSWORD", help="For the broker; better by the variable")
    ] = None,
) -> None:
    """Send what a fleet of devices says, to a broker in its own time or to a file at once."""
    if broker is not None and out is not None:
        raise typer.BadParameter("--out is for running without a broker: leave one of --broker and --out out")
    began = instant(start)
    length = 600.0 if seconds is None and broker is None else seconds
    messages = traffic(fleet(seed, devices, chosen(dialect)), began, length)
    with contextlib.ExitStack() as stack:
        known = stack.enter_context(writing(truth)) if truth else None
        sink = stack.enter_context(opened(broker, out, username, password))
        stopped = stack.enter_context(interruptible())
        clock = time.monotonic()
        for message in messages:
            if stopped.wait(max(0.0, clock + (message.at - began) / speed - time.monotonic()) if broker is not None else 0.0):
                break
            if known is not None:
                known.write(message.truth_line() + "\n")
            sink.send(message)


def instant(text: str) -> float:
    """Seconds since 1970 of an RFC 3339 instant, or of now. Raises a usage error."""
    if text == "now":
        return datetime.now(UTC).timestamp() // 1
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--start {text!r} is no instant: write it like 2026-05-01T10:00:00Z, or now") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


@contextlib.contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets, so that a run ends between two messages and never inside one; a second one ends it at once.

    Python hears signals in the main thread only: on another one the event is never set.
    """
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def stop(*_: object) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """A file to write. Raises ``FatalError``."""
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            yield file
    except OSError as error:
        raise FatalError(f"{path} cannot be written ({error.strerror}): name another file") from error


@contextlib.contextmanager
def opened(broker: str | None, out: Path | None, username: str | None, password: str | None) -> Iterator[Sink]:
    """Where the messages go; what is on its way is delivered at the end, after Ctrl-C too."""
    with contextlib.ExitStack() as stack:
        sink: Sink
        if broker is not None:
            host, colon, port = broker.rpartition(":")
            if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
                raise typer.BadParameter(f"--broker {broker!r} is no address: write HOST:PORT, like localhost:1883")
            sink = BrokerSink(host, int(port), username=username, password=password)
        else:
            sink = LineSink(stack.enter_context(writing(out)) if out else sys.stdout)
        stack.callback(sink.close)
        yield sink
