"""configure_logging, for files that call it."""

from __future__ import annotations

from typing import Any


def configure_logging() -> dict[str, Any]:
    """Return the default configuration; the worker has set up logging already."""
    from airflow.config_templates.airflow_local_settings import DEFAULT_LOGGING_CONFIG

    return DEFAULT_LOGGING_CONFIG
