"""What Airflow 2 and 3 have in different modules, in one."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = (
    "airflow.sdk",
    "airflow.exceptions",
    "airflow.configuration",
    "airflow.utils.helpers",
    "airflow.utils.context",
)


def __getattr__(name: str) -> Any:
    if not name.startswith("__"):
        for home in map(import_module, _HOMES):
            if hasattr(home, name):
                return getattr(home, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
