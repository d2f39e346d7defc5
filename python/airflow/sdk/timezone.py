"""Time zones under its path in Airflow 3."""

from __future__ import annotations

from airflow.utils.timezone import (
    coerce_datetime,
    convert_to_utc,
    datetime,
    from_timestamp,
    make_aware,
    make_naive,
    parse,
    utc,
    utcnow,
)

__all__ = [
    "coerce_datetime",
    "convert_to_utc",
    "datetime",
    "from_timestamp",
    "make_aware",
    "make_naive",
    "parse",
    "utc",
    "utcnow",
]
