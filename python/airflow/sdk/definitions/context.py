"""The context under its path in Airflow 3."""

from __future__ import annotations

from airflow.utils.context import Context

__all__ = ["Context"]
