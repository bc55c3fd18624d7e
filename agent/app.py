"""Starts and stops an agent: configuration, store, model, then the service that runs until told to stop.

A stage that falls over takes the process down, and the service manager starts it again: nothing runs half alive. What was not
committed is still the broker's; what was not delivered is in the outbox.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from agent.config import Config, ModelConfig
from agent.errors import AgentError, FatalError
from agent.loader import LoadedModel, load_model, load_writer
from agent.service import Service, limits_of
from agent.settings import Settings
from agent.store import Store
from agent.telemetry.events import Reporter
from agent.telemetry.logs import set_up_logs
from agent.telemetry.metrics import Metrics


class App:
    """An agent. ``load`` may bring another model than the configured one, as tests do."""

    def __init__(
        self,
        config: Config,
        config_path: Path | None = None,
        load: Callable[[ModelConfig, Path], Awaitable[LoadedModel]] = load_model,
    ) -> None:
        self._file, self._config_path, self._load = config, config_path, load
        self.metrics = Metrics()
        self._reporter = Reporter(self.metrics)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop`` is set, then drain and stop. Raises ``FatalError``, whose text says what to do, where nothing can go on."""
        set_up_logs(self._file.telemetry.log_level, self._file.telemetry.log_format)
        store = Store(Path(self._file.state_folder), self._reporter, limits_of(self._file))
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(store.close)
            await store.open()
            settings = Settings(self._file, store, self._reporter)
            config = await settings.load()
            model = await self._load(config.model, Path(self._file.state_folder))
            stack.push_async_callback(model.close)
            writer = await asyncio.to_thread(load_writer, config.summaries)
            try:
                await Service(settings, store, model, writer, self._reporter).run(stop)
            except BaseExceptionGroup as group:
                raise _cause(group) from group


def _cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended the stages: the first of ours, else the first that is no cancellation, else the group."""
    ours = group.subgroup(AgentError)
    found: BaseException = ours if ours is not None else group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found if isinstance(found, AgentError) else FatalError(f"a stage fell over: {found!r}; please report it with the log")
