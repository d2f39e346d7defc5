"""Types under its path in Airflow 3."""

from __future__ import annotations

from airflow.utils.types import NOTSET, ArgNotSet

__all__ = ["NOTSET", "ArgNotSet"]
