"""The context under its path in Airflow 3."""

from __future__ import annotations

from airflow.utils.context import Context, context_merge

__all__ = ["Context", "context_merge"]
