"""What decorators of tasks are made of, under its path in Airflow 3."""

from __future__ import annotations

from airflow.decorators.base import DecoratedOperator, TaskDecorator, task_decorator_factory

__all__ = ["DecoratedOperator", "TaskDecorator", "task_decorator_factory"]
