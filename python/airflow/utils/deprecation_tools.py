"""Old paths of classes that have moved."""

from __future__ import annotations

import functools
import importlib
import sys
from types import ModuleType
from typing import Any

from airflow.utils.user_warnings import warn_removed


def add_deprecated_classes(
    module_imports: dict[str, dict[str, str]],
    package: str,
    override_deprecated_classes: dict[str, dict[str, str]] | None = None,
    extra_message: str | None = None,
) -> None:
    """Offer classes at old paths: by module of `package`, name and new path.

    The module `__name__` stands for the package itself.
    """
    for module_name, imports in module_imports.items():
        full_name = package if module_name == "__name__" else f"{package}.{module_name}"
        module = sys.modules.get(full_name) or ModuleType(full_name)
        load = functools.partial(_load, imports, full_name, extra_message or "")
        module.__getattr__ = load  # type: ignore[method-assign]
        sys.modules[full_name] = module


def _load(imports: dict[str, str], module_name: str, message: str, name: str) -> Any:
    target = imports.get(name) or imports.get("*", "") and f"{imports['*']}.{name}"
    if not target:
        raise AttributeError(f"The module `{module_name}` has no attribute `{name}`")
    warn_removed(f"The `{module_name}.{name}` attribute is deprecated. Use `{target}`. {message}")
    path, _, attribute = target.rpartition(".")
    return getattr(importlib.import_module(path), attribute)
