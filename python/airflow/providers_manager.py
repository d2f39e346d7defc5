"""Which hook serves which type of connection, from the provider packages that are installed."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class HookInfo(NamedTuple):
    """The hook of a type of connection."""

    hook_class_name: str
    connection_id_attribute_name: str
    package_name: str
    hook_name: str
    connection_type: str
    connection_testable: bool = False
    dialects: tuple[str, ...] = ()


# Beeflow's own hooks, by type of connection: class and name of its connection argument.
_OWN_HOOKS = {
    "fs": ("airflow.hooks.filesystem.FSHook", "fs_conn_id"),
    "http": ("airflow.providers.http.hooks.http.HttpHook", "http_conn_id"),
    "package_index": ("airflow.hooks.package_index.PackageIndexHook", "pi_conn_id"),
    "smtp": ("airflow.providers.smtp.hooks.smtp.SmtpHook", "smtp_conn_id"),
    "sqlite": ("airflow.providers.sqlite.hooks.sqlite.SqliteHook", "sqlite_conn_id"),
}


@functools.cache
def _find_hooks() -> Mapping[str, HookInfo]:
    hooks = {
        conn_type: HookInfo(path, argument, "beeflow", conn_type, conn_type)
        for conn_type, (path, argument) in _OWN_HOOKS.items()
    }
    for package, info in _installed_providers():
        for entry in info.get("connection-types", ()):
            conn_type, path = entry["connection-type"], entry["hook-class-name"]
            # The class knows better, but is not imported before it is needed.
            hooks[conn_type] = HookInfo(path, f"{conn_type}_conn_id", package, conn_type, conn_type)
    return hooks


def _installed_providers() -> Iterator[tuple[str, Mapping[str, Any]]]:
    from importlib.metadata import entry_points

    for entry in entry_points(group="apache_airflow_provider"):
        info = entry.load()()
        yield info.get("package-name", entry.name), info


class ProvidersManager:
    """What provider packages register; found when it is first asked for."""

    @property
    def hooks(self) -> Mapping[str, HookInfo]:
        """The hooks by type of connection."""
        return _find_hooks()

    @property
    def providers(self) -> dict[str, Any]:
        """What each installed provider package says of itself, by package name."""
        return dict(_installed_providers())
