"""Jinja2 environments with Airflow's filters and lazily computed variables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jinja2
import jinja2.nativetypes
import jinja2.sandbox
from jinja2.runtime import Context as TemplateContext

from airflow.utils.context import Lazy


def ds_filter(value: datetime | None) -> str | None:
    """2024-01-31"""
    return None if value is None else value.strftime("%Y-%m-%d")


def ds_nodash_filter(value: datetime | None) -> str | None:
    """20240131"""
    return None if value is None else value.strftime("%Y%m%d")


def ts_filter(value: datetime | None) -> str | None:
    """2024-01-31T12:00:00+00:00"""
    return None if value is None else value.isoformat()


def ts_nodash_filter(value: datetime | None) -> str | None:
    """20240131T120000"""
    return None if value is None else value.strftime("%Y%m%dT%H%M%S")


def ts_nodash_with_tz_filter(value: datetime | None) -> str | None:
    """20240131T120000+0000"""
    return None if value is None else value.isoformat().replace("-", "").replace(":", "")


FILTERS = {
    "ds": ds_filter,
    "ds_nodash": ds_nodash_filter,
    "ts": ts_filter,
    "ts_nodash": ts_nodash_filter,
    "ts_nodash_with_tz": ts_nodash_with_tz_filter,
}


class LazyTemplateContext(TemplateContext):
    """Computes a `Lazy` variable when a template mentions it."""

    def resolve_or_missing(self, key: str) -> Any:
        value = super().resolve_or_missing(key)
        return value() if isinstance(value, Lazy) else value


class SandboxedEnvironment(jinja2.sandbox.SandboxedEnvironment):
    """Renders to text. Attributes with a leading underscore are allowed, as in Airflow."""

    context_class = LazyTemplateContext

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return not jinja2.sandbox.is_internal_attribute(obj, attr)


class NativeEnvironment(jinja2.nativetypes.NativeEnvironment):
    """Renders to Python values, for `render_template_as_native_obj`."""

    context_class = LazyTemplateContext


def create_environment(
    *,
    native: bool = False,
    searchpath: list[str] | None = None,
    undefined: type[jinja2.Undefined] = jinja2.StrictUndefined,
    options: Mapping[str, Any] | None = None,
    macros: Mapping[str, Any] | None = None,
    filters: Mapping[str, Any] | None = None,
) -> jinja2.Environment:
    """Return an environment; `options` override the arguments of Jinja2's constructor."""
    arguments: dict[str, Any] = {
        "loader": jinja2.FileSystemLoader(searchpath or []),
        "undefined": undefined,
        "extensions": ["jinja2.ext.do"],
        **(options or {}),
    }
    kind: type[jinja2.Environment] = NativeEnvironment if native else SandboxedEnvironment
    environment = kind(**arguments)
    environment.globals.update(macros or {})
    environment.filters.update(FILTERS)
    environment.filters.update(filters or {})
    return environment
