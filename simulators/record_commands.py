"""The commands about a real broker's traffic: ``record``, ``replay``, ``proxy``."""

import asyncio
import contextlib
import itertools
import secrets
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from simulators.console import address, interruptible, warn, writing
from simulators.judge_commands import Password, Username, reading
from simulators.listener import Listener
from simulators.proxy import Proxy, Way, parse_ways, play_ways
from simulators.record import RecordError, recorded_line, replayed
from simulators.redact import Redactor
from simulators.running import Run
from simulators.sinks import BrokerSink

Broker = Annotated[str, typer.Option(metavar="HOST:PORT", help="The broker")]


def register(app: typer.Typer) -> None:
    """Add these commands to a command line."""
    app.command(epilog="Example: sensorscribe-simulate record --broker localhost:1883 --seconds 600 --out traffic.jsonl")(record)
    app.command(epilog="Example: sensorscribe-simulate replay traffic.jsonl --broker localhost:1883 --speed 10")(replay)
    app.command(
        epilog="Example: sensorscribe-simulate proxy --broker localhost:1883 --listen 1884 --ways away=0.1,slow=0.2,half_open=0.05"
    )(proxy)


def record(
    broker: Broker,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write here instead of to standard output")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="A topic filter; may be given more than once (default: #)")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="End after so long (default: at Ctrl-C)")] = None,
    salt: Annotated[
        str | None, typer.Option(envvar="SENSORSCRIBE_SALT", help="The same salt gives the same pseudonyms (default: a random one)")
    ] = None,
    name: Annotated[list[str] | None, typer.Option(help="A word that is redacted wherever it stands; may be given more than once")] = None,
    redact: Annotated[bool, typer.Option("--redact/--keep-identities", help="Redact identities, or write down what comes as it is")] = True,
    username: Username = None,
    password: Password = None,
) -> None:
    """Write down a broker's traffic, a line of JSON a message, with identities redacted.

    What stays: times, values, units, words. Read the file before you pass it on: no rule knows every identity.
    """
    if unusable := [one for one in name or [] if not any(map(str.isalnum, one))]:
        raise typer.BadParameter(f"--name {unusable[0]!r} has neither letter nor digit")
    key = secrets.token_bytes(32) if salt is None else salt.encode()
    if not 0 < len(key) <= 64:
        raise typer.BadParameter("--salt must have 1 to 64 bytes")
    redactor = Redactor(key, name or ()) if redact else None
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(writing(out)) if out else sys.stdout
        stopped = stack.enter_context(interruptible())
        listener = stack.enter_context(Listener(*address(broker), topic or ["#"], username, password, warn))
        for heard in listener.messages(stopped, seconds):
            file.write(recorded_line(heard, redactor) + "\n")
            file.flush()


def replay(
    recording: Annotated[str, typer.Argument(metavar="FILE", help="What record wrote; - is standard input")],
    broker: Broker,
    speed: Annotated[float, typer.Option(min=0.001, help="Recorded seconds in a second")] = 1.0,
    username: Username = None,
    password: Password = None,
) -> None:
    """Publish a recording again, in its own time, its bytes and retained flags as they were."""
    with contextlib.ExitStack() as stack:
        messages = replayed(recording, stack.enter_context(reading(recording)))
        first = next(messages, None)
        if first is None:
            raise RecordError(f"{recording} holds no message")
        sink = BrokerSink(*address(broker), username=username, password=password)
        stack.callback(sink.close)
        stopped = stack.enter_context(interruptible())
        cost = Run(devices=1, start=first.at, speed=speed, sink=sink).play(itertools.chain((first,), messages), stopped)
    typer.echo(str(cost), err=True)


def proxy(
    broker: Broker,
    listen: Annotated[int, typer.Option(min=0, max=65535, help="The port of this machine to listen on; 0: any free one")],
    ways: Annotated[str, typer.Option(metavar="WAY=SHARE,...", help="Shares of the time: away, slow, half_open")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same course")] = 1,
    seconds: Annotated[float | None, typer.Option(min=0, help="End after so long (default: at Ctrl-C)")] = None,
) -> None:
    """Stand before a broker and make the way to it bad: gone, slow, or half open, ten seconds at a time."""
    shares = parse_ways(ways)
    asyncio.run(stand_before(*address(broker), listen, shares, seed, seconds))


async def stand_before(host: str, port: int, listen: int, shares: dict[Way, float], seed: int, seconds: float | None) -> None:
    """Run a proxy until the time is up, or SIGINT or SIGTERM comes; each change of the way is said on standard error."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):  # where signals cannot be heard, asyncio.run ends it
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
    if seconds is not None:
        loop.call_later(seconds, stop.set)
    async with Proxy(host, port, listen) as proxied:
        typer.echo(f"listening on 127.0.0.1:{proxied.port}", err=True)
        await play_ways(proxied, shares, seed, stop, lambda way: typer.echo(f"the way is {way}", err=True))
