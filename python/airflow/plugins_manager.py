"""AirflowPlugin, the class by which installations add to Airflow.

Beeflow finds what a DAG file uses by import, so registration has no effect of its own. Subclasses are
kept, so that code which looks plugins up finds them.
"""

from __future__ import annotations

from typing import Any


class AirflowPluginException(Exception):
    """A plugin cannot be used."""


class AirflowPlugin:
    """A plugin: macros, timetables, listeners and the like, by kind."""

    name: str | None = None
    source: Any = None
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


def ensure_plugins_loaded() -> None:
    """Do nothing: plugins are imported by the files that use them."""


def integrate_macros_plugins() -> None:
    """Offer the macros of the plugins as `airflow.macros.<plugin>`, in templates `macros.<plugin>`."""
    import sys
    from types import ModuleType

    from airflow import macros

    for plugin in plugins:
        if not plugin.macros or not plugin.name:
            continue
        module = ModuleType(f"airflow.macros.{plugin.name}")
        vars(module).update({macro.__name__: macro for macro in plugin.macros})
        sys.modules[module.__name__] = module
        setattr(macros, plugin.name, module)
