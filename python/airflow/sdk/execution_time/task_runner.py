"""The task instance under its path in Airflow 3, where DAG files import it for annotations."""

from __future__ import annotations

from airflow.models.taskinstance import TaskInstance as RuntimeTaskInstance

__all__ = ["RuntimeTaskInstance"]
