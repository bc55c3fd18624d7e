"""Counters, gauges and latencies in memory; health publishes them. Written and read on the event loop's thread."""

from collections import deque
from collections.abc import Callable

RECENT = 1024
"""Latencies kept: percentiles speak of the last so many messages, not of the whole uptime."""


class Latency:
    """Percentiles of the most recent durations, in seconds."""

    def __init__(self, size: int = RECENT) -> None:
        self._recent: deque[float] = deque(maxlen=size)
        self.count = 0

    def observe(self, seconds: float) -> None:
        """Add a duration."""
        self._recent.append(seconds)
        self.count += 1

    def percentile(self, share: float) -> float | None:
        """The duration that ``share`` (0 to 1) of the recent ones do not exceed; None without any."""
        if not self._recent:
            return None
        ordered = sorted(self._recent)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Metrics:
    """Counters by name and labels, gauges that are asked when needed, one latency by name."""

    def __init__(self) -> None:
        self._counters: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
        self._gauges: dict[str, Callable[[], float]] = {}
        self._latencies: dict[str, Latency] = {}

    def inc(self, name: str, count: int = 1, **labels: str) -> None:
        """Add to a counter; labels come from closed sets."""
        key = (name, tuple(sorted(labels.items())))
        self._counters[key] = self._counters.get(key, 0) + count

    def gauge(self, name: str, read: Callable[[], float]) -> None:
        """Name a function that tells a present value."""
        self._gauges[name] = read

    def observe(self, name: str, seconds: float) -> None:
        """Add a duration to a latency."""
        self._latencies.setdefault(name, Latency()).observe(seconds)

    def count(self, name: str, **labels: str) -> int:
        """A counter's value, summed over the labels that are not given."""
        wanted = set(labels.items())
        return sum(value for (key, found), value in self._counters.items() if key == name and wanted <= set(found))

    def snapshot(self) -> dict[str, float | None]:
        """Everything, flat: ``name{label=value}`` for counters, ``name_p50`` and ``name_p99`` in seconds for latencies."""
        flat: dict[str, float | None] = {}
        for (name, labels), value in sorted(self._counters.items()):
            inner = ",".join(f"{key}={text}" for key, text in labels)
            flat[f"{name}{{{inner}}}" if inner else name] = value
        for name, read in sorted(self._gauges.items()):
            flat[name] = read()
        for name, latency in sorted(self._latencies.items()):
            for suffix, share in (("p50", 0.5), ("p99", 0.99)):
                found = latency.percentile(share)
                flat[f"{name}_{suffix}"] = None if found is None else round(found, 6)
        return flat
