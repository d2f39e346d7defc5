"""File systems of fsspec for the addresses that provider packages know."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


@functools.cache
def _find_factories() -> Mapping[str, Callable[..., Any]]:
    """Return what makes a file system, by the scheme of its addresses."""
    from airflow.providers_manager import ProvidersManager

    found: dict[str, Callable[..., Any]] = {}
    for name in ProvidersManager().filesystem_module_names:
        module = import_module(name)
        found.update(dict.fromkeys(module.schemes, module.get_fs))
    return found


def has_fs(scheme: str) -> bool:
    """Tell whether an installed provider package knows the scheme; local files are always known."""
    return scheme in ("", "file", "local") or scheme in _find_factories()


def get_fs(
    scheme: str, conn_id: str | None = None, storage_options: Mapping[str, Any] | None = None
) -> Any:
    """Return the file system for a scheme; ValueError where no installed package knows it."""
    if scheme in ("", "file", "local"):
        return import_module("fsspec.implementations.local").LocalFileSystem()
    factory = _find_factories().get(scheme)
    if factory is None:
        raise ValueError(
            f"No filesystem registered for scheme {scheme!r}; install the provider package that "
            "has it"
        )
    options = dict(storage_options or {})
    if len(inspect.signature(factory).parameters) == 1:
        if options:
            raise AttributeError(
                f"Filesystem {scheme!r} does not support storage options, but options were passed"
            )
        return factory(conn_id)
    return factory(conn_id, options)
