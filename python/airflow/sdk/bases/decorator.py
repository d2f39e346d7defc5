"""What decorators of tasks are made of, under its path in Airflow 3."""

from __future__ import annotations

from airflow.decorators.base import (
    DecoratedMappedOperator,
    DecoratedOperator,
    TaskDecorator,
    get_unique_task_id,
    task_decorator_factory,
)

__all__ = [
    "DecoratedMappedOperator",
    "DecoratedOperator",
    "TaskDecorator",
    "get_unique_task_id",
    "task_decorator_factory",
]
