"""Packages whose public names are imported on first use (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def lazy_exports(
    package: str,
    names: Mapping[str, str],
    find_others: Callable[[], Mapping[str, Any]] | None = None,
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` for a package that re-exports `names` (name: module).

    `find_others` is asked for what is neither among them nor a module of the package.
    """

    def __getattr__(name: str) -> Any:
        module = names.get(name)
        if module is None:
            return _find_other(package, name, find_others)
        value = getattr(import_module(module), name)
        setattr(sys.modules[package], name, value)
        return value

    def __dir__() -> list[str]:
        return sorted({*vars(sys.modules[package]), *names})

    return __getattr__, __dir__


def _find_other(
    package: str, name: str, find_others: Callable[[], Mapping[str, Any]] | None
) -> Any:
    """Return a submodule that nobody has imported yet: under Airflow something always has."""
    path = f"{package}.{name}"
    is_package = "__path__" in vars(sys.modules[package])
    if not name.startswith("_"):
        if is_package and find_spec(path) is not None:
            return import_module(path)
        others = find_others() if find_others else {}
        if name in others:
            return others[name]
    raise AttributeError(f"module {package!r} has no attribute {name!r}")
