"""What the installed provider packages register: hooks, task decorators, links and so on."""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

logger = logging.getLogger(__name__)


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
    for package, info in installed_providers().items():
        for entry in info.data.get("connection-types", ()):
            conn_type, path = entry["connection-type"], entry["hook-class-name"]
            # The class knows better, but is not imported before it is needed.
            hooks[conn_type] = HookInfo(path, f"{conn_type}_conn_id", package, conn_type, conn_type)
    return hooks


class ProviderInfo(NamedTuple):
    """A provider package: its version and what it says of itself."""

    version: str
    data: dict[str, Any]
    package_or_source: str = "package"


@functools.cache
def installed_providers() -> Mapping[str, ProviderInfo]:
    """Return the installed provider packages by name.

    One that cannot say what it has, because it was made for something else or is broken, is
    logged and left out: DAG files that do not use it must not suffer.
    """
    from importlib.metadata import entry_points

    found: dict[str, ProviderInfo] = {}
    for entry in entry_points(group="apache_airflow_provider"):
        try:
            data = dict(entry.load()())
        except Exception:
            logger.exception("The provider package at %s cannot be used", entry.value)
            continue
        version = entry.dist.version if entry.dist is not None else "unknown"
        name = entry.dist.name if entry.dist is not None else entry.name
        found[data.get("package-name", name)] = ProviderInfo(version, data)
    return found


def find_task_decorator(name: str) -> str | None:
    """Return the dotted name of the task decorator that a provider package announces."""
    return ProvidersManager().taskflow_decorators.get(name)


class ProvidersManager:
    """What provider packages register; found when it is first asked for."""

    @property
    def hooks(self) -> Mapping[str, HookInfo]:
        """The hooks by type of connection."""
        return _find_hooks()

    @property
    def providers(self) -> dict[str, ProviderInfo]:
        """The installed provider packages by name."""
        return dict(installed_providers())

    @property
    def taskflow_decorators(self) -> dict[str, str]:
        """The classes of task decorators by name."""
        return {
            entry["name"]: entry["class-name"]
            for info in installed_providers().values()
            for entry in info.data.get("task-decorators", ())
        }

    @property
    def extra_links_class_names(self) -> list[str]:
        """The classes of links of operators."""
        return self._listed("extra-links")

    @property
    def secrets_backend_class_names(self) -> list[str]:
        """The classes of secrets backends."""
        return self._listed("secrets-backends")

    @property
    def logging_class_names(self) -> list[str]:
        """The classes of handlers of logs."""
        return self._listed("logging")

    @property
    def notification_class_names(self) -> list[str]:
        """The classes of notifiers."""
        return self._listed("notifications")

    notification = notification_class_names

    @property
    def filesystem_module_names(self) -> list[str]:
        """The modules that know stores of objects."""
        return self._listed("filesystems")

    @property
    def provider_configs(self) -> list[tuple[str, dict[str, Any]]]:
        """The settings of each provider package, by section, with their descriptions."""
        return [
            (name, info.data["config"])
            for name, info in sorted(installed_providers().items())
            if info.data.get("config")
        ]

    def _listed(self, key: str) -> list[str]:
        infos = installed_providers().values()
        return sorted({name for info in infos for name in info.data.get(key) or ()})
