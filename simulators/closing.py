"""The closing table: how well the agent read, what it cost, and what the numbers leave out."""

from collections.abc import Iterator, Mapping

from rich import box
from rich.console import Console
from rich.table import Table

from simulators.score import Scoreboard, Tally
from simulators.screen import View

Metrics = Mapping[str, float | None]


def share(value: float | None) -> str:
    """A share with three decimals, a dash for none."""
    return "-" if value is None else f"{value:.3f}"


def score_table(board: Scoreboard) -> Table:
    """Precision and recall by dialect, and in total."""
    table = Table(box=box.SIMPLE_HEAD, title="Published readings against the simulators' truth", title_justify="left", pad_edge=False)
    table.add_column("dialect", no_wrap=True, min_width=21)
    for name in ("msgs", "unread", "true", "right", "wrong", "precision", "recall"):
        table.add_column(name, justify="right", no_wrap=True)

    def add(name: str, tally: Tally, style: str = "") -> None:
        counts = (tally.messages, tally.quarantined, tally.true, tally.right, tally.wrong)
        table.add_row(name, *map(str, counts), share(tally.precision), share(tally.recall), style=style)

    for name in sorted(board.by_dialect):
        add(name, board.by_dialect[name])
    table.add_section()
    add("total", board.total(), "bold")
    return table


def milliseconds(seconds: float | None) -> str:
    """A duration in milliseconds."""
    return "-" if seconds is None else f"{seconds * 1000:.0f} ms"


def sentences(board: Scoreboard, metrics: Metrics, view: View) -> Iterator[str]:
    """What the table does not say."""
    total = board.total()
    calls = int(metrics.get("model_calls_total") or 0)
    taken = int(metrics.get("messages_received_total") or 0)
    yield f"Messages answered: {total.messages} in {view.elapsed_seconds:.0f} s; model calls: {calls}" + (
        f", that is {1000 * calls / taken:.0f} per 1,000 messages taken in." if taken else "."
    )
    yield (
        f"Latency, from a message's arrival in the agent to the commit of its readings on disk, over the last 1,024 messages: p50"
        f" {milliseconds(metrics.get('message_seconds_p50'))}, p99 {milliseconds(metrics.get('message_seconds_p99'))}"
        " (broker, simulators and screen share the process)."
    )
    yield (
        f"Summaries told: {view.told.total()} ({view.told['slm']} by the model, {view.told['arithmetic']} by arithmetic)"
        f" of {view.summed_up:,} of {view.sent:,} messages; windows that were open at the end are not told."
    )
    yield f"Bytes of summaries: {view.summary_bytes:,}; of raw traffic: {view.raw_bytes:,} (topic and payload)."
    yield "Right: value, quantity and unit of a literal agree with the truth. Optional readings count neither way."
    yield "A message in quarantine without readings counts as unread; its true readings are missed."
    if board.unanswered:
        yield f"Not counted: {board.unanswered} messages still on their way at the end."
    if board.unmatched:
        yield f"{board.unmatched} answers fit no message sent: their readings count as wrong."


def show_closing(console: Console, board: Scoreboard, metrics: Metrics, view: View) -> None:
    """Print the closing table."""
    if not board.by_dialect:
        console.print("Ended before the agent had answered a message: there is nothing to score.")
        return
    console.print(score_table(board))
    for sentence in sentences(board, metrics, view):
        console.print(sentence, markup=False, highlight=False)
