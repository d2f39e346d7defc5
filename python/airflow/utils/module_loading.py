"""Objects by their dotted path."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def import_string(dotted_path: str) -> Any:
    """Return the attribute that `package.module.attribute` names."""
    module_path, _, name = dotted_path.rpartition(".")
    if not module_path:
        raise ImportError(f"{dotted_path} doesn't look like a module path")
    try:
        return getattr(import_module(module_path), name)
    except AttributeError:
        raise ImportError(f"Module {module_path!r} does not define {name!r}") from None


def qualname(obj: Any) -> str:
    """Return the dotted path of a class or function, or of the class of an object."""
    if not hasattr(obj, "__qualname__"):
        obj = type(obj)
    return f"{obj.__module__}.{obj.__qualname__}"
