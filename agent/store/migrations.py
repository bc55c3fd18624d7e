"""The database's shape as numbered steps, append only. A step and its number are one transaction."""

import sqlite3

from agent.errors import FatalError

STEPS: tuple[str, ...] = (
    # 1: the first release. ``counts`` follows its tables by triggers, since counting a million rows takes too long.
    """
    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, topic TEXT NOT NULL, body BLOB NOT NULL, readings INTEGER NOT NULL
    );
    CREATE TABLE quarantine (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, received_at TEXT NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
        size INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL
    );
    CREATE TABLE ledger (seq INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL);
    CREATE TABLE templates (id TEXT PRIMARY KEY, model TEXT NOT NULL, body TEXT NOT NULL, changed INTEGER NOT NULL);
    CREATE TABLE settings (name TEXT PRIMARY KEY, body TEXT NOT NULL);
    CREATE TABLE counts (name TEXT PRIMARY KEY, total INTEGER NOT NULL);
    INSERT INTO counts VALUES ('outbox', 0), ('quarantine', 0);
    CREATE TRIGGER outbox_more AFTER INSERT ON outbox BEGIN UPDATE counts SET total = total + 1 WHERE name = 'outbox'; END;
    CREATE TRIGGER outbox_less AFTER DELETE ON outbox BEGIN UPDATE counts SET total = total - 1 WHERE name = 'outbox'; END;
    CREATE TRIGGER quarantine_more AFTER INSERT ON quarantine BEGIN UPDATE counts SET total = total + 1 WHERE name = 'quarantine'; END;
    CREATE TRIGGER quarantine_less AFTER DELETE ON quarantine BEGIN UPDATE counts SET total = total - 1 WHERE name = 'quarantine'; END;
    """,
    # 2: windows for summaries. A value is a row of ``observations`` until it is folded into the state of its series.
    """
    CREATE TABLE windows (
        start INTEGER NOT NULL, grp TEXT NOT NULL, length INTEGER NOT NULL, messages INTEGER NOT NULL, first_id TEXT NOT NULL,
        last_id TEXT NOT NULL, opened INTEGER NOT NULL, touched INTEGER NOT NULL, PRIMARY KEY (start, grp)
    ) WITHOUT ROWID;
    CREATE TABLE series (
        id INTEGER PRIMARY KEY AUTOINCREMENT, grp TEXT NOT NULL, device TEXT NOT NULL, name TEXT NOT NULL, quantity TEXT NOT NULL,
        unit TEXT NOT NULL, memory TEXT NOT NULL DEFAULT '', seen INTEGER NOT NULL DEFAULT 0,
        UNIQUE (grp, device, name, quantity, unit)
    );
    CREATE TABLE observations (
        start INTEGER NOT NULL, series INTEGER NOT NULL, time INTEGER NOT NULL, value NOT NULL,
        PRIMARY KEY (start, series, time, value)
    ) WITHOUT ROWID;
    CREATE TABLE states (
        start INTEGER NOT NULL, series INTEGER NOT NULL, until INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY (start, series)
    ) WITHOUT ROWID;
    CREATE TABLE tallies (
        start INTEGER NOT NULL, grp TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL, total INTEGER NOT NULL,
        PRIMARY KEY (start, grp, kind, detail)
    ) WITHOUT ROWID;
    CREATE TABLE summaries (
        start INTEGER NOT NULL, grp TEXT NOT NULL, length INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (start, grp)
    ) WITHOUT ROWID;
    """,
    # 3: what is read again later has to be known for retained.
    "ALTER TABLE quarantine ADD COLUMN retained INTEGER NOT NULL DEFAULT 0;",
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database up to date. Raises ``FatalError`` for one that a newer version made."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(STEPS):
        raise FatalError(f"the database has version {version}, this sensorscribe knows {len(STEPS)}: install the newer version again")
    for number, step in enumerate(STEPS[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT;")


def count(connection: sqlite3.Connection, table: str) -> int:
    """Rows of ``outbox`` or ``quarantine``, without counting them."""
    return int(connection.execute("SELECT total FROM counts WHERE name = ?", (table,)).fetchone()[0])
