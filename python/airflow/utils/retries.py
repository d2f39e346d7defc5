"""Retries of database access, which tasks do not have: the names that providers import."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

MAX_DB_RETRIES = 3


def run_with_db_retries(max_retries: int = MAX_DB_RETRIES, **_: Any) -> Iterable[Any]:
    """Return the attempts to make: one."""
    import contextlib

    return iter([contextlib.nullcontext()])


def retry_db_transaction(func: Callable[..., Any] | None = None, **_: Any) -> Any:
    """Return a function as it is."""
    return func if func is not None else retry_db_transaction
