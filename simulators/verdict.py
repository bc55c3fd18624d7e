"""A scoreboard as tables for a terminal, as Markdown and as JSON, and the bounds that a test may set."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from simulators.score import Scoreboard, Tally
from simulators.told import Told

COLUMNS = {
    "messages": "messages", "unanswered": "unanswered", "quarantined": "unread", "true": "expected", "received": "received",
    "right": "right", "missing": "missing", "wrong_value": "value", "wrong_quantity": "quantity", "wrong_unit": "unit",
    "invented": "invented", "duplicate": "duplicate", "late": "late", "precision": "precision", "recall": "recall",
}  # fmt: skip
"""Sums and shares of a tally and what they are called; value, quantity and unit are the wrong ones."""

ALWAYS = frozenset({"messages", "true", "right", "missing", "precision", "recall"})


def cells(tally: Tally) -> list[str]:
    """The sums of a tally as text; shares with three decimals, a dash for none."""
    values = (getattr(tally, name) for name in COLUMNS)
    return ["-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value) for value in values]


def tally_table(tally: Tally) -> dict[str, float | int | None]:
    """The sums of a tally by their names."""
    return {name: getattr(tally, name) for name in COLUMNS}


def verdict_table(board: Scoreboard, told: Told | None = None) -> dict[str, Any]:
    """Everything as plain values: ``total``, ``by_dialect``, ``by_fault``, ``unsent``, ``unmatched`` and, with summaries, ``events``."""
    table: dict[str, Any] = {
        "total": tally_table(board.total()),
        "by_dialect": {name: tally_table(board.by_dialect[name]) for name in sorted(board.by_dialect)},
        "by_fault": {name: tally_table(board.by_fault[name]) for name in sorted(board.by_fault)},
        "unsent": dict(sorted(board.unsent.items())),
        "unmatched": board.unmatched,
    }
    if told is not None:
        table["events"] = {"by_event": told.by_event(), "recall": told.recall, "missed": list(told.missed)}
    return table


def rows_table(title: str, rows: Iterable[tuple[str, Tally]], total: Tally) -> Table:
    """Tallies by name, and their total; sums that are 0 everywhere are left out, but for those of ``ALWAYS``."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    table.add_column("", no_wrap=True)
    lines, sums = [(name, cells(tally)) for name, tally in rows], cells(total)
    shown = [at for at, name in enumerate(COLUMNS) if name in ALWAYS or sums[at] != "0" or any(line[at] != "0" for _, line in lines)]
    for at, name in enumerate(COLUMNS.values()):
        if at in shown:
            table.add_column(name, justify="right", no_wrap=True)
    for name, line in lines:
        table.add_row(name, *(line[at] for at in shown))
    table.add_section()
    table.add_row("total", *(sums[at] for at in shown), style="bold")
    return table


def show_verdict(console: Console, board: Scoreboard, told: Told | None = None) -> None:
    """Print a verdict for a person."""
    total = board.total()
    console.print(rows_table("By dialect (value, quantity, unit: wrong ones)", sorted(board.by_dialect.items()), total))
    console.print(rows_table("By fault (a message with two faults counts under both)", sorted(board.by_fault.items()), total))
    for fault, count in sorted(board.unsent.items()):
        console.print(f"{count} messages were never sent ({fault}): nothing of them is expected.")
    if board.unmatched:
        console.print(f"{board.unmatched} answers fit no message: their readings are invented.")
    if told is not None:
        show_events(console, told)


def show_events(console: Console, told: Told) -> None:
    """Print which events the summaries tell of."""
    table = Table(box=box.SIMPLE_HEAD, title="Events in the summaries", title_justify="left", pad_edge=False)
    for name in ("event", "told", "missed", "outside every window"):
        table.add_column(name, justify="left" if name == "event" else "right")
    for event, counts in told.by_event().items():
        table.add_row(event, *map(str, counts.values()))
    console.print(table)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a test asks of a verdict; None asks nothing."""

    min_recall: float | None = None
    min_precision: float | None = None
    max_invented: int | None = None
    max_missing: int | None = None
    max_duplicate: int | None = None
    max_late: int | None = None
    min_told: float | None = None

    def broken(self, total: Tally, told: Told | None = None) -> Iterator[str]:
        """A sentence for each bound that does not hold; a share of nothing holds no bound."""
        shares = {"recall": (total.recall, self.min_recall), "precision": (total.precision, self.min_precision)}
        if told is not None:
            shares["told"] = (told.recall, self.min_told)
        for name, (share, least) in shares.items():
            if least is not None and (share is None or share < least):
                yield f"{name} is {'that of nothing' if share is None else f'{share:.3f}'}, at least {least:g} is asked"
        counts = {
            "invented": self.max_invented, "missing": self.max_missing, "duplicate": self.max_duplicate, "late": self.max_late,
        }  # fmt: skip
        for name, most in counts.items():
            if most is not None and getattr(total, name) > most:
                yield f"{getattr(total, name)} {name}, at most {most} are asked"


def markdown(headers: Sequence[str], rows: Iterable[Sequence[str]], names: int = 1) -> str:
    """A table for a README: so many columns of names to the left, the others to the right."""
    lines = [headers, [*["---"] * names, *["---:"] * (len(headers) - names)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


SITE_COLUMNS: Mapping[str, str] = {name: title for name, title in COLUMNS.items() if name not in ("unanswered", "duplicate", "late")}


def site_cells(tally: Tally) -> list[str]:
    """The cells of ``SITE_COLUMNS``."""
    return [cell for name, cell in zip(COLUMNS, cells(tally), strict=True) if name in SITE_COLUMNS]
