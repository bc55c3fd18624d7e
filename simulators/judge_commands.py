"""The commands about what goes wrong and what came of it: ``faults``, ``collect``, ``judge``, ``verdicts``."""

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from agent.errors import FatalError
from simulators.console import address, interruptible, warn, writing
from simulators.faults import FAULTS, parse_faults
from simulators.judge import JudgeError, judged, objects, read_truth
from simulators.listener import Listener
from simulators.score import LATE_SECONDS
from simulators.told import judge_summaries
from simulators.verdict import SITE_COLUMNS, Bounds, markdown, show_verdict, site_cells, verdict_table

PLAIN_WIDTH = 170
"""Columns where there is no terminal to ask."""

Username = Annotated[str | None, typer.Option(help="For the broker")]
Password = Annotated[str | None, typer.Option(envvar="SENSORSCRIBE_MQTT_PASSWORD", help="For the broker; better by the variable")]


def register(app: typer.Typer) -> None:
    """Add these commands to a command line."""
    app.command(epilog="Example: sensorscribe-simulate faults")(faults)
    app.command(
        epilog="Example: sensorscribe-simulate collect --broker localhost:1883 --idle-seconds 10 | sensorscribe-simulate judge"
        " --truth truth.jsonl --arrived -"
    )(collect)
    app.command(
        epilog="Examples: sensorscribe-simulate judge --truth truth.jsonl --arrived readings.jsonl --min-recall 0.8 --max-invented 0\n\n"
        "sensorscribe extract --jsonl < messages.jsonl | sensorscribe-simulate judge --truth truth.jsonl --arrived -"
    )(judge)
    app.command(epilog="Example: sensorscribe-simulate verdicts --markdown")(verdicts)


def faults() -> None:
    """The faults that run --faults knows: what they do, of what their rate is a share, and their rate in all."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("fault", "what happens", "a share of the", "in all"):
        table.add_column(name, justify="right" if name == "in all" else "left")
    for name, fault in FAULTS.items():
        table.add_row(name, fault.means, fault.share_of, f"{fault.usual:g}")
    console().print(table)


def console() -> Console:
    """Standard output, of a fixed width where it is no terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)


