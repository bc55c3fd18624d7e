"""The literal of a message's own time -> an instant in UTC. Times without a zone are taken for UTC, and that is said."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

TimeSource = Literal["payload", "payload_assumed_utc", "arrival"]

_EPOCH_DIGITS = {10: 1, 13: 10**3, 16: 10**6, 19: 10**9}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HOURS_AHEAD: dict[str, float] = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
    "BRT": -3, "WAT": 1, "CAT": 2, "SAST": 2, "EAT": 3, "PKT": 5, "ICT": 7, "SGT": 8, "HKT": 8, "JST": 9, "KST": 9,
    "AWST": 8, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
"""Zones by their names, hours before UTC. BST, CST and IST are names of several zones, so they tell none."""
_DAY_NAME = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?"
_MONTH = rf"(?P<name>(?i:{'|'.join(_MONTHS)}))[a-z]{{0,6}}"
_DATES = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?=\D|\d{4}(?:\d\d)?(?:\D|\Z))",
        r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日",
        r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second>\d{1,2})(?P=mark)(?P<third>\d{4}|\d\d)(?!\d)",
        rf"{_DAY_NAME}(?P<day>\d{{1,2}})[ /-]{_MONTH}[ /-](?P<year>\d{{4}})",
        rf"{_DAY_NAME}{_MONTH} {{1,2}}(?P<day>\d{{1,2}})(?:,? (?P<year>\d{{4}}))?(?![\d:])",
    )
)
_JOIN = re.compile(r"[T_ ,|]{1,3}(?=\d)|[-+:](?=\d\d:\d\d:\d\d)|(?=\d{4})", re.ASCII)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,:](?P<fraction>\d{1,12}))?)?)?"
    r"(?:[ \u00a0\u202f]?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?:GMT|UTC)?(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?(?: [A-Z]{3,5}| \([^()]{1,48}\))?"
    rf"| ?(?P<zone>{'|'.join(_HOURS_AHEAD)}))?"
    r"(?:\[[\w/+-]{1,32}\])?(?: (?P<year>\d{4}))?",
    re.ASCII,
)
_DSMR = re.compile(r"(\d{12})([SW])", re.ASCII)
_DSMR_ZONES = {"S": timezone(timedelta(hours=2)), "W": timezone(timedelta(hours=1))}
"""Summer and winter time where meters speak DSMR."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST_AHEAD = timedelta(days=2)

_LENGTH = re.compile(r"\d{1,5}(?:T\d| ?(?:years?|months?|weeks?|days?|hours?|hrs?|minutes?|mins?|[ywdhm])(?![^\W\d_]))")
"""How lengths of time begin: ``35T06:59:51``, ``3d 4h``, ``68 days, 0:11:29``."""


def is_length_of_time(literal: str) -> bool:
    """True for ``35T06:59:51`` or ``3d 4h``, which tell no instant."""
    return _LENGTH.match(literal) is not None


def parse_instant(literal: str, received_at: datetime) -> tuple[datetime, TimeSource]:
    """The instant of a message, and where it came from.

    Where figures can be read as several dates (``11/06/2026``), the one nearest to arrival counts; the day first where none is nearer.
    A literal that is no full date, lies before 2000 or more than two days after arrival is not believed: arrival counts.
    """
    found = min(_readings(literal.strip()), key=lambda one: abs(_aware(one) - received_at), default=None)
    if found is None or not EARLIEST <= _aware(found) <= received_at + LATEST_AHEAD:
        return received_at, "arrival"
    return _aware(found).astimezone(UTC), "payload" if found.tzinfo else "payload_assumed_utc"


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _readings(text: str) -> Iterator[datetime]:
    """Every moment that a text can mean, without a zone where it states none."""
    if re.fullmatch(r"[0-9]+", text) and len(text) in _EPOCH_DIGITS:
        yield datetime.fromtimestamp(int(text) / _EPOCH_DIGITS[len(text)], UTC)
        return
    if re.fullmatch(r"[0-9]{10}\.[0-9]{1,9}", text):
        yield datetime.fromtimestamp(float(text), UTC)
        return
    try:
        if match := _DSMR.fullmatch(text):
            yield datetime.strptime(match[1], "%y%m%d%H%M%S").replace(tzinfo=_DSMR_ZONES[match[2]])
            return
    except ValueError:
        return
    text = text.replace("%3A", ":").replace("%20", " ")
    date = next((match for pattern in _DATES if (match := pattern.match(text))), None)
    join = _JOIN.match(text, date.end()) if date else None
    clock = _CLOCK.fullmatch(text, join.end()) if join else None
    if date is None or clock is None:
        return
    for year, month, day in _dates(date.groupdict(), clock["year"]):
        try:
            yield _moment(year, month, day, clock)
        except ValueError:  # there is no such day, hour or zone
            continue


def _dates(parts: dict[str, str | None], year_behind: str | None) -> Iterator[tuple[int, int, int]]:
    """Year, month and day in every order that is usual; behind points the day comes first everywhere."""
    if parts.get("first"):
        first, second, third = (int(parts[place] or 0) for place in ("first", "second", "third"))
        is_short = third < 100
        year = third + 2000 if is_short else third
        yield year, second, first
        if parts["mark"] != ".":
            yield year, first, second
            if is_short:
                yield first + 2000, second, third
    elif year_text := parts["year"] or year_behind:
        month = int(parts["month"] or 0) if "month" in parts else _MONTHS.index((parts["name"] or "").lower()) + 1
        yield int(year_text), month, int(parts["day"] or 0)


def _moment(year: int, month: int, day: int, clock: re.Match[str]) -> datetime:
    """Of a date and a time of day; ``ValueError`` where there is none such."""
    hour = int(clock["hour"])
    if clock["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"no hour of half a day: {hour}")
        hour = hour % 12 + (12 if clock["half"] in "Pp" else 0)
    minute, second = int(clock["minute"] or 0), int(clock["second"] or 0)
    return datetime(year, month, day, hour, minute, second, int((clock["fraction"] or "").ljust(6, "0")[:6]), tzinfo=_zone(clock))


def _zone(clock: re.Match[str]) -> timezone | None:
    if clock["zone"]:
        return timezone(timedelta(hours=_HOURS_AHEAD[clock["zone"]]))
    if clock["sign"]:
        ahead = timedelta(hours=int(clock["hours"]), minutes=int(clock["minutes"] or 0))
        return timezone(ahead if clock["sign"] == "+" else -ahead)
    return None
