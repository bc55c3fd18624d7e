"""The demo on the screen: live with rich on a terminal, lines of text elsewhere. Shows what it is given and decides nothing."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agent.domain.unit import spellings

LATEST = 60
LATEST_SUMMARIES = 3
PLAIN_READINGS = 3
CHROME_LINES = 9
"""Lines of the live screen that are neither readings nor summaries."""


@dataclass(slots=True)
class View:
    """What is known at a moment."""

    elapsed_seconds: float = 0.0
    state: str = "starting"
    devices: int = 0
    sent: int = 0
    by_model: int = 0
    by_template: int = 0
    quarantined: int = 0
    on_their_way: int = 0
    rate: float = 0.0
    """Messages sent in a second, over the last few."""
    model_calls: int = 0
    latest: deque[Mapping[str, Any]] = field(default_factory=lambda: deque(maxlen=LATEST))
    """Readings by the contract, newest last."""
    raw_bytes: int = 0
    """Topics and payloads of the messages sent."""
    told: Counter[str] = field(default_factory=Counter)
    """Summaries by who wrote them: ``slm`` or ``arithmetic``."""
    summary_bytes: int = 0
    """Topics and payloads of the summaries."""
    summed_up: int = 0
    """Messages behind the summaries."""


class Screen(Protocol):
    """Shows a view again and again, and each summary as it comes."""

    interval_seconds: float

    def show(self, view: View) -> None:
        """Show the present view."""

    def tell(self, summary: Mapping[str, Any]) -> None:
        """Show a summary by the contract."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def value_text(reading: Mapping[str, Any]) -> str:
    """A reading's value with its unit as people write it, binaries as on and off."""
    value = reading["value"]
    if isinstance(value, bool):
        return "on" if value else "off"
    unit = reading["unit"]
    return f"{value} {spellings(unit)[0]}" if unit else str(value)


def span_text(summary: Mapping[str, Any]) -> str:
    """A summary's window on the machine's clock, as its text tells times."""
    begin, end = (datetime.fromisoformat(summary["window"][name]).astimezone() for name in ("start", "end"))
    return f"{begin:%H:%M:%S}-{end:%H:%M:%S}"


def told_text(summary: Mapping[str, Any]) -> str:
    """A summary's text; where it has none, what went wrong."""
    return summary["text"] or f"no text: {summary.get('error', 'refused by the check')}"


class PlainScreen:
    """A line every few seconds, and some readings under it; a line for each summary."""

    interval_seconds = 3.0

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, view: View) -> None:
        """Print the counts and the newest readings, each of another device."""
        if not view.sent:
            self._console.print(f"{view.state}...", markup=False)
            return
        self._console.print(
            f"{view.elapsed_seconds:4.0f} s  {view.sent} messages in ({view.rate:.0f}/s): {view.by_model} read by the model,"
            f" {view.by_template} by templates, {view.quarantined} quarantined; {view.model_calls} model calls",
            markup=False,
        )
        chosen: dict[str, Mapping[str, Any]] = {}
        for one in reversed(view.latest):
            chosen.setdefault(str(one["device"]), one)
        for one in list(chosen.values())[:PLAIN_READINGS]:
            self._console.print(f"        {one['device']}: {one['quantity']} = {value_text(one)}  (via {one['via']})", markup=False)

    def tell(self, summary: Mapping[str, Any]) -> None:
        """Print a summary in one line, however long."""
        line = f"summary  {summary['group']}  {span_text(summary)}  {told_text(summary)}"
        self._console.print(line, markup=False, soft_wrap=True)

    def close(self) -> None:
        """Nothing to leave."""


class LiveScreen:
    """Counts above, the last summaries, a rolling list of readings below, on the terminal's other screen."""

    interval_seconds = 0.25

    def __init__(self, console: Console) -> None:
        self._console = console
        self._summaries: deque[Mapping[str, Any]] = deque(maxlen=LATEST_SUMMARIES)
        self._live = Live(console=console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
        self._live.start()

    def show(self, view: View) -> None:
        """Draw the present view."""
        self._live.update(self._draw(view), refresh=True)

    def tell(self, summary: Mapping[str, Any]) -> None:
        """Keep a summary for what is drawn from now on."""
        self._summaries.append(summary)

    def close(self) -> None:
        """Go back to the terminal's first screen."""
        self._live.stop()

    def _draw(self, view: View) -> RenderableType:
        head = Panel(
            counts(view), title=f"sensorscribe demo: {view.devices} simulated devices", subtitle="Ctrl-C ends with the closing table"
        )
        height = self._console.size.height
        summaries = summaries_panel(self._summaries, max(4, height // 3))
        return Group(head, summaries, readings_table(view, max(3, height - height // 3 - CHROME_LINES)))


def counts(view: View) -> Table:
    """The counts in two rows."""
    table = Table.grid(expand=True, padding=(0, 2))
    cells = (
        ("state", view.state),
        ("messages in", str(view.sent)),
        ("read by model", str(view.by_model)),
        ("by template", str(view.by_template)),
        ("quarantined", str(view.quarantined)),
        ("on their way", str(view.on_their_way)),
        ("rate", f"{view.rate:.0f}/s"),
        ("model calls", str(view.model_calls)),
        ("time", f"{view.elapsed_seconds:.0f} s"),
    )
    for _ in cells:
        table.add_column(justify="right", no_wrap=True, ratio=1)
    table.add_row(*(Text(name, style="dim") for name, _ in cells))
    table.add_row(*(Text(text, style="bold") for _, text in cells))
    return table


def summaries_panel(latest: Iterable[Mapping[str, Any]], lines: int) -> Panel:
    """The last summaries, newest first, as far as the lines go."""
    shown: list[Text] = []
    for one in reversed(list(latest)):
        shown.append(Text(f"{one['group']}  {span_text(one)}  by {one['by']}", style="dim"))
        shown.append(Text(told_text(one)))
    return Panel(Group(*shown) if shown else Text("none yet: the first window is still open", style="dim"), title="summaries", height=lines)


def readings_table(view: View, rows: int) -> Table:
    """The newest readings, newest first."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    for name, ratio in (("device", 4), ("name", 4), ("quantity", 4), ("value", 3), ("via", 1)):
        table.add_column(name, ratio=ratio, no_wrap=True, overflow="ellipsis", justify="right" if name == "value" else "left")
    for one in list(reversed(view.latest))[:rows]:
        style = "" if one["via"] == "template" else "cyan"
        cells = (str(one["device"]), str(one["name"]), str(one["quantity"]), value_text(one), str(one["via"]))
        table.add_row(*(Text(cell) for cell in cells), style=style)
    return table
