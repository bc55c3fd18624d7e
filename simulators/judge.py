"""Lines of truth and lines of what arrived -> a scoreboard: reads the files of ``sensorscribe-simulate judge``.

What arrived is what the agent publishes (readings, notices of quarantine; its status, health and summaries are passed over) or what
``sensorscribe extract --jsonl`` answers, a JSON object a line.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.errors import FatalError
from agent.publish.envelope import QUARANTINE, READINGS
from simulators.score import LATE_SECONDS, Scoreboard
from simulators.truth import Simulated, from_table

HOW_TO = "each line must be what the agent publishes, or what sensorscribe extract --jsonl answers"


class JudgeError(FatalError):
    """A file is not what it should be; the text names the line and what is wrong."""


@dataclass(slots=True)
class Truth:
    """What was sent, in the order of sending, and what truly happened."""

    messages: list[Simulated] = field(default_factory=list)
    events: list[Mapping[str, Any]] = field(default_factory=list)


def objects(name: str, lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of lines of JSON with the number of each; empty lines are passed over. Raises ``JudgeError``."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            table = json.loads(line)
        except ValueError as error:
            raise JudgeError(f"{name}, line {number}: not JSON ({error})") from error
        if not isinstance(table, dict):
            raise JudgeError(f"{name}, line {number}: not an object")
        yield number, table


def read_truth(name: str, lines: Iterable[str]) -> Truth:
    """The truth of a run. Raises ``JudgeError``."""
    truth = Truth()
    for number, table in objects(name, lines):
        if "event" in table:
            truth.events.append(table)
            continue
        try:
            truth.messages.append(from_table(table))
        except (KeyError, TypeError, ValueError) as error:
            raise JudgeError(
                f"{name}, line {number}: no line of truth ({error!r}): sensorscribe-simulate run --truth writes them"
            ) from error
    return truth


def judged(truth: Iterable[Simulated], name: str, arrived: Iterable[str], late_seconds: float = LATE_SECONDS) -> Scoreboard:
    """The scoreboard of what arrived; what is unanswered at its end is missing. Raises ``JudgeError``."""
    board = Scoreboard(late_seconds)
    for message in truth:
        board.sent(message)
    for number, table in objects(name, arrived):
        try:
            take(board, table)
        except (KeyError, TypeError) as error:
            raise JudgeError(f"{name}, line {number}: {error!r} is missing or of a wrong kind; {HOW_TO}") from error
    board.close(count_unanswered=True)
    return board


def take(board: Scoreboard, table: Mapping[str, Any]) -> None:
    """Give a line to a scoreboard. Raises ``KeyError`` or ``TypeError`` for a line that is neither published nor an answer."""
    schema = table.get("schema")
    if schema == READINGS:
        board.published(table)
    elif schema == QUARANTINE:
        board.quarantined(table)
    elif schema is None:
        readings = [{**one, "source": {"literal": one["literal"], "start": one["start"]}} for one in table["readings"]]
        board.answered(table["id"], readings)
