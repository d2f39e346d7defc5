"""DAG under its path in Airflow 3."""

from __future__ import annotations

from airflow.models.dag import DAG, dag

__all__ = ["DAG", "dag"]
