"""Lineage: what tasks read and write."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T", bound=Callable[..., Any])

PIPELINE_OUTLETS = "pipeline_outlets"
PIPELINE_INLETS = "pipeline_inlets"
AUTO = "auto"


def apply_lineage(func: T) -> T:
    """Decorator of `execute`: push the task's outlets and inlets as XComs after it."""

    @functools.wraps(func)
    def wrapper(self: Any, context: Any, *args: Any, **kwargs: Any) -> Any:
        result = func(self, context, *args, **kwargs)
        for key, items in ((PIPELINE_OUTLETS, self.outlets), (PIPELINE_INLETS, self.inlets)):
            if items:
                self.xcom_push(context, key=key, value=[str(item) for item in items])
        return result

    return wrapper  # type: ignore[return-value]


def prepare_lineage(func: T) -> T:
    """Decorator of `pre_execute`: inlets and outlets need no preparation here."""
    return func
