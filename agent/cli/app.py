"""The commands. Each is a few lines: arguments in, a function of this package called, an exit code out.

Heavy modules (onnxruntime, pint) are loaded by the command that needs them, so that ``--help`` and usage errors are quick.
"""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from agent.config import load_config, merge_patch, parse_config
from agent.errors import AgentError
from agent.telemetry.logs import set_up_logs
from agent.telemetry.version import agent_version


class Commands(TyperGroup):
    """A group whose commands may raise ``AgentError``: its text goes to standard error, and the exit code is 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except AgentError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    name="sensorscribe",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    add_completion=False,
    help="Reads whatever sensors publish over MQTT with a small language model on the device; no parser to write.\n\n"
    "Exit codes: 0 done, 1 something to correct (said on standard error), 2 wrong usage.",
)

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", envvar="SENSORSCRIBE_CONFIG", metavar="FILE", help="Configuration (TOML); without one, the defaults count"
    ),
]
TemplatesOption = Annotated[
    bool, typer.Option("--templates/--no-templates", help="Learn templates within this run, or ask the model every time")
]
ThresholdOption = Annotated[
    float | None,
    typer.Option(min=0.0, max=1.0, help="Readings less sure than this are left out (default: extract.threshold of the configuration)"),
]


@app.command(epilog="Example: sensorscribe extract home/attic/sensor7 '{\"tempF\": 71.3}'")
def extract(
    topic: Annotated[str | None, typer.Argument(help="The message's topic")] = None,
    payload: Annotated[str | None, typer.Argument(help="Its payload; - reads it from standard input")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Lines of {"id", "topic", "payload"} from standard input, one line of readings out for each')
    ] = False,
    templates: TemplatesOption = True,
    threshold: ThresholdOption = None,
    config: ConfigOption = None,
) -> None:
    """Read one message, or lines of messages; no broker needed.

    The readings go to standard output as JSON. [dim]sensorscribe extract --jsonl < messages.jsonl > readings.jsonl[/dim]
    """
    if jsonl and (topic is not None or payload is not None):
        raise typer.BadParameter("--jsonl reads messages from standard input: leave TOPIC and PAYLOAD out")
    if not jsonl and (topic is None or payload is None):
        raise typer.BadParameter("give TOPIC and PAYLOAD, or --jsonl with messages on standard input")
    import json

    from agent.cli.lines import answer_lines, to_table
    from agent.cli.offline import Offline

    settings = load_config(config)
    set_up_logs(settings.telemetry.log_level, settings.telemetry.log_format)
    with Offline(settings, templates=templates, threshold=threshold) as offline:
        if jsonl:
            out = sys.stdout.buffer
            for line in answer_lines(offline, sys.stdin.buffer):
                out.write(line.encode() + b"\n")
                out.flush()
            return
        assert topic is not None
        assert payload is not None
        table = to_table(None, offline.read(topic, _body(payload)))
        typer.echo(json.dumps(table, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))
        if table["error"]:
            raise typer.Exit(1)


def _body(payload: str) -> bytes:
    return sys.stdin.buffer.read() if payload == "-" else payload.encode("utf-8", "surrogateescape")


@app.command(epilog="Example: sensorscribe explain home/attic 'Temp: 21,5 °C; Feuchte 48 %'")
def explain(
    topic: Annotated[str, typer.Argument(help="The message's topic")],
    payload: Annotated[str, typer.Argument(help="Its payload; - reads it from standard input")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables")] = False,
    threshold: ThresholdOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what the agent makes of one message, and why: candidates, labels, probabilities, path, milliseconds."""
    from rich.console import Console

    from agent.cli.explain import explanation, show
    from agent.cli.lines import to_line
    from agent.cli.offline import Offline

    with Offline(load_config(config), threshold=threshold) as offline:
        table, rows = explanation(offline, topic, _body(payload))
    if as_json:
        typer.echo(to_line(table))
    else:
        show(Console(highlight=False), table, rows)


