"""Stats under its path in Airflow 3."""

from __future__ import annotations

from airflow.stats import Stats

__all__ = ["Stats"]
