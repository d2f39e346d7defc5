"""Sessions of the metadata database, which tasks have no access to.

Functions of Airflow take a session argument; here it is an object that can be passed around, and
that refuses to be asked.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from airflow.exceptions import AirflowException
from airflow.models._database import ADVICE

R = TypeVar("R")


class _NoRows:
    """A query for rows of a model that nothing keeps."""

    def filter(self, *_: Any, **__: Any) -> _NoRows:
        """Return the query."""
        return self

    filter_by = where = filter

    def all(self) -> list[Any]:
        """Return no rows."""
        return []

    def first(self) -> None:
        """Return no row."""

    one_or_none = scalar = first

    def delete(self, *_: Any, **__: Any) -> int:
        """Delete nothing."""
        return 0

    count = delete


class Session:
    """Stands for a session of SQLAlchemy; only ending it has no effect instead of failing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AirflowException(f"session.{name}: {ADVICE}")

    def _nothing(self, *_: Any, **__: Any) -> None:
        """Do nothing."""

    def query(self, *entities: Any) -> _NoRows:
        """Return a query without rows for a model that nothing keeps."""
        return self._without_effect("query", *entities)

    def add(self, row: Any) -> None:
        """Take a row of a model that nothing keeps."""
        self._without_effect("add", row)

    merge = delete = add

    def _without_effect(self, name: str, *objects: Any) -> _NoRows:
        if all(getattr(item, "is_kept", True) is False for item in objects):
            return _NoRows()
        raise AirflowException(f"session.{name}: {ADVICE}")

    commit = rollback = flush = close = expunge = expunge_all = remove = _nothing

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


NEW_SESSION: Any = None


@contextlib.contextmanager
def create_session(scoped: bool = True) -> Iterator[Session]:
    """Give a session for the block."""
    yield Session()


def find_session_idx(func: Callable[..., Any]) -> int:
    """Return the position of the parameter `session`; ValueError where there is none."""
    names = list(inspect.signature(func).parameters)
    if "session" not in names:
        raise ValueError(f"Function {func.__qualname__} has no `session` argument") from None
    return names.index("session")


def provide_session(func: Callable[..., R]) -> Callable[..., R]:
    """Return `func` so that it gets a session where its caller gives none."""
    position = find_session_idx(func)

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> R:
        if "session" in kwargs or position < len(args):
            return func(*args, **kwargs)
        return func(*args, session=Session(), **kwargs)

    return wrapper