@app.command(epilog="Example: sensorscribe summarize --at 2026-05-01T10:05:00+02:00 --config /etc/sensorscribe/sensorscribe.toml")
def summarize(
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help='Lines of {"id", "readings"} or {"id", "facts"} from standard input, one line of text out for each'),
    ] = False,
    group: Annotated[str | None, typer.Option(help="The group; may be left out where there is only one")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="An instant with its zone: the summary that is kept of its window")
    ] = None,
    language: Annotated[str | None, typer.Option(help="en, de or vi (default: summaries.language of the configuration)")] = None,
    config: ConfigOption = None,
) -> None:
    """Tell in sentences what happened: of lines of readings, or of the open or a past window of an agent's state folder."""
    if jsonl and (group is not None or at is not None):
        raise typer.BadParameter("--jsonl reads from standard input: leave --group and --at out")
    import json

    from agent.cli.summarize import kept_summary, summarize_lines

    settings = load_config(config)
    if language is not None:
        settings = parse_config(merge_patch(settings.model_dump(mode="json"), {"summaries": {"language": language}}), "--language")
    set_up_logs(settings.telemetry.log_level, settings.telemetry.log_format)
    if jsonl:
        out = sys.stdout.buffer
        for line in summarize_lines(settings, sys.stdin.buffer):
            out.write(line.encode() + b"\n")
            out.flush()
        return
    table = kept_summary(settings, group, "now" if at is None else _instant(at))
    typer.echo(json.dumps(table, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--at {text!r} is no instant; write one like 2026-05-01T10:05:00+02:00") from error
    if moment.tzinfo is None:
        raise typer.BadParameter("--at needs a zone, like +02:00 or Z")
    return moment


@app.command(epilog="Example: sensorscribe schema facts")
def schema(what: Annotated[str, typer.Argument(help="facts: what a summary is made of")]) -> None:
    """Print a JSON schema."""
    if what != "facts":
        raise typer.BadParameter("there is a schema of facts alone")
    import json

    from agent.summarise.facts import facts_schema

    typer.echo(json.dumps(facts_schema(), indent=1, ensure_ascii=False))


@app.command(epilog="Example: sensorscribe run --config /etc/sensorscribe/sensorscribe.toml")
def run(config: ConfigOption = None) -> None:
    """Run the agent until SIGTERM or SIGINT; a second signal ends it at once. What it does is logged on standard error."""
    from agent.cli.service import serve

    settings = load_config(config)
    set_up_logs(settings.telemetry.log_level, settings.telemetry.log_format)
    serve(settings, config)


@app.command("check-config", epilog="Example: sensorscribe check-config --config /etc/sensorscribe/sensorscribe.toml")
def check_config(
    config: ConfigOption = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Print a sample with every setting, its meaning and its default, and check nothing")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing where all is well")] = False,
) -> None:
    """Check a configuration and the files it names, tell all its faults at once, and print the settings that count.

    Settings changed by command are kept in the state folder, not in the file; config.get over MQTT shows them.
    """
    from agent.cli.check import check_files, doubts
    from agent.cli.sample import effective_config, sample_config

    if sample:
        typer.echo(sample_config(), nl=False)
        return
    settings = load_config(config)
    check_files(settings)
    for doubt in doubts(settings):
        typer.echo(f"note: {doubt}", err=True)
    if not quiet:
        typer.echo(effective_config(settings), nl=False)


@app.command(epilog="Example: sensorscribe demo --seconds 60")
def demo(
    seconds: Annotated[float | None, typer.Option(min=1, help="End after so many seconds (default: 60); Ctrl-C ends it earlier")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Lines of text instead of a live screen")] = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same traffic")] = 1,
    devices: Annotated[int, typer.Option(min=1, help="Simulated devices")] = 30,
) -> None:
    """A broker, simulated devices and the agent, live on the screen; then how well it read them."""
    from agent.cli.demo import load_demo

    raise typer.Exit(load_demo()(seconds=seconds, plain=plain, seed=seed, devices=devices))


@app.command(epilog="Example: sensorscribe version")
def version() -> None:
    """Print the version."""
    typer.echo(agent_version())
