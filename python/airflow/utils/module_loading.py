"""Objects by their dotted path."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
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


def is_valid_dotpath(path: str) -> bool:
    """Tell whether a text has the form of a dotted path."""
    return isinstance(path, str) and bool(re.match(r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$", path))


def iter_namespace(ns: ModuleType) -> Iterator[Any]:
    """Yield what is known of the modules of a package."""
    return pkgutil.iter_modules(ns.__path__, ns.__name__ + ".")
