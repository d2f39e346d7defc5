"""Connection under its path in Airflow 3."""

from __future__ import annotations

from airflow.models.connection import Connection

__all__ = ["Connection"]
