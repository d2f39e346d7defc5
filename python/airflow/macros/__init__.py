"""`macros`, as templates see them."""

from __future__ import annotations

import json
import time
import uuid
from datetime import datetime, timedelta
from random import random
from typing import Any

import dateutil
import dateutil.parser
import dateutil.relativedelta
import pendulum

__all__ = [
    "dateutil",
    "datetime",
    "datetime_diff_for_humans",
    "ds_add",
    "ds_format",
    "ds_format_locale",
    "json",
    "random",
    "time",
    "timedelta",
    "uuid",
]


def ds_add(ds: str, days: int) -> str:
    """Add days to (or, if negative, subtract from) a `YYYY-MM-DD` date."""
    if not days:
        return str(ds)
    return (datetime.strptime(str(ds), "%Y-%m-%d") + timedelta(days=days)).strftime("%Y-%m-%d")


def ds_format(ds: str, input_format: str, output_format: str) -> str:
    """Return a date in another format: `ds_format(ds, "%Y-%m-%d", "%m/%d/%y")`."""
    return datetime.strptime(str(ds), input_format).strftime(output_format)


def datetime_diff_for_humans(dt: Any, since: datetime | None = None) -> str:
    """Return the distance between two moments in words: `3 days before`, `in 2 hours`."""
    moment = pendulum.instance(dt)
    return moment.diff_for_humans(None if since is None else pendulum.instance(since))


def ds_format_locale(ds: str, input_format: str, output_format: str, locale: Any = None) -> str:
    """Return a date in the words of a locale; formats are those of the package Babel."""
    try:
        from babel.dates import LC_TIME, format_datetime
    except ImportError:
        raise ImportError("macros.ds_format_locale needs the package Babel; install it") from None
    moment = datetime.strptime(str(ds), input_format)
    text: str = format_datetime(moment, format=output_format, locale=locale or LC_TIME)
    return text


def __getattr__(name: str) -> Any:
    """Return the macros of a plugin."""
    if not name.startswith("__"):
        from airflow.plugins_manager import integrate_macros_plugins

        integrate_macros_plugins()
        if name in globals():
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
