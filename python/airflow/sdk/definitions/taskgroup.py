"""TaskGroup under its path in Airflow 3."""

from __future__ import annotations

from airflow.utils.task_group import TaskGroup

__all__ = ["TaskGroup"]
