"""The configuration under its path in Airflow 3."""

from __future__ import annotations

from airflow.configuration import conf

__all__ = ["conf"]
