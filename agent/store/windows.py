"""Open windows, what is learned of each series, and the summaries that were told. Functions of a connection; ``Store`` calls them.

A value is a row until it is folded into the state of its series. Rows lie in the order of their instants, so that what depends on
order (durations, counters, gaps) comes out the same however they arrived, and equal rows are one. Folding bounds the rows; what is
older than the folded ones of its series, or belongs to a window that was told, is late: counted, and not measured. A window that was
told is never opened again: what comes behind it is noted in the next window that has no summary.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.domain.observation import Observation, Observed, SeriesKey, Window

Value = float | int | str
Fold = Callable[[Window, SeriesKey, str | None, Sequence[tuple[int, Value]]], str]
"""(window, series, state so far, values in order) -> the state with them in it. States are opaque here."""
FOLD_ABOVE = 512
"""Rows of one series in one window before all but the newest half as many are folded."""
UNUSED = (
    "NOT EXISTS (SELECT 1 FROM observations o WHERE o.series = series.id)"
    " AND NOT EXISTS (SELECT 1 FROM states t WHERE t.series = series.id)"
)
"""Holds for a series without values in any open window."""
Finish = Literal["kept", "not_yet", "told_before"]
"""What became of a summary: kept; not kept since messages came meanwhile; not kept since its window has one, and its rows are gone."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Values of one message that were not measured."""

    late: int = 0
    duplicate: int = 0
    series_limit: int = 0
    retained: int = 0


@dataclass(frozen=True, slots=True)
class WindowRow:
    """An open window: how many messages spoke of it, and the first and last of their ids, which sort by arrival."""

    window: Window
    messages: int
    first_id: str
    last_id: str


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series of a group with what is learned of it, and its folded state and further values in the window asked for."""

    id: int
    key: SeriesKey
    memory: str
    seen: int
    """Instant of its last value in a window that was told, 0 before."""
    state: str | None
    values: Sequence[tuple[int, Value]]
    """Those that are not folded yet, in order."""


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A summary that was told."""

    window: Window
    body: bytes


def observe(connection: sqlite3.Connection, observed: Observed, max_series: int) -> LeftOut:
    """Add what a message says to its windows."""
    late = duplicate = refused = 0
    touched: dict[Window, None] = {}
    for one in observed.observations:
        series = _series(connection, one, max_series)
        if series is None:
            refused += 1
            continue
        if _is_late(connection, one.window, series, one.time):
            late += 1
            now = _untold(connection, one.window, observed.arrived)
            _note(connection, now, "late", "")
            touched[now] = None
            continue
        added = connection.execute(
            "INSERT OR IGNORE INTO observations (start, series, time, value) VALUES (?, ?, ?, ?)",
            (one.window.start, series, one.time, one.value),
        ).rowcount
        duplicate += not added
        touched[one.window] = None
    for noted in observed.noted:
        window = noted.window if not _is_told(connection, noted.window) else _untold(connection, noted.window, observed.arrived)
        _note(connection, window, noted.kind, noted.detail)
        touched[window] = None
    for window in touched:
        _touch(connection, window, observed)
    return LeftOut(late, duplicate, refused, observed.retained)


def _series(connection: sqlite3.Connection, one: Observation, max_series: int) -> int | None:
    key = (one.window.group, one.series.device, one.series.name, one.series.quantity, one.series.unit)
    row = connection.execute(
        "SELECT id FROM series WHERE grp = ? AND device = ? AND name = ? AND quantity = ? AND unit = ?", key
    ).fetchone()
    if row is not None:
        return int(row[0])
    if connection.execute("SELECT count(*) FROM series").fetchone()[0] >= max_series:
        return None
    return connection.execute("INSERT INTO series (grp, device, name, quantity, unit) VALUES (?, ?, ?, ?, ?)", key).lastrowid


def _is_late(connection: sqlite3.Connection, window: Window, series: int, time: int) -> bool:
    if _is_told(connection, window):
        return True
    folded = connection.execute("SELECT until FROM states WHERE start = ? AND series = ?", (window.start, series)).fetchone()
    return folded is not None and time <= folded[0]


def _is_told(connection: sqlite3.Connection, window: Window) -> bool:
    place = (window.start, window.group)
    return connection.execute("SELECT 1 FROM summaries WHERE start = ? AND grp = ?", place).fetchone() is not None


def _untold(connection: sqlite3.Connection, window: Window, now: int) -> Window:
    """The window of ``now`` in a window's group, or the next one behind it that has no summary."""
    current = Window(now - now % window.length, window.length, window.group)
    if not _is_told(connection, current):
        return current
    (start,) = connection.execute(
        "SELECT start + ?3 FROM summaries t WHERE start >= ?1 AND grp = ?2"
        " AND NOT EXISTS (SELECT 1 FROM summaries n WHERE n.start = t.start + ?3 AND n.grp = ?2) ORDER BY start LIMIT 1",
        (current.start, current.group, current.length),
    ).fetchone()
    return Window(start, current.length, current.group)


