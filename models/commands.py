"""``sensorscribe-train``: what a site does with the model pipeline; every single step is ``python -m models.…``."""

from pathlib import Path
from typing import Annotated

import typer

from agent.errors import AgentError
from agent.slm.manifest import default_model_folder
from models.data.corpus import read_corpus
from models.site import as_json, corrections, general_messages, train_site

app = typer.Typer(
    name="sensorscribe-train",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    add_completion=False,
    help="Goes on training the reader with a site's own corrections. Needs the extra: pip install 'sensorscribe\\[train]'.\n\n"
    "Exit codes: 0 done, 1 something to correct (said on standard error), 2 wrong usage, 3 trained but not kept.",
)


@app.callback()
def group() -> None:
    """A group, so that ``site`` is named even while it is the only one."""


@app.command(epilog="Example: sensorscribe-train site corrections.jsonl --out models/site-1")
def site(
    messages: Annotated[
        Path, typer.Argument(help="Corrected messages in the corpus format, a line of JSON each", exists=True, dir_okay=False)
    ],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="The new model; set model.folder to it")],
    model: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The model to go on from (default: the one that came with this version)")
    ] = None,
    general: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Labelled messages that the general score is taken on (default: generated ones)")
    ] = None,
    replay: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Labelled messages to keep in mind, beside generated ones; may be given more than once"),
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Optimiser steps, about a second each on two cores")] = 200,
) -> None:
    """Train on corrections among general messages; the new model is kept only where the general F1 falls by half a point at most."""
    try:
        outcome = train_site(
            model or default_model_folder(),
            corrections(messages),
            out,
            general_messages(general),
            [one for path in replay or [] for one in read_corpus(path)],
            steps,
            typer.echo,
        )
    except AgentError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(as_json(outcome))
    if outcome.folder is None:
        typer.echo(
            f"not kept: the general F1 fell from {outcome.general_before:.3f} to {outcome.general_after:.3f}; "
            "give fewer --steps, or more varied corrections",
            err=True,
        )
        raise typer.Exit(3)


def main() -> None:
    """Run the command line."""
    app()
