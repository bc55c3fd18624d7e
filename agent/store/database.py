"""SQLite in WAL mode behind one writer thread. Writes that come while a commit runs share the next one (group commit).

``synchronous=FULL``: with NORMAL a commit in WAL mode is not flushed, so a power cut could take messages that the broker was
told to forget. The flush is paid once a commit, not once a message.
"""

import asyncio
import contextlib
import fcntl
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TextIO, TypeVar

from agent.errors import AgentError, FatalError, RetryableError
from agent.store.migrations import migrate

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]
MAX_BATCH = 256
"""Operations in one commit: bounds how long one of them can wait for the others."""
LATER_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM})

DAMAGED_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def mapped(error: sqlite3.Error, path: Path) -> AgentError:
    """Our error for one of the library's: a full disk may pass, a broken file does not."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in LATER_CODES:
        return RetryableError(f"{path}: {error}; free space on the disk if it is full")
    if code in DAMAGED_CODES:
        return FatalError(f"{path}: {error}; the file is damaged: move it away (what it holds is lost) and start again")
    return FatalError(f"{path}: {error}; see that the agent's user may write it and its folder, and that the disk is not mounted read-only")


class Database:
    """The agent's one database file. ``read`` and ``write`` take functions of a connection, which run in the writer's thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / "sensorscribe.db"
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="agent.store")
        self._connection: sqlite3.Connection | None = None
        self._lock: TextIO | None = None
        self._pending: list[tuple[Operation[Any], asyncio.Future[Any]]] = []
        self._writer: asyncio.Task[None] | None = None
        self.commits = 0

    @property
    def has_work(self) -> bool:
        """True while something waits to be committed."""
        return bool(self._pending) or (self._writer is not None and not self._writer.done())

    async def open(self) -> None:
        """Open or create the file and bring it up to date. Raises ``FatalError``, also where another agent holds it."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._open)

    def _open(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = (self._folder / "lock").open("w", encoding="ascii")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FatalError(f"another agent runs with the state folder {self._folder}: stop it or set state_folder") from error
        except OSError as error:
            raise FatalError(
                f"state folder {self._folder} cannot be used ({error.strerror}): set state_folder to one that can be written"
            ) from error
        try:
            self._connection = sqlite3.connect(self.path, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            migrate(self._connection)
        except sqlite3.Error as error:
            raise mapped(error, self.path) from error

    async def read(self, operation: Operation[T]) -> T:
        """What a function finds in the database. Raises ``RetryableError`` or ``FatalError``."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._read, operation)

    def _read(self, operation: Operation[T]) -> T:
        assert self._connection is not None
        try:
            return operation(self._connection)
        except sqlite3.Error as error:
            raise mapped(error, self.path) from error

    async def write(self, operation: Operation[T]) -> T:
        """The answer of a function that changes the database, once it is committed.

        Operations of one commit do not share their failures. Raises ``RetryableError`` or ``FatalError``. A caller that is
        cancelled does not take back the write.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._pending.append((operation, future))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_pending(), name="agent.store.writer")
        return await future

    async def _write_pending(self) -> None:
        while self._pending:
            batch, self._pending = self._pending[:MAX_BATCH], self._pending[MAX_BATCH:]
            operations = [operation for operation, _ in batch]
            answers = await asyncio.get_running_loop().run_in_executor(self._executor, self._commit, operations)
            self.commits += 1
            for (_, future), answer in zip(batch, answers, strict=True):
                if future.done():  # its caller was cancelled
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    def _commit(self, operations: list[Operation[Any]]) -> list[Any]:
        """Answers or errors, in order; the whole batch fails together only where the commit itself does."""
        assert self._connection is not None
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            answers = [self._step(self._connection, operation) for operation in operations]
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):  # it would hide the cause, and leave everyone waiting
                    self._connection.execute("ROLLBACK")
            failure = mapped(error, self.path)
            return [failure] * len(operations)
        return answers

    def _step(self, connection: sqlite3.Connection, operation: Operation[Any]) -> Any:
        connection.execute("SAVEPOINT step")
        try:
            answer = operation(connection)
        except Exception as error:
            if not connection.in_transaction:  # a full disk ends the whole transaction
                raise
            connection.execute("ROLLBACK TO step")
            answer = mapped(error, self.path) if isinstance(error, sqlite3.Error) else error
        connection.execute("RELEASE step")
        return answer

    async def close(self) -> None:
        """Commit what waits and close the file."""
        if self._writer is not None:
            await asyncio.wait([self._writer])
        await asyncio.get_running_loop().run_in_executor(self._executor, self._close)
        self._executor.shutdown(wait=False)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._lock is not None:
            self._lock.close()
