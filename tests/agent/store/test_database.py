"""Group commit, its failures, and what a database file can be."""

import asyncio
import sqlite3

import pytest
from fakes import until

from agent.errors import FatalError, RetryableError
from agent.store.database import Database, mapped
from agent.store.migrations import STEPS


@pytest.fixture
async def database(tmp_path):
    """An open database."""
    made = Database(tmp_path)
    await made.open()
    yield made
    await made.close()


def insert(name):
    """An operation that adds a setting."""
    return lambda connection: connection.execute("INSERT INTO settings VALUES (?, '1')", (name,)).rowcount


async def names(database):
    """Settings that are committed."""
    return await database.read(lambda connection: [row[0] for row in connection.execute("SELECT name FROM settings ORDER BY name")])


async def test_commits_survive_a_power_cut_by_settings(database):
    """WAL mode, flushed at each commit."""
    assert await database.read(lambda connection: connection.execute("PRAGMA journal_mode").fetchone()[0]) == "wal"
    assert await database.read(lambda connection: connection.execute("PRAGMA synchronous").fetchone()[0]) == 2


async def test_writes_that_come_together_share_a_commit(database):
    """A hundred writes at once need far fewer commits."""
    await asyncio.gather(*(database.write(insert(f"n{number}")) for number in range(100)))
    assert len(await names(database)) == 100
    assert database.commits <= 3


async def test_failed_operation_fails_alone(database):
    """An operation that raises is rolled back by itself; its neighbours of the same commit stand."""
    results = await asyncio.gather(
        database.write(insert("a")), database.write(lambda connection: [insert("b")(connection), 1 / 0]), database.write(insert("c")),
        return_exceptions=True,
    )  # fmt: skip
    assert isinstance(results[1], ZeroDivisionError)
    assert await names(database) == ["a", "c"]


async def test_cancelled_caller_does_not_take_back_the_write(database):
    """Who is cancelled in mid-write leaves the others of the commit alone."""
    first = asyncio.create_task(database.write(insert("a")))
    second = asyncio.create_task(database.write(insert("b")))
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert "b" in await names(database)
    await until(lambda: not database.has_work)
    assert await database.write(insert("c")) == 1


async def test_full_disk_is_retryable_and_passes(database):
    """A write that finds the disk full fails for now; with space it works again."""
    await database.write(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchone())
    with pytest.raises(RetryableError, match="full"):
        await database.write(lambda connection: connection.execute("INSERT INTO settings VALUES ('big', ?)", ("x" * 200_000,)).rowcount)
    await database.read(lambda connection: connection.execute("PRAGMA max_page_count = 100000").fetchone())
    assert await database.write(insert("small")) == 1


def test_damaged_file_is_fatal(tmp_path):
    """Corruption does not pass by itself."""
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    assert isinstance(mapped(error, tmp_path), FatalError)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM])
def test_file_that_may_not_be_written_is_not_called_damaged(tmp_path, code):
    """Who moved it away for a wrong owner would lose what waits in it."""
    error = sqlite3.OperationalError("unable to open database file")
    error.sqlite_errorcode = code
    said = str(mapped(error, tmp_path))
    assert "user may write" in said
    assert "move it away" not in said


async def test_file_that_is_no_database_says_what_to_do(tmp_path):
    """The error names the file."""
    (tmp_path / "sensorscribe.db").write_bytes(b"no database" * 1000)
    database = Database(tmp_path)
    with pytest.raises(FatalError, match=r"sensorscribe\.db.*move it away"):
        await database.open()
    await database.close()


async def test_folder_that_cannot_be_made_says_what_to_do(tmp_path):
    """The error names the setting."""
    (tmp_path / "file").write_text("")
    with pytest.raises(FatalError, match="state_folder"):
        await Database(tmp_path / "file" / "state").open()


async def test_database_of_a_newer_version_is_refused(tmp_path):
    """An agent that was rolled back does not write into what it does not know."""
    connection = sqlite3.connect(tmp_path / "sensorscribe.db")
    connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    connection.close()
    database = Database(tmp_path)
    with pytest.raises(FatalError, match="newer version"):
        await database.open()
    await database.close()


async def test_reopening_keeps_everything(tmp_path):
    """Migrations run once."""
    for name in ("a", "b"):
        database = Database(tmp_path)
        await database.open()
        await database.write(insert(name))
        await database.close()
    database = Database(tmp_path)
    await database.open()
    assert await names(database) == ["a", "b"]
    await database.close()
