"""The reader as the app holds it: something that reads, its name and digest, and a way to end it. Tests bring their own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from agent.config import ModelConfig
from agent.extract import ModelPort
from agent.slm.manifest import default_model_folder
from agent.slm.runner import start_runner


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


async def load_model(config: ModelConfig) -> LoadedModel:
    """The model of the configuration, loaded in a thread. Raises ``FatalError`` that says what to do."""
    folder = Path(config.folder) if config.folder else default_model_folder()
    runner, reader = await asyncio.to_thread(start_runner, folder, config.threads, config.queue_limit, config.deadline_seconds)
    return LoadedModel(runner, reader.name, reader.digest, lambda: runner.waiting, runner.close)
