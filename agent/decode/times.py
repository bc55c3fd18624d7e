"""What a date, a time of day, both, or a length of time looks like. Bounded patterns: no payload makes them slow."""

import re

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
_DAY_NAME = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[a-z]{3,6})?"
_YEAR = r"(?:19|20)\d\d"
_M = r"(?:0?[1-9]|1[0-2])"
_D = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = (
    rf"(?:(?:{_YEAR}(?P<sep>[-/.])|\d{{4}}(?P<sep3>-)){_M}(?:(?P=sep)|(?P=sep3)){_D}"
    rf"|{_D}(?P<sep2>[-/.]){_M}(?P=sep2)(?:{_YEAR}|\d\d(?![.\d]))"
    rf"|{_M}/{_D}/(?:{_YEAR}|\d\d)"
    rf"|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?=[T-]\d\d:?\d\d)"
    rf"|(?:{_DAY_NAME},?\ )?{_D}[ /-]{_MONTH}[ /-]{_YEAR}"
    rf"|(?:{_DAY_NAME},?\ )?{_MONTH}\ {{1,2}}{_D}(?:,?\ {_YEAR}(?!\d|:))?(?![\d.]\d)"
    rf"|{_M}-{_D}(?=\ \d\d:\d\d:)"
    rf"|\d{{4}}年\d{{1,2}}月\d{{1,2}}日)"
)
_ZONE_NAME = r"\ (?:UTC|GMT|MSK|MESZ|MEZ|[CEW]ES?T|[ABCEHIJKMNPS][SD]T|A[CEKW][SD]T|NZ[SD]T|SAST|[CEW]AT|SGT|HKT|PKT|BRT|ICT)\b"
_JS_ZONE = r"\ (?:GMT|UTC)[+-]\d\d:?\d\d(?!\d)(?:\ \([^()\n]{1,48}\))?"
"""As JavaScript writes a ``Date``: ``GMT+0100 (Central European Standard Time)``."""
_ZONE = rf"(?:\ ?Z|{_JS_ZONE}|\ ?[+-]\d\d:?\d\d(?![\d.])(?:{_ZONE_NAME})?|{_ZONE_NAME})"
_CLOCK = (
    r"(?:[01]?\d|2[0-4])(?::|%3A)[0-5]\d(?:(?::|%3A)(?:[0-5]\d|60)(?:[.:]\d{1,9}|,\d{3}(?=[]\ Z\"+]))?)?"
    rf"(?:[ \u00a0\u202f]?[AaPp]\.?[Mm]\b\.?)?{_ZONE}?"
)
_COMPACT = rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])T?(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?Z"
_COMPACT_T = rf"{_YEAR}\d{{4}}T\d{{6}}(?:[.,]\d{{1,9}})?{_ZONE}?"
_JOIN = r"(?:[T_]|%20|,?\ {1,2}|[-+|,](?=\d)|:(?=\d\d:\d\d:\d\d))"
_MOMENT = (
    rf"(?:{_DATE}(?:{_JOIN}{_CLOCK}(?:\ {_YEAR}(?!\d))?)?(?!\d|:\S)|{_CLOCK},{_D}/{_M}/\d\d(?!\d)|{_CLOCK}(?!\d|:\S)"
    rf"|{_COMPACT}|{_COMPACT_T})"
)

_LONG = r"(?:years?|yrs?|months?|weeks?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|[ywdhms])"
_PART = rf"\d{{1,6}}(?:\.\d{{1,3}})?\ ?{_LONG}(?![^\W\d_])"
DURATION = (
    rf"(?:{_PART}(?:,?\ ?(?:and\ )?{_PART}){{1,6}}|\d{{1,5}}\ ?(?:days?|d),?\ {{1,2}}\d{{1,2}}:\d\d(?::\d\d(?:\.\d{{1,9}})?)?"
    r"|(?<![\d./-])\d{1,5}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?![\w:])"
)
"""Two parts at least: ``11 day 22 hour``, ``3d 4h``, ``68 days, 0:11:29``, ``1T05:04:03``. One part alone is a number with a unit."""
TIME = rf"(?:{_MOMENT})"
"""To stand inside a larger pattern, once."""

_SIX_DIGIT_DATE = r"(?:(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:20)?\d\d|\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
PACKED = rf"{_SIX_DIGIT_DATE}[,#](?:[01]\d|2[0-3])[0-5]\d[0-5]\d(?:\.\d{{1,3}})?"
"""``201218,093016``: a tracker's date and time in two cells of six digits."""
_WHOLE = re.compile(rf"@?(?:{TIME}|{DURATION}|{PACKED})(?:,\d{{3}})?(?:\[[\w/+-]{{1,32}}\])?|@\d{{1,12}}(?:\.\d{{1,9}})?s?")
_MOST_CHARS = 80


def is_time(literal: str) -> bool:
    """True where the whole literal is a date, a time of day, both, or a duration of several parts."""
    return len(literal) <= _MOST_CHARS and any(char.isdigit() for char in literal) and _WHOLE.fullmatch(literal) is not None
