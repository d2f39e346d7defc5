"""Callbacks of deadlines, as Airflow 3 writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["AsyncCallback", "Callback", "SyncCallback"]


class Callback:
    """A function, or its dotted path, and the keyword arguments that it is called with."""

    def __init__(
        self, callback_callable: Callable[..., Any] | str, kwargs: dict[str, Any] | None = None
    ) -> None:
        if callable(callback_callable):
            self.path = f"{callback_callable.__module__}.{callback_callable.__qualname__}"
        elif isinstance(callback_callable, str):
            self.path = callback_callable.strip()
        else:
            raise TypeError(f"a callback must be callable or a dotted path: {callback_callable!r}")
        self.kwargs = dict(kwargs or {})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.path!r}, kwargs={self.kwargs!r})"


class AsyncCallback(Callback):
    """A callback that is awaited."""


class SyncCallback(Callback):
    """A callback that is called in a process of its own, by `executor` where it is given."""

    def __init__(
        self,
        callback_callable: Callable[..., Any] | str,
        kwargs: dict[str, Any] | None = None,
        executor: str | None = None,
    ) -> None:
        super().__init__(callback_callable, kwargs)
        self.executor = executor
