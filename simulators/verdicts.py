"""The agent's verdict on each shipped site, faults off and on: the real model and templates in this process, no broker.

Each message goes through what the service runs between arrival and outbox, in the order of sending, with the bytes as sent.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agent.cli.lines import to_table
from agent.cli.offline import Offline
from agent.config import Config
from simulators.faults import Plan, with_faults
from simulators.judge import take
from simulators.score import Scoreboard
from simulators.truth import Simulated


@dataclass(frozen=True, slots=True)
class SiteVerdict:
    """What came of one site's traffic."""

    site: str
    has_faults: bool
    board: Scoreboard


def read_all(messages: Iterable[Simulated], offline: Offline) -> Scoreboard:
    """The scoreboard of messages that an agent reads one after the other."""
    board = Scoreboard()
    for message in messages:
        board.sent(message)
        if message.is_sent:
            take(board, to_table(message.id, offline.read(message.topic, message.body)))
    board.close(count_unanswered=True)
    return board


def site_verdicts(sites: Iterable[tuple[str, list[Simulated]]], plan: Plan, seed: int) -> Iterator[SiteVerdict]:
    """For each site the verdict without faults and with a plan of them; an agent that has learned nothing begins each."""
    for name, messages in sites:
        for has_faults in (False, True):
            sent = with_faults(messages, plan, seed) if has_faults else messages
            with Offline(Config()) as offline:
                yield SiteVerdict(name, has_faults, read_all(sent, offline))