def _note(connection: sqlite3.Connection, window: Window, kind: str, detail: str) -> None:
    connection.execute(
        "INSERT INTO tallies (start, grp, kind, detail, total) VALUES (?, ?, ?, ?, 1)"
        " ON CONFLICT (start, grp, kind, detail) DO UPDATE SET total = total + 1",
        (window.start, window.group, kind, detail),
    )


def _touch(connection: sqlite3.Connection, window: Window, observed: Observed) -> None:
    connection.execute(
        "INSERT INTO windows (start, grp, length, messages, first_id, last_id, opened, touched) VALUES (?, ?, ?, 1, ?, ?, ?, ?)"
        " ON CONFLICT (start, grp) DO UPDATE SET messages = messages + 1, first_id = min(first_id, excluded.first_id),"
        " last_id = max(last_id, excluded.last_id), touched = max(touched, excluded.touched)",
        (window.start, window.group, window.length, observed.message_id, observed.message_id, observed.arrived, observed.arrived),
    )


def due(connection: sqlite3.Connection, now: int, lateness: int) -> list[Window]:
    """Windows that the watermark (``now - lateness``) has passed, oldest first.

    One that still fills (a device delivers what it had kept) waits until nothing came for ``lateness``, at most as long as a window
    and two times ``lateness`` from its first message on: a device whose clock stands still must not hold it open for ever.
    """
    rows = connection.execute(
        "SELECT start, length, grp FROM windows WHERE start + length + ?2 <= ?1"
        " AND (touched + ?2 <= ?1 OR opened + length + 2 * ?2 <= ?1) ORDER BY start, grp",
        (now, lateness),
    )
    return [Window(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Foldable:
    """Values to fold: all rows of a series in a window, or the first ``rows`` of them and those of the same instant as the last."""

    window: Window
    series: int
    rows: int | None


def foldable(connection: sqlite3.Connection, window: Window | None = None) -> list[Foldable]:
    """Every series of a window that has rows, or without one all but the newest of each series that has too many."""
    if window is not None:
        found = connection.execute(
            "SELECT DISTINCT o.series FROM observations o JOIN series s ON s.id = o.series WHERE o.start = ? AND s.grp = ?",
            (window.start, window.group),
        )
        return [Foldable(window, series, None) for (series,) in found]
    crowded = connection.execute(
        "SELECT o.start, w.length, w.grp, o.series, count(*) FROM observations o JOIN series s ON s.id = o.series"
        " JOIN windows w ON w.start = o.start AND w.grp = s.grp GROUP BY o.start, o.series HAVING count(*) > ?",
        (FOLD_ABOVE,),
    )
    kept = FOLD_ABOVE // 2
    return [Foldable(Window(start, length, group), series, rows - kept) for start, length, group, series, rows in crowded]


def fold(connection: sqlite3.Connection, step: Fold, one: Foldable) -> None:
    """Fold values into the state of their series."""
    place = (one.window.start, one.series)
    where = "FROM observations WHERE start = ? AND series = ?"
    last = "SELECT max(time)" if one.rows is None else "SELECT time"
    which = "" if one.rows is None else f"ORDER BY time LIMIT 1 OFFSET {one.rows - 1}"
    found = connection.execute(f"{last} {where} {which}", place).fetchone()
    if found is None or found[0] is None:  # the window was told meanwhile
        return
    values = connection.execute(f"SELECT time, value {where} AND time <= ? ORDER BY time, value", (*place, found[0])).fetchall()
    before = connection.execute("SELECT state FROM states WHERE start = ? AND series = ?", place).fetchone()
    state = step(one.window, _key(connection, one.series), before[0] if before else None, values)
    connection.execute("INSERT OR REPLACE INTO states (start, series, until, state) VALUES (?, ?, ?, ?)", (*place, found[0], state))
    connection.execute(f"DELETE {where} AND time <= ?", (*place, found[0]))


def _key(connection: sqlite3.Connection, series: int) -> SeriesKey:
    return SeriesKey(*connection.execute("SELECT device, name, quantity, unit FROM series WHERE id = ?", (series,)).fetchone())


def opened(connection: sqlite3.Connection, window: Window) -> WindowRow | None:
    """An open window; None where no message spoke of it."""
    row = connection.execute(
        "SELECT length, messages, first_id, last_id FROM windows WHERE start = ? AND grp = ?", (window.start, window.group)
    ).fetchone()
    return None if row is None else WindowRow(Window(window.start, row[0], window.group), *row[1:])


def series(connection: sqlite3.Connection, window: Window) -> list[SeriesRow]:
    """Every series of a window's group, with what is there of this window."""
    unfolded: dict[int, list[tuple[int, Value]]] = {}
    for number, time, value in connection.execute(
        "SELECT o.series, o.time, o.value FROM series s CROSS JOIN observations o ON o.start = ? AND o.series = s.id WHERE s.grp = ?"
        " ORDER BY o.series, o.time, o.value",
        (window.start, window.group),
    ):
        unfolded.setdefault(number, []).append((time, value))
    rows = connection.execute(
        "SELECT s.id, s.device, s.name, s.quantity, s.unit, s.memory, s.seen, t.state FROM series s"
        " LEFT JOIN states t ON t.series = s.id AND t.start = ? WHERE s.grp = ? ORDER BY s.device, s.name, s.quantity, s.unit",
        (window.start, window.group),
    )
    return [SeriesRow(row[0], SeriesKey(*row[1:5]), row[5], row[6], row[7], unfolded.get(row[0], ())) for row in rows]


def tallies(connection: sqlite3.Connection, window: Window) -> dict[tuple[str, str], int]:
    """How often what was noted, by (kind, detail)."""
    rows = connection.execute("SELECT kind, detail, total FROM tallies WHERE start = ? AND grp = ?", (window.start, window.group))
    return {(kind, detail): total for kind, detail, total in rows}


def finish(
    connection: sqlite3.Connection, window: Window, messages: int, body: bytes, memories: Mapping[int, tuple[str, int]], forget: int
) -> Finish:
    """Put a summary in the place of its window, where it has none and no messages came meanwhile (``messages`` is their number before).

    ``memories`` holds (memory, instant of the last value) by series. Summaries and series older than ``forget`` go.
    """
    row = connection.execute("SELECT messages FROM windows WHERE start = ? AND grp = ?", (window.start, window.group)).fetchone()
    if (row[0] if row else 0) != messages:
        return "not_yet"
    if _is_told(connection, window):
        _clear(connection, window)
        return "told_before"
    connection.execute(
        "INSERT INTO summaries (start, grp, length, body) VALUES (?, ?, ?, ?)", (window.start, window.group, window.length, body)
    )
    connection.executemany(
        "UPDATE series SET memory = ?, seen = max(seen, ?) WHERE id = ?", [(memory, seen, one) for one, (memory, seen) in memories.items()]
    )
    _clear(connection, window)
    connection.execute("DELETE FROM summaries WHERE start + length < ?", (forget,))
    connection.execute(
        f"DELETE FROM series WHERE seen < ? AND {UNUSED}",  # noqa: S608
        (forget,),
    )
    return "kept"


def _clear(connection: sqlite3.Connection, window: Window) -> None:
    """Take a window away with all its rows."""
    place = (window.start, window.group)
    inside = "start = ? AND series IN (SELECT id FROM series WHERE grp = ?)"
    connection.execute(f"DELETE FROM observations WHERE {inside}", place)  # noqa: S608 (a constant)
    connection.execute(f"DELETE FROM states WHERE {inside}", place)  # noqa: S608
    connection.execute("DELETE FROM tallies WHERE start = ? AND grp = ?", place)
    connection.execute("DELETE FROM windows WHERE start = ? AND grp = ?", place)


def every_open(connection: sqlite3.Connection, before: int) -> list[Window]:
    """Windows that were opened before an instant, oldest first."""
    rows = connection.execute("SELECT start, length, grp FROM windows WHERE opened < ? ORDER BY start, grp", (before,))
    return [Window(*row) for row in rows]


def forget_series(connection: sqlite3.Connection) -> None:
    """Drop every series that no open window holds values of, with what was learned of it."""
    connection.execute(f"DELETE FROM series WHERE {UNUSED}")  # noqa: S608 (a constant)


def groups(connection: sqlite3.Connection) -> list[str]:
    """Every group that is known, sorted."""
    rows = connection.execute("SELECT grp FROM series UNION SELECT grp FROM summaries UNION SELECT grp FROM windows ORDER BY grp")
    return [row[0] for row in rows]


def quiet_groups(connection: sqlite3.Connection, start: int, since: int) -> list[str]:
    """Groups with a series that was seen after ``since``, of which the window at ``start`` has neither messages nor a summary."""
    rows = connection.execute(
        "SELECT DISTINCT grp FROM series s WHERE seen >= ?2"
        " AND NOT EXISTS (SELECT 1 FROM windows w WHERE w.start = ?1 AND w.grp = s.grp)"
        " AND NOT EXISTS (SELECT 1 FROM summaries t WHERE t.start = ?1 AND t.grp = s.grp) ORDER BY grp",
        (start, since),
    )
    return [row[0] for row in rows]


def told(connection: sqlite3.Connection, group: str, at: int | None) -> SummaryRow | None:
    """The summary of the window that an instant lies in, or the newest one; None where there is none."""
    row = connection.execute(
        "SELECT start, length, grp, body FROM summaries WHERE grp = ?1 AND (?2 IS NULL OR (start <= ?2 AND start + length > ?2))"
        " ORDER BY start DESC LIMIT 1",
        (group, at),
    ).fetchone()
    return None if row is None else SummaryRow(Window(*row[:3]), row[3])
