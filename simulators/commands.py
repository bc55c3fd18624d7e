"""``sensorscribe-simulate``: dialects to look at, and traffic to a broker or a file, with its truth."""

import contextlib
import gc
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from simulators import judge_commands, record_commands
from simulators.catalogue import dialects
from simulators.console import Commands, address, instant, interruptible, writing
from simulators.dialect import Dialect
from simulators.faults import parse_faults, with_faults
from simulators.fleet import fleet, traffic
from simulators.moment import START
from simulators.run_screen import LiveRunScreen, PlainRunScreen
from simulators.running import Run, RunScreen
from simulators.sinks import BrokerSink, LineSink, LoadSink, Sink
from simulators.site import load_site, shipped
from simulators.world import World

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

judge_commands.register(app)
record_commands.register(app)

SeedOption = Annotated[int, typer.Option(help="The same seed gives the same bytes, on any machine")]


def chosen(names: list[str] | None) -> list[Dialect]:
    """The dialects of these names. Raises a usage error that lists what there is."""
    known = dialects()
    for name in names or []:
        if name not in known:
            raise typer.BadParameter(f"no dialect is called {name!r}; there are: {', '.join(known)}")
    return [known[name] for name in names or []]


@app.command("list", epilog="Example: sensorscribe-simulate list")
def list_all() -> None:
    """The sites that come along, and the dialects: product, formats, language, kinds of messages."""
    console = Console(width=None if sys.stdout.isatty() else 140)
    sites = columns("site", "what", "devices")
    for name in shipped():
        site = load_site(name)
        sites.add_row(name, site.title, str(site.size))
    console.print(sites)
    table = columns("dialect", "product", "formats", "language", "messages")
    for name, one in dialects().items():
        table.add_row(name, one.product, ", ".join(sorted({kind.format for kind in one.sends})), one.language, str(len(one.sends)))
    console.print(table)


def columns(*names: str) -> Table:
    """An empty table whose last column holds numbers."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names:
        table.add_column(name, justify="right" if name == names[-1] else "left")
    return table


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
    epilog="Examples: sensorscribe-simulate run cold_store --broker localhost:1883 --truth truth.jsonl\n\n"
    "sensorscribe-simulate run home --devices 10000 --broker localhost:1883 --qos 0 --speed max --seconds 600\n\n"
    "sensorscribe-simulate run --devices 10 --seconds 3600 > messages.jsonl"
)
def run(
    site: Annotated[
        str | None, typer.Argument(metavar="SITE", help="A site's file, or the name of one of list; without one a mix of dialects")
    ] = None,
    broker: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Publish to this broker; without one, JSON lines go to --out")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the messages here instead of to standard output")] = None,
    truth: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write each message with its truth here, and what happened; a line of JSON each")
    ] = None,
    seed: SeedOption = 1,
    devices: Annotated[int | None, typer.Option(min=1, max=60_000, help="How many (default: the site's own number, else 30)")] = None,
    dialect: Annotated[list[str] | None, typer.Option(help="Only this dialect; may be given more than once; not with a site")] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0, help="Simulated seconds (default: without end to a broker, 600 to a file)")
    ] = None,
    speed: Annotated[
        str, typer.Option(metavar="FACTOR|max", help="Simulated seconds in a second, to a broker; a file is written at once")
    ] = "1",
    start: Annotated[str, typer.Option(help="Where simulated time begins (RFC 3339), or now")] = "2026-05-01T10:00:00Z",
    faults: Annotated[
        str | None, typer.Option(metavar="PLAN", help="What goes wrong: lost=0.01,stuck=0.02, a TOML file, or all; see faults")
    ] = None,
    qos: Annotated[int, typer.Option(min=0, max=1, help="1: the broker confirms each message; 0: as many as it can take")] = 1,
    username: Annotated[str | None, typer.Option(help="For the broker")] = None,
    password: Annotated[
        str | None, typer.Option(envvar="SENSORSCRIBE_MQTT_PASSWORD", help="For the broker; better by the variable")
    ] = None,
) -> None:
    """Send what the devices of a site say, to a broker in its own time or to a file at once; at the end, what that cost."""
    if broker is not None and out is not None:
        raise typer.BadParameter("--out is for running without a broker: leave one of --broker and --out out")
    if site is not None and dialect:
        raise typer.BadParameter("--dialect is for a run without a site, whose file says which dialects there are")
    began, factor = instant(start), pace(speed)
    length = 600.0 if seconds is None and broker is None else seconds
    world = World(load_site(site), seed, devices, began) if site else None
    standing = world.devices if world else fleet(seed, devices or 30, chosen(dialect), began)
    messages = traffic(standing, began, length, world)
    if faults is not None:
        messages = with_faults(messages, parse_faults(faults), seed)
    gc.freeze()  # the devices stay: looking through them again and again would cost a tenth of a fast run
    with contextlib.ExitStack() as stack:
        known = stack.enter_context(writing(truth)) if truth else None
        sink = stack.enter_context(opened(broker, out, qos, username, password))
        console = Console(stderr=broker is None and out is None, highlight=False)
        screen = stack.enter_context(watched(console, f"{site or 'devices of all kinds'}, {len(standing)} devices"))
        stopped = stack.enter_context(interruptible())
        playing = Run(
            devices=len(standing), start=began, speed=factor if broker else None, sink=sink, truth=known, world=world, screen=screen
        )  # fmt: skip
        cost = playing.play(messages, stopped)
    console.print(str(cost), markup=False, soft_wrap=True)


def pace(speed: str) -> float | None:
    """Simulated seconds in a second; None for as fast as it goes. Raises a usage error."""
    if speed == "max":
        return None
    try:
        factor = float(speed)
    except ValueError:
        factor = 0.0
    if not 0.001 <= factor <= 1e6:
        raise typer.BadParameter(f"--speed {speed!r} is no pace: write a number from 0.001 to 1000000, or max")
    return factor


@contextlib.contextmanager
def watched(console: Console, title: str) -> Iterator[RunScreen]:
    """A live view on a terminal, lines elsewhere."""
    screen: RunScreen = LiveRunScreen(console, title) if console.is_terminal else PlainRunScreen(console)
    try:
        yield screen
    finally:
        screen.close()


@contextlib.contextmanager
def opened(broker: str | None, out: Path | None, qos: int, username: str | None, password: str | None) -> Iterator[Sink]:
    """Where the messages go; what is on its way is delivered at the end, after Ctrl-C too."""
    with contextlib.ExitStack() as stack:
        sink: Sink
        if broker is not None:
            sink = (LoadSink if qos == 0 else BrokerSink)(*address(broker), username=username, password=password)
        else:
            sink = LineSink(stack.enter_context(writing(out)) if out else sys.stdout)
        stack.callback(sink.close)
        yield sink
