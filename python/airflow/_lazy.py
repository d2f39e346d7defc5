"""Packages whose public names are imported on first use (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def lazy_exports(
    package: str, names: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` for a package that re-exports `names` (name: module)."""

    def __getattr__(name: str) -> Any:
        module = names.get(name)
        if module is None:
            return _import_submodule(package, name)
        value = getattr(import_module(module), name)
        setattr(sys.modules[package], name, value)
        return value

    def __dir__() -> list[str]:
        return sorted({*vars(sys.modules[package]), *names})

    return __getattr__, __dir__


def _import_submodule(package: str, name: str) -> Any:
    """Return a submodule that nobody has imported yet: under Airflow something always has."""
    path = f"{package}.{name}"
    is_package = "__path__" in vars(sys.modules[package])
    if name.startswith("_") or not is_package or find_spec(path) is None:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    return import_module(path)
