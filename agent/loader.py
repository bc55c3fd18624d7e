"""The models as the app holds them: a reader with its name, digest and end (tests bring their own), and a writer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from agent.config import ModelConfig, SummariesConfig
from agent.extract import ModelPort
from agent.slm.manifest import default_model_folder
from agent.slm.runner import Runner
from agent.slm.session import load_reader
from agent.summarise import Writer
from agent.summarise.slm_writer import SlmWriter


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model ready to read."""

    port: ModelPort
    name: str
    digest: str
    """What templates are tied to."""
    waiting: Callable[[], int]
    """Requests inside."""
    close: Callable[[], Awaitable[None]]


async def load_model(config: ModelConfig, state: Path) -> LoadedModel:
    """The model of the configuration, loaded in a thread; what suits this CPU is kept in the folder ``state``.

    Raises ``FatalError`` that says what to do.
    """
    folder = Path(config.folder) if config.folder else default_model_folder()
    reader = await asyncio.to_thread(load_reader, folder, config.threads, config.kernel, state / "kernel.json")
    runner = Runner(reader, config.queue_limit, config.deadline_seconds)
    return LoadedModel(runner, reader.name, reader.digest, lambda: runner.waiting, runner.close)


def load_writer(config: SummariesConfig) -> Writer | None:
    """The writer of the configuration, loaded; None where sentences are wanted by arithmetic, or no summaries.

    Raises ``FatalError`` that says what to do.
    """
    if not config.enabled or config.writer == "arithmetic":
        return None
    return SlmWriter(Path(config.writer_folder) if config.writer_folder else default_model_folder("writer"))
