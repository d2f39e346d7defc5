"""Names of Airflow's column types and query helpers, for code that imports them."""

from __future__ import annotations

from typing import Any


class UtcDateTime:
    """Type of the columns that hold times."""


class ExtendedJSON:
    """Type of the columns that hold JSON."""


class Interval:
    """Type of the columns that hold spans."""


def skip_locked(session: Any) -> dict[str, Any]:
    """Return no arguments: there is nothing to lock."""
    return {}


def nowait(session: Any) -> dict[str, Any]:
    """Return no arguments: there is nothing to lock."""
    return {}


def with_row_locks(query: Any, session: Any = None, **_: Any) -> Any:
    """Return the query as it is."""
    return query
