"""The literal of a message's own time -> an instant in UTC. Times without a zone are taken for UTC, and that is said."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Literal

TimeSource = Literal["payload", "payload_assumed_utc", "arrival"]

_EPOCH_DIGITS = {10: 1, 13: 10**3, 16: 10**6, 19: 10**9}
_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%y %H:%M:%S", "%d.%m.%y %H:%M",
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y%m%d%H%M%S",
)  # fmt: skip
_JOINED = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})(?:(?:%20|[T_ ,]){1,2}(?=\d{2}:\d{2})|[+-](?=\d{2}:\d{2}:\d{2}))(.*)")
_DSMR = re.compile(r"(\d{12})([SW])", re.ASCII)
_DSMR_ZONES = {"S": timezone(timedelta(hours=2)), "W": timezone(timedelta(hours=1))}
"""Summer and winter time where meters speak DSMR."""
_RFC_1123 = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})? .+")
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST_AHEAD = timedelta(days=2)


def parse_instant(literal: str, received_at: datetime) -> tuple[datetime, TimeSource]:
    """The instant of a message, and where it came from.

    A literal that is no full date, lies before 2000 or more than two days after arrival is not believed: arrival counts.
    """
    found = _parse(literal.strip())
    if found is None:
        return received_at, "arrival"
    source: TimeSource = "payload"
    if found.tzinfo is None:
        found, source = found.replace(tzinfo=UTC), "payload_assumed_utc"
    if not EARLIEST <= found <= received_at + LATEST_AHEAD:
        return received_at, "arrival"
    return found.astimezone(UTC), source


def _parse(text: str) -> datetime | None:
    if re.fullmatch(r"\d+", text) and len(text) in _EPOCH_DIGITS:
        return datetime.fromtimestamp(int(text) / _EPOCH_DIGITS[len(text)], UTC)
    if match := re.fullmatch(r"(\d{10})\.(\d{1,9})", text):
        return datetime.fromtimestamp(float(match[0]), UTC)
    shortened = re.sub(r"(\.\d{6})\d+", r"\1", text.replace("%3A", ":"))
    shortened = _JOINED.sub(r"\1-\2-\3 \4", shortened)
    try:
        if re.match(r"\d{4}-?\d{2}-?\d{2}[T ]\d", shortened):
            return datetime.fromisoformat(shortened)
        if match := _DSMR.fullmatch(text):
            return datetime.strptime(match[1], "%y%m%d%H%M%S").replace(tzinfo=_DSMR_ZONES[match[2]])
        if _RFC_1123.fullmatch(text):
            return parsedate_to_datetime(text)
    except ValueError:
        return None
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 (its zone is settled by the caller)
        except ValueError:
            continue
    return None
