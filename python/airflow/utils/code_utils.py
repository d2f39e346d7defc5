"""Sources of Python objects."""

from __future__ import annotations

import inspect
from typing import Any


def get_python_source(x: Any) -> str | None:
    """Return the source of a function or class, or None where it is not known."""
    if isinstance(x, str):
        return x
    try:
        return inspect.getsource(inspect.unwrap(getattr(x, "func", x)))
    except (TypeError, OSError):
        return None
