"""Objects in XComs: dataclasses, and those that say themselves how they are written.

An object has its class with it. As under Airflow, only classes that the setting `[core]
allowed_deserialization_classes` names are made again: what is read may have been written by anyone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fnmatch import fnmatch
from typing import Any

from airflow.configuration import conf
from airflow.utils.module_loading import import_string

_DEFAULT_VERSION = 1


def describe_object(value: Any, encode: Callable[[Any], Any]) -> dict[str, Any] | None:
    """Return what tells how to make `value` again; None where that is not known."""
    if isinstance(value, type):
        return None
    kind = type(value)
    if callable(getattr(kind, "serialize", None)) and callable(getattr(kind, "deserialize", None)):
        data = value.serialize()
    elif dataclasses.is_dataclass(value):
        names = (field.name for field in dataclasses.fields(value))
        data = {name: getattr(value, name) for name in names}
    else:
        return None
    return {
        "class": f"{kind.__module__}.{kind.__qualname__}",
        "version": getattr(kind, "__version__", _DEFAULT_VERSION),
        "data": encode(data),
    }


def restore_object(described: dict[str, Any], decode: Callable[[Any], Any]) -> Any:
    """Return the object again; ImportError where its class is not allowed."""
    name = described["class"]
    if not _is_allowed(name):
        raise ImportError(
            f"{name} was not found in allow list for deserialization imports. To allow it, add it "
            "to [core] allowed_deserialization_classes, or pass plain values between tasks"
        )
    kind, data = import_string(name), decode(described["data"])
    if callable(getattr(kind, "deserialize", None)):
        return kind.deserialize(data, described["version"])
    return kind(**data)


def _is_allowed(name: str) -> bool:
    patterns = conf.get("core", "allowed_deserialization_classes", fallback="").split()
    return any(fnmatch(name, pattern) for pattern in patterns)
