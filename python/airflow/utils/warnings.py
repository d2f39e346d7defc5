"""Warnings that are caught and given again."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def capture_with_reraise() -> Iterator[list[Any]]:
    """Catch the warnings of the block in a list; give them again after it."""
    with warnings.catch_warnings(record=True) as caught:
        yield caught
    for warning in caught:
        warnings.warn_explicit(
            message=warning.message,
            category=warning.category,
            filename=warning.filename,
            lineno=warning.lineno,
        )
