"""Classes with one object each."""

from __future__ import annotations

from typing import Any


class Singleton(type):
    """A metaclass whose classes make their object once."""

    _instances: dict[type, Any] = {}

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__(*args, **kwargs)
        return cls._instances[cls]
