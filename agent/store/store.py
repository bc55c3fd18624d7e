"""What the agent keeps, as its stages need it: settle a message, lease and remove what is to be published, remember settings."""

import asyncio
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

from agent.domain.observation import Observed, Window
from agent.errors import AgentError, RetryableError
from agent.store import ledger, outbox, overrides, quarantine, templates, windows
from agent.store.database import Database, Operation
from agent.store.migrations import count
from agent.store.outbox import OutboxRow
from agent.store.quarantine import QuarantineRow
from agent.store.templates import StoredTemplates
from agent.store.windows import Finish, Fold, LeftOut, SeriesRow, SummaryRow, WindowRow
from agent.telemetry.events import CommitFailed, MessagesDropped, ReadingsLeftOut, Reporter

SERIES_AT_ONCE = 8
"""Series folded in one step of the writer: bounds how long messages wait for it."""


RESERVE_BYTES = 16 * 1024 * 1024
"""Room on the disk that new messages leave free: removing what was delivered writes too, and a full disk would never heal."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept, in rows and days."""

    outbox_rows: int
    quarantine_rows: int
    quarantine_days: float
    ledger_rows: int
    series_rows: int = 5000


@dataclass(frozen=True, slots=True)
class _Settled:
    outbox_dropped: int
    quarantine_dropped: int
    outbox_rows: int
    quarantine_rows: int
    left_out: LeftOut | None = None


def _left_out_events(left_out: LeftOut | None) -> list[ReadingsLeftOut]:
    if left_out is None:
        return []
    events = [
        ReadingsLeftOut("late", left_out.late),
        ReadingsLeftOut("duplicate", left_out.duplicate),
        ReadingsLeftOut("series_limit", left_out.series_limit),
        ReadingsLeftOut("retained", left_out.retained),
    ]
    return [event for event in events if event.count]


