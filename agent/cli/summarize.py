"""``summarize``: lines of facts or readings -> sentences, and summaries of the windows that an agent's state folder holds."""

import json
import sqlite3
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError, field_validator

from agent.cli.lines import to_line
from agent.config import Config
from agent.domain.observation import SeriesKey, Window, to_micros
from agent.domain.quantity import quantities
from agent.errors import AgentError, DataError, FatalError
from agent.loader import load_writer
from agent.normalise.plausible import is_plausible
from agent.normalise.unit import to_usual
from agent.normalise.value import parse_value
from agent.store import windows
from agent.summaries import Teller, View, grouping_of, limits_for, style_of
from agent.summarise import Counts, Facts, Memory, Scene, Seen, Span, Style, Writer, find_facts, narrate
from agent.summarise.aggregate import Limits, aggregate_of
from agent.summarise.facts import Nothing
from agent.summarise.narrate import Narration
from agent.summarise.observe import MAX_NUMBER, storable
from agent.summarise.parts import SECOND

HOW_TO = 'each line must be an object like {"id": "1", "readings": [{"device", "quantity", "value", "unit", "time"}]} or {"id", "facts"}'


class GivenReading(BaseModel):
    """A reading of a line: what the contract's readings have, most of it optional."""

    model_config = ConfigDict(extra="ignore")

    quantity: str
    value: float | int | bool | str | None = None
    literal: str = ""
    unit: str | None = None
    device: str | None = None
    name: str | None = None
    time: AwareDatetime | None = None
    plausible: bool = True

    @field_validator("value")
    @classmethod
    def _is_bounded(cls, value: float | bool | str | None) -> float | int | bool | str | None:
        if isinstance(value, (int, float)) and not abs(value) <= MAX_NUMBER:
            raise ValueError(f"no measurement is beyond {MAX_NUMBER:g}")
        return value

    @field_validator("quantity")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in quantities():
            raise ValueError(f"no quantity is called {value[:100]!r}")
        return value


class GivenLine(BaseModel):
    """A line: facts, or readings with what holds for all of them."""

    model_config = ConfigDict(extra="ignore")

    id: Any = None
    facts: Facts | None = None
    readings: tuple[GivenReading, ...] | None = None
    device: str | None = None
    time: AwareDatetime | None = None
    window: Span | None = None
    group: str = "site"


def summarize_lines(config: Config, lines: Iterable[bytes]) -> Iterator[str]:
    """One line of JSON for each line, as soon as it is read; a bad one is answered with ``error``."""
    style, limits, writer = style_of(config.summaries), limits_for(config.summaries), load_writer(config.summaries)
    for line in lines:
        begin, line_id = time.perf_counter(), None
        try:
            table = json.loads(line.decode("utf-8-sig"))
            line_id = table.get("id") if isinstance(table, dict) else None
            told: dict[str, Any] = _told(_narration(GivenLine.model_validate(table), style, limits, writer))
        except ValidationError as error:
            first = error.errors()[0]
            told = _refusal(f"{'.'.join(str(step) for step in first['loc']) or 'line'}: {first['msg']}; {HOW_TO}")
        except (ValueError, RecursionError) as error:
            told = _refusal(f"not JSON ({error}); {HOW_TO}")
        except AgentError as error:
            told = _refusal(str(error))
        except Exception as error:  # noqa: BLE001  (a defect met by one line must not lose the answers of the others)
            structlog.get_logger("agent").error("defect while summing up a line", id=line_id, traceback=traceback.format_exc())
            told = _refusal(f"defect of the agent, please report it: {error!r}")
        yield to_line({"id": line_id, **told, "ms": round((time.perf_counter() - begin) * 1000, 3)})


def _told(narration: Narration) -> dict[str, Any]:
    return {"text": narration.text, "faithful": narration.faithful, "by": narration.by}


def _refusal(error: str) -> dict[str, Any]:
    return {"text": "", "faithful": False, "by": "arithmetic", "error": error}


def _narration(line: GivenLine, style: Style, limits: Limits, writer: Writer | None) -> Narration:
    if line.facts is not None:
        if len({fact.id for fact in line.facts.facts}) < len(line.facts.facts) or any(not fact.id for fact in line.facts.facts):
            raise DataError("facts: each fact needs an id of its own: f1, f2 …")
        return narrate(line.facts, style, writer)
    if line.readings is None:
        raise DataError(f"neither facts nor readings; {HOW_TO}")
    return narrate(facts_of(line, limits), style, writer)


