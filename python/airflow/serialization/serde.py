"""Values to JSON and back."""

from __future__ import annotations

from typing import Any

from airflow import _json

CLASSNAME = "__classname__"
VERSION = "__version__"
DATA = "__data__"


def serialize(o: object, depth: int = 0) -> Any:
    """Return a value as plain JSON values."""
    return _json.encode(o)


def deserialize(o: Any, full: bool = True, type_hint: Any = None) -> Any:
    """Return the value that `serialize` has written."""
    return _json.decode(o)