class Store:
    """One database, opened."""

    def __init__(self, folder: Path, reporter: Reporter, limits: Limits) -> None:
        self._folder = folder
        self.database = Database(folder)
        self.limits = limits
        self._reporter = reporter
        self._behind: set[asyncio.Task[None]] = set()
        self.outbox_rows = 0
        self.quarantine_rows = 0
        self.appended = asyncio.Event()
        """Set when rows were added to the outbox; who leases clears it."""

    async def open(self) -> None:
        """Open the database. Raises ``FatalError``."""
        await self.database.open()
        self.outbox_rows = await self.database.read(lambda connection: count(connection, "outbox"))
        self.quarantine_rows = await self.database.read(lambda connection: count(connection, "quarantine"))

    async def settle(
        self,
        rows: Sequence[OutboxRow],
        kept: QuarantineRow | None = None,
        digest: bytes | None = None,
        observed: Observed | None = None,
        again: str | None = None,
    ) -> None:
        """Commit what became of a message, all of it or nothing; ``again`` is its id where it comes out of quarantine.

        Raises ``RetryableError`` where the disk does not let us, or has so little room left that what is delivered could not be removed.
        """
        limits = self.limits
        free = shutil.disk_usage(self._folder).free
        if free < RESERVE_BYTES:
            raise RetryableError(f"{free} bytes are free in {self._folder}, {RESERVE_BYTES} have to stay so: free space on the disk")

        def operation(connection: sqlite3.Connection) -> _Settled:
            if again is not None:
                quarantine.remove(connection, again)
            dropped = outbox.append(connection, rows, limits.outbox_rows) if rows else 0
            aged = quarantine.add(connection, kept, limits.quarantine_rows, limits.quarantine_days) if kept else 0
            if digest is not None:
                ledger.note(connection, digest, limits.ledger_rows)
            left_out = windows.observe(connection, observed, limits.series_rows) if observed else None
            return _Settled(dropped, aged, count(connection, "outbox"), count(connection, "quarantine"), left_out)

        self._tell(await self.database.write(operation))
        if rows:
            self.appended.set()

    def _tell(self, settled: _Settled) -> None:
        """Follow the counts of a commit, and say what had to go."""
        self.outbox_rows, self.quarantine_rows = settled.outbox_rows, settled.quarantine_rows
        if settled.outbox_dropped:
            self._reporter.emit(MessagesDropped("outbox_full", settled.outbox_dropped))
        if settled.quarantine_dropped:
            self._reporter.emit(MessagesDropped("quarantine_limit", settled.quarantine_dropped))
        for event in _left_out_events(settled.left_out):
            self._reporter.emit(event)

    async def lease(self, after_seq: int, limit: int, max_bytes: float = inf) -> list[OutboxRow]:
        """The next messages to publish behind a place; leased by the place alone, since there is one publisher.

        So many of them and so many bytes at most, and one in any case.
        """
        return await self.database.read(lambda connection: outbox.after(connection, after_seq, limit, max_bytes))

    async def done(self, seqs: Sequence[int]) -> None:
        """Remove messages that the broker has acknowledged."""

        def operation(connection: sqlite3.Connection) -> int:
            outbox.done(connection, seqs)
            return count(connection, "outbox")

        self.outbox_rows = await self.database.write(operation)

    async def refuse(self, seq: int, kept: QuarantineRow) -> None:
        """Move a message that the broker can never take from the outbox to quarantine."""
        limits = self.limits

        def operation(connection: sqlite3.Connection) -> _Settled:
            outbox.done(connection, [seq])
            aged = quarantine.add(connection, kept, limits.quarantine_rows, limits.quarantine_days)
            return _Settled(0, aged, count(connection, "outbox"), count(connection, "quarantine"))

        self._tell(await self.database.write(operation))

    async def due_windows(self, now: int, lateness: int) -> list[Window]:
        """Windows that may be told, oldest first; microseconds."""
        return await self.database.read(lambda connection: windows.due(connection, now, lateness))

    async def open_windows(self, before: int) -> list[Window]:
        """Windows that were opened before an instant, in microseconds, oldest first."""
        return await self.database.read(lambda connection: windows.every_open(connection, before))

    async def forget_series(self) -> None:
        """Drop every series that no open window holds values of."""
        await self.database.write(windows.forget_series)

    async def fold(self, step: Fold, window: Window | None = None) -> dict[int, Exception]:
        """Fold every value of a window into the states of its series, or without one those of crowded series; a few in each commit.

        The defects that single series show, by their ids: their values stay as they are.
        """
        found = await self.database.read(lambda connection: windows.foldable(connection, window))
        defects: dict[int, Exception] = {}
        for begin in range(0, len(found), SERIES_AT_ONCE):
            few = found[begin : begin + SERIES_AT_ONCE]
            writes = (self.database.write(partial(windows.fold, step=step, one=one)) for one in few)
            for one, answer in zip(few, await asyncio.gather(*writes, return_exceptions=True), strict=True):
                if isinstance(answer, Exception) and not isinstance(answer, AgentError):
                    defects[one.series] = answer
                elif isinstance(answer, BaseException):
                    raise answer
        return defects

    async def window(self, window: Window) -> tuple[WindowRow | None, list[SeriesRow], dict[tuple[str, str], int]]:
        """An open window, the series of its group with what they hold, and what was noted, as one moment saw them."""
        return await self.database.read(
            lambda connection: (windows.opened(connection, window), windows.series(connection, window), windows.tallies(connection, window))
        )

    async def messages(self, window: Window) -> int:
        """How many messages spoke of a window so far."""
        row = await self.database.read(lambda connection: windows.opened(connection, window))
        return row.messages if row is not None else 0

    async def finish_window(
        self,
        window: Window,
        messages: int,
        body: bytes,
        memories: Mapping[int, tuple[str, int]],
        row: OutboxRow,
        forget: int,
    ) -> Finish:
        """Commit a summary in the place of its window, with its row for the outbox."""
        limits = self.limits

        def operation(connection: sqlite3.Connection) -> tuple[Finish, _Settled | None]:
            finish = windows.finish(connection, window, messages, body, memories, forget)
            if finish != "kept":
                return finish, None
            dropped = outbox.append(connection, [row], limits.outbox_rows)
            return finish, _Settled(dropped, 0, count(connection, "outbox"), count(connection, "quarantine"))

        finish, settled = await self.database.write(operation)
        if settled is not None:
            self._tell(settled)
            self.appended.set()
        return finish

    async def quiet_groups(self, start: int, since: int) -> list[str]:
        """Groups that were heard after ``since`` and not in the window at ``start``."""
        return await self.database.read(lambda connection: windows.quiet_groups(connection, start, since))

    async def groups(self) -> list[str]:
        """Every group that is known."""
        return await self.database.read(windows.groups)

    async def told(self, group: str, at: int | None = None) -> SummaryRow | None:
        """The summary of the window that an instant lies in, or the newest one."""
        return await self.database.read(lambda connection: windows.told(connection, group, at))

    async def committed_digests(self) -> list[bytes]:
        """Digests of the last messages committed, oldest first."""
        return await self.database.read(ledger.load)

    async def templates(self, model_digest: str) -> StoredTemplates:
        """The templates of a model and those taught, and where their changes go."""
        return StoredTemplates(await self.database.read(lambda connection: templates.load(connection, model_digest)), self._write_behind)

    def _write_behind(self, operation: Operation[None]) -> None:
        task = asyncio.create_task(self._write_quietly(operation), name="agent.store.write_behind")
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    async def _write_quietly(self, operation: Operation[None]) -> None:
        try:
            await self.database.write(operation)
        except AgentError as error:  # a broken file fails the next settle too, which ends the agent
            self._reporter.emit(CommitFailed(str(error), "template"))

    async def quarantined(self, limit: int, offset: int = 0) -> list[QuarantineRow]:
        """A page of what could not be read, newest first."""
        return await self.database.read(lambda connection: quarantine.newest(connection, limit, offset))

    async def unread(self, reason: str) -> QuarantineRow | None:
        """The message that has been in quarantine longest for a reason."""
        return await self.database.read(lambda connection: quarantine.oldest(connection, reason))

    async def setting(self, name: str) -> Any:
        """A stored document by name, or None."""
        return await self.database.read(lambda connection: overrides.get(connection, name))

    async def put_setting(self, name: str, document: Any) -> None:
        """Store a document by name."""
        await self.database.write(lambda connection: overrides.put(connection, name, document))

    async def close(self) -> None:
        """Commit what waits and close."""
        if self._behind:
            await asyncio.wait(self._behind)
        await self.database.close()
