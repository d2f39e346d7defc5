"""AirflowPlugin, the class by which installations add to Airflow.

DAG files import what they use from the plugins folder, so that nothing has to be registered for
them. Plugins are loaded only where a template asks for a macro of one, or where a file imports a
class of one as one did in Airflow 1: from `airflow.operators` or `airflow.operators.<plugin>`.
"""

from __future__ import annotations

import logging
import os
import sys
from types import ModuleType
from typing import Any

from airflow.configuration import conf

logger = logging.getLogger(__name__)


class AirflowPluginException(Exception):
    """A plugin cannot be used."""


class AirflowPlugin:
    """A plugin: macros, timetables, listeners and the like, by kind."""

    name: str | None = None
    source: Any = None
    operators: list[Any] = []
    sensors: list[Any] = []
    hooks: list[Any] = []
    executors: list[Any] = []
    macros: list[Any] = []
    admin_views: list[Any] = []
    flask_blueprints: list[Any] = []
    menu_links: list[Any] = []
    appbuilder_views: list[Any] = []
    appbuilder_menu_items: list[Any] = []
    global_operator_extra_links: list[Any] = []
    operator_extra_links: list[Any] = []
    timetables: list[Any] = []
    listeners: list[Any] = []
    ti_deps: list[Any] = []
    priority_weight_strategies: list[Any] = []
    fastapi_apps: list[Any] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        plugins.append(cls)

    @classmethod
    def validate(cls) -> None:
        """Raise an error unless the plugin has a name."""
        if not cls.name:
            raise AirflowPluginException("Your plugin needs a name.")

    @classmethod
    def on_load(cls, *args: Any, **kwargs: Any) -> None:
        """Run when the plugin is loaded; for subclasses."""


plugins: list[type[AirflowPlugin]] = []
# What is wrong with the files whose import failed, by path.
import_errors: dict[str, str] = {}
_loaded: set[str] = set()


def find_plugins_folders() -> list[str]:
    """Return the folders of plugins that exist.

    These are the configured one and `plugins` beside the DAG folder; often they are the same.
    """
    dags_folder = conf.get("core", "dags_folder")
    folders = [conf.get("core", "plugins_folder")]
    if dags_folder:
        folders.append(os.path.join(os.path.dirname(os.path.abspath(dags_folder)), "plugins"))
    return [folder for folder in dict.fromkeys(folders) if os.path.isdir(folder)]


def ensure_plugins_loaded() -> None:
    """Import the files that define plugins, once; what is wrong with one of them is logged.

    A plugin that asks for another one while it is loaded finds those that were loaded before it.
    """
    from airflow.models.dagbag import import_file
    from airflow.utils.file import find_path_from_directory

    for folder in find_plugins_folders():
        if folder not in sys.path:
            sys.path.append(folder)
        for path in find_path_from_directory(folder):
            if path in _loaded or not path.endswith(".py") or not _defines_plugin(path):
                continue
            _loaded.add(path)
            try:
                import_file(path)
            except Exception as error:
                import_errors[path] = f"{type(error).__name__}: {error}"
                logger.exception("Failed to import plugin %s", path)
    _load_packaged_plugins()


def _load_packaged_plugins() -> None:
    """Import the plugins that installed packages announce."""
    from importlib.metadata import entry_points

    for entry in entry_points(group="airflow.plugins"):
        try:
            entry.load()
        except Exception:
            logger.exception("Failed to import plugin %s of %s", entry.name, entry.value)


def _defines_plugin(path: str) -> bool:
    with open(path, "rb") as stream:
        return b"AirflowPlugin" in stream.read()


def integrate_macros_plugins() -> None:
    """Offer the macros of plugins as `airflow.macros.<plugin>`; in templates `macros.<plugin>`."""
    from airflow import macros

    ensure_plugins_loaded()
    for plugin in plugins:
        if not plugin.macros or not plugin.name:
            continue
        module = ModuleType(f"airflow.macros.{plugin.name}")
        vars(module).update({macro.__name__: macro for macro in plugin.macros})
        sys.modules[module.__name__] = module
        setattr(macros, plugin.name, module)


def find_exports(kind: str, plugin_name: str | None = None) -> dict[str, Any]:
    """Return what plugins add to the package `airflow.<kind>`, by name.

    Airflow 1 offered the `operators`, `hooks` and so on of plugins there, and of each plugin in a
    module of its name; with `plugin_name`, only of plugins that are called so.
    """
    ensure_plugins_loaded()
    kinds = ("operators", "sensors") if kind in ("operators", "sensors") else (kind,)
    return {
        value.__name__: value
        for plugin in plugins
        if plugin_name in (None, plugin.name)
        for each in kinds
        for value in getattr(plugin, each, ())
    }


def explain_failures() -> str:
    """Return which plugins could not be loaded and why, as the end of a sentence; often empty."""
    failures = [f"plugin {path} cannot be imported: {why}" for path, why in import_errors.items()]
    return "".join(f"; {failure}" for failure in failures)