@contextlib.contextmanager
def reading(path: str) -> Iterator[TextIO]:
    """A file to read, or standard input for ``-``. Raises ``FatalError``."""
    if path == "-":
        yield sys.stdin
        return
    try:
        with Path(path).open(encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise FatalError(f"{path} cannot be read ({error.strerror}): name another file") from error
    except UnicodeDecodeError as error:
        raise FatalError(f"{path} is not UTF-8 ({error}): name another file") from error


def collect(
    broker: Annotated[str, typer.Option(metavar="HOST:PORT", help="The broker that the agent publishes to")],
    prefix: Annotated[str, typer.Option(help="The agent's topics")] = "sensorscribe/+",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write here instead of to standard output")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="End after so long (default: at Ctrl-C)")] = None,
    idle_seconds: Annotated[float | None, typer.Option(min=0, help="End when nothing came for so long")] = None,
    username: Username = None,
    password: Password = None,
) -> None:
    """Write down what an agent publishes (readings, quarantine, summaries), a line of JSON each, for judge to read."""
    filters = [f"{prefix}/{level}" for level in ("readings/#", "quarantine", "summaries/#")]
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(writing(out)) if out else sys.stdout
        stopped = stack.enter_context(interruptible())
        listener = stack.enter_context(Listener(*address(broker), filters, username, password, warn))
        for heard in listener.messages(stopped, seconds, idle_seconds):
            try:
                body = json.loads(heard.payload)
            except ValueError as error:
                raise FatalError(f"{heard.topic} is no topic of an agent, its payload is no JSON: name the agent with --prefix") from error
            file.write(json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n")
            file.flush()


def judge(
    truth: Annotated[str, typer.Option(metavar="FILE", help="What run --truth wrote")],
    arrived: Annotated[
        str | None, typer.Option(metavar="FILE", help="What collect wrote or extract --jsonl answered; - is standard input")
    ] = None,
    summaries: Annotated[
        str | None, typer.Option(metavar="FILE", help="Summaries with text and window, held against the events of the truth")
    ] = None,
    late_seconds: Annotated[float, typer.Option(min=0, help="A reading is late behind one that was said so much later")] = LATE_SECONDS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables")] = False,
    min_recall: Annotated[float | None, typer.Option(min=0, max=1, help="Exit code 1 below this share of the true readings")] = None,
    min_precision: Annotated[float | None, typer.Option(min=0, max=1, help="Exit code 1 below this share of what arrived")] = None,
    max_invented: Annotated[int | None, typer.Option(min=0, help="Exit code 1 beyond so many")] = None,
    max_missing: Annotated[int | None, typer.Option(min=0, help="Exit code 1 beyond so many")] = None,
    max_duplicate: Annotated[int | None, typer.Option(min=0, help="Exit code 1 beyond so many")] = None,
    max_late: Annotated[int | None, typer.Option(min=0, help="Exit code 1 beyond so many")] = None,
    min_told: Annotated[float | None, typer.Option(min=0, max=1, help="Exit code 1 below this share of events told")] = None,
) -> None:
    """Hold what arrived upstream against the truth: missing, wrong, invented, doubled, late; by dialect and by fault."""
    if arrived is None and summaries is None:
        raise typer.BadParameter("name what arrived: --arrived FILE, --summaries FILE, or both")
    if min_told is not None and summaries is None:
        raise typer.BadParameter("--min-told is about summaries: name them with --summaries FILE")
    with contextlib.ExitStack() as stack:
        lines = list(stack.enter_context(reading(arrived))) if arrived is not None else []
        known = read_truth(truth, stack.enter_context(reading(truth)))
        board = judged(known.messages if arrived is not None else (), arrived or "", lines, late_seconds)
        told = None
        if summaries is not None:
            tables = [table for _, table in objects(summaries, stack.enter_context(reading(summaries)))]
            try:
                told = judge_summaries(known.events, [table for table in tables if "text" in table])
            except (KeyError, TypeError, ValueError) as error:
                raise JudgeError(f"{summaries}: {error!r} is missing or wrong; a summary has text and window (start, end)") from error
    if as_json:
        typer.echo(json.dumps(verdict_table(board, told), ensure_ascii=False))
    else:
        show_verdict(console(), board, told)
    bounds = Bounds(min_recall, min_precision, max_invented, max_missing, max_duplicate, max_late, min_told)
    broken = list(bounds.broken(board.total(), told))
    for sentence in broken:
        typer.echo(f"verdict: {sentence}", err=True)
    if broken:
        raise typer.Exit(1)


def verdicts(
    site: Annotated[
        list[str] | None, typer.Option(help="Only this site; may be given more than once (default: all that come along)")
    ] = None,
    devices: Annotated[int, typer.Option(min=1, help="How many devices each site has")] = 30,
    seconds: Annotated[float, typer.Option(min=1, help="Simulated seconds of each")] = 900.0,
    faults: Annotated[str, typer.Option(metavar="PLAN", help="As for run")] = "all",
    seed: Annotated[int, typer.Option(help="The same seed gives the same traffic and the same faults")] = 1,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="A table for a README instead of one for a terminal")] = False,
) -> None:
    """Let the agent read each site's traffic with its real model, faults off and on, and print what it made of it."""
    from simulators.site import load_site, shipped  # with the model: a usage error needs neither
    from simulators.verdicts import site_verdicts
    from simulators.world import World

    plan = parse_faults(faults)
    sites = ((name, list(World(load_site(name), seed, devices).traffic(seconds))) for name in site or shipped())
    headers = ["site", "faults", *SITE_COLUMNS.values()]
    rows = []
    for verdict in site_verdicts(sites, plan, seed):
        rows.append([Path(verdict.site).stem, "on" if verdict.has_faults else "off", *site_cells(verdict.board.total())])
        typer.echo(" ".join(rows[-1]), err=True)
    if as_markdown:
        typer.echo(markdown(headers, rows, names=2))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for at, name in enumerate(headers):
        table.add_column(name, justify="left" if at < 2 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console().print(table)
