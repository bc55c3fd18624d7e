"""Log lines on standard error: JSON for the journal, text for a terminal. Standard output stays free for readings."""

import logging
import sys
from typing import Literal

import structlog

LogFormat = Literal["auto", "json", "text"]


def set_up_logs(level: str, log_format: LogFormat) -> None:
    """Set level and form of every logger; may be called again to change them."""
    as_text = log_format == "text" or (log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if as_text
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # the standard error of now, which tests replace
        cache_logger_on_first_use=False,
    )
