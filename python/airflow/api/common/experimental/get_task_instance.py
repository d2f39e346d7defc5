"""get_task_instance under its path in Airflow 1 and 2."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow.exceptions import DagRunNotFound, TaskInstanceNotFound
from airflow.models.dagrun import DagRun

__all__ = ["get_task_instance"]


def get_task_instance(dag_id: str, task_id: str, execution_date: datetime) -> Any:
    """Return a task's instance in the run of a logical date, with its state."""
    runs = DagRun.find(dag_id=dag_id, execution_date=execution_date)
    if not runs:
        raise DagRunNotFound(f"Dag Run for date {execution_date} not found in dag {dag_id}")
    instance = runs[0].get_task_instance(task_id)
    if instance is None:
        raise TaskInstanceNotFound(f"Task {task_id} instance for date {execution_date} not found")
    return instance
