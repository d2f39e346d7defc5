"""The decorators under their path in Airflow 3."""

from __future__ import annotations

from airflow.decorators import dag, setup, task, task_group, teardown

__all__ = ["dag", "setup", "task", "task_group", "teardown"]