def facts_of(line: GivenLine, limits: Limits) -> Facts:
    """The facts of a line's readings. Without their times nothing is said of when and how long; they count as inside the window then."""
    readings = line.readings or ()
    if not readings:
        return Facts(group=line.group, window=line.window, facts=(Nothing(id="f1"),))
    stated = [reading.time or line.time for reading in readings]
    moments = [to_micros(moment) for moment in stated if moment is not None]
    is_timed = len(moments) == len(readings) and len(set(moments)) > 1
    window = _window(line, moments or [0])
    values: dict[SeriesKey, list[tuple[int, float | int | str]]] = {}
    impossible = late = 0
    for reading, moment in zip(readings, stated, strict=True):
        at = to_micros(moment) if moment is not None else window.start
        key, value = _measured(reading, line.device)
        number = value if isinstance(value, float) else None
        if not reading.plausible or not is_plausible(reading.quantity, number):
            impossible += 1
        elif not window.start <= at < window.end:
            late += 1
        elif quantities()[reading.quantity].kind != "time":
            values.setdefault(key, []).append((at, value))
    seen = []
    for key, pairs in sorted(values.items(), key=lambda item: (item[0].device, item[0].name, item[0].quantity, item[0].unit)):
        aggregate = aggregate_of(window, key, None, sorted(pairs, key=lambda pair: pair[0]), limits if is_timed else _no_limits)
        aggregate.close(None, window.end if line.window is not None else max(moments, default=0))
        seen.append(Seen(key, aggregate, Memory()))
    tallies = {(kind, ""): count for kind, count in (("implausible", impossible), ("late", late)) if count}
    counts = Counts(readings=sum(one.aggregate.count for one in seen if one.aggregate is not None), series=len(seen))
    return find_facts(Scene(window, window.end, seen, tallies, None, is_timed), counts)


def _no_limits(key: SeriesKey) -> None:
    del key


def _window(line: GivenLine, times: list[int]) -> Window:
    if line.window is not None:
        start, end = to_micros(line.window.start), to_micros(line.window.end)
        if end <= start:
            raise DataError("window: end must be behind start")
        return Window(start, end - start, line.group)
    return Window(min(times), max(max(times) - min(times) + 1, SECOND), line.group)


def _measured(reading: GivenReading, device: str | None) -> tuple[SeriesKey, float | int | str]:
    """A reading's series and its value: in the usual unit where there is a way to it."""
    kind = quantities()[reading.quantity].kind
    value = parse_value(reading.literal, reading.quantity) if reading.value is None else reading.value
    unit = reading.unit
    if kind == "number":
        if isinstance(value, str):
            raise DataError(f"readings: {value[:100]!r} is no number, which {reading.quantity} wants")
        usual = to_usual(float(value), reading.quantity, unit)
        value, unit = usual if usual is not None else (float(value), unit)
    elif kind == "binary":
        parsed = parse_value(str(value), reading.quantity)
        value = int(parsed) if isinstance(parsed, bool) else storable(str(parsed))
    else:
        value = storable(str(value))
    of_device = reading.device or device or "unknown"
    return SeriesKey(storable(of_device), storable(reading.name or reading.quantity), reading.quantity, unit or ""), value


def kept_summary(config: Config, group: str | None, at: datetime | Literal["now"]) -> dict[str, Any]:
    """The summary of a window in the state folder: kept from ``at``, or the open one so far. An agent may run meanwhile.

    Raises ``FatalError`` where there is no such folder, group or summary.
    """
    path = Path(config.state_folder) / "sensorscribe.db"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            chosen = _group(windows.groups(connection), group)
            if at == "now":
                return _open_summary(connection, config, chosen)
            row = windows.told(connection, chosen, to_micros(at))
    except sqlite3.Error as error:
        raise FatalError(f"{path} cannot be read ({error}): name the agent's configuration with --config, as its user") from error
    if row is None:
        raise FatalError(f"no summary of {chosen!r} is kept for the window of {at.isoformat()}")
    return dict(json.loads(row.body))


def _group(known: list[str], group: str | None) -> str:
    if group in known:
        return group
    if group is None and len(known) == 1:
        return known[0]
    if not known:
        raise FatalError("no summary is kept yet: the first one comes when the first window is over (summaries.window_seconds)")
    raise FatalError(f"{'give --group' if group is None else f'there is no group {group!r}'}; known are {', '.join(known)}")


def _open_summary(connection: sqlite3.Connection, config: Config, group: str) -> dict[str, Any]:
    until, limits = to_micros(datetime.now(UTC)), limits_for(config.summaries)
    window = grouping_of(config.summaries).window(until, group)
    connection.execute("BEGIN")  # the agent may fold between two reads
    parts = windows.opened(connection, window), windows.series(connection, window), windows.tallies(connection, window)
    told = Teller.of(config, limits, load_writer(config.summaries)).tell(View(window, *parts, until, None))
    for defect in told.defects:
        structlog.get_logger("agent").error("defect while summing up a series, which is left out", error=repr(defect))
    return told.table
