"""Functions that make a result of a cursor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def return_single_query_results(
    sql: str | Iterable[str], return_last: bool, split_statements: bool | None
) -> bool:
    """Tell whether `run` returns one result, and not a list with one for each statement."""
    return isinstance(sql, str) and (return_last if split_statements else True)


def fetch_all_handler(cursor: Any) -> list[tuple[Any, ...]] | None:
    """Return all rows, or None for a statement that has none."""
    _require_description(cursor)
    return cursor.fetchall() if cursor.description is not None else None


def fetch_one_handler(cursor: Any) -> Any:
    """Return the first row, or None for a statement that has none."""
    _require_description(cursor)
    return cursor.fetchone() if cursor.description is not None else None


def _require_description(cursor: Any) -> None:
    if not hasattr(cursor, "description"):
        raise RuntimeError("The database we interact with does not support DBAPI 2.0")
