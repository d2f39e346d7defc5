"""timeout under its path in Airflow 3."""

from __future__ import annotations

from airflow.utils.timeout import timeout

__all__ = ["timeout"]
