"""A run on the screen: live with rich on a terminal, a line every few seconds elsewhere."""

from collections import Counter
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from simulators.running import Progress

PLAIN_SECONDS = 5.0
MOST_EVENTS = 12


def instant_text(seconds: float) -> str:
    """An instant of simulated time."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def faults_text(faults: Counter[str]) -> str:
    """How often each fault came, the most frequent first."""
    return ", ".join(f"{name} {count}" for name, count in faults.most_common()) or "none"


class PlainRunScreen:
    """A line every few seconds, with the faults since the last one."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said = 0.0
        self._faults: Counter[str] = Counter()

    def show(self, progress: Progress) -> None:
        """Print a line, if the last is old enough."""
        self._faults.update(progress.faults)
        if progress.elapsed_seconds - self._said < PLAIN_SECONDS:
            return
        self._said = progress.elapsed_seconds
        going_on = ", ".join(f"{event.event} in {event.area}" for event in progress.events[:3]) or "nothing"
        self._console.print(
            f"{progress.elapsed_seconds:4.0f} s  {instant_text(progress.now)}  {progress.sent} messages ({progress.rate:.0f}/s),"
            f" {progress.devices - progress.silent} of {progress.devices} devices on;"
            f" faults: {faults_text(self._faults)}; going on: {going_on}",
            markup=False,
            soft_wrap=True,
        )
        self._faults.clear()

    def close(self) -> None:
        """Nothing to leave."""


class LiveRunScreen:
    """Counts above, what goes on at the site below."""

    def __init__(self, console: Console, title: str) -> None:
        self._title = title
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._live.start()

    def show(self, progress: Progress) -> None:
        """Draw the present state."""
        self._live.update(draw(progress, self._title), refresh=True)

    def close(self) -> None:
        """Leave the terminal to what is printed next."""
        self._live.stop()


def draw(progress: Progress, title: str) -> RenderableType:
    """The counts, and the events that are going on."""
    counts = Table.grid(expand=True, padding=(0, 2))
    cells = (
        ("simulated time", instant_text(progress.now)),
        ("messages", str(progress.sent)),
        ("rate", f"{progress.rate:.0f}/s"),
        ("devices", str(progress.devices)),
        ("silent", str(progress.silent)),
        ("faults now", faults_text(progress.faults)),
    )
    for name, _ in cells:
        counts.add_column(no_wrap=True, overflow="ellipsis", ratio=2 if name in ("simulated time", "faults now") else 1)
    counts.add_row(*(Text(name, style="dim") for name, _ in cells))
    counts.add_row(*(Text(text, style="bold") for _, text in cells))
    events = [Text(f"{instant_text(event.at)}  {event.event}  {event.area}") for event in progress.events[:MOST_EVENTS]]
    return Panel(Group(counts, *events), title=title, subtitle="Ctrl-C ends between two messages")
