"""A formatter whose times have their offset."""

from __future__ import annotations

import logging
from datetime import datetime


class TimezoneAware(logging.Formatter):
    """Formats times as `2026-01-31T12:00:00.000+0000`."""

    def formatTime(  # noqa: N802 - the name that logging gives it
        self, record: logging.LogRecord, datefmt: str | None = None
    ) -> str:
        moment = datetime.fromtimestamp(record.created).astimezone()
        if datefmt:
            return moment.strftime(datefmt)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{int(record.msecs):03d}{moment:%z}"
