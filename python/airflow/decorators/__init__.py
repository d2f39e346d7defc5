"""TaskFlow: functions as tasks, task groups and DAGs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.decorators.base import TaskDecorator
from airflow.decorators.bash import bash_task
from airflow.decorators.branch_python import branch_task
from airflow.decorators.python import python_task
from airflow.decorators.short_circuit import short_circuit_task
from airflow.decorators.task_group import task_group
from airflow.models.dag import dag

__all__ = ["TaskDecorator", "TaskDecoratorCollection", "dag", "task", "task_group"]


class TaskDecoratorCollection:
    """`@task`, and its variants as attributes: `@task.branch`, `@task.bash`, ..."""

    python = staticmethod(python_task)
    branch = staticmethod(branch_task)
    short_circuit = staticmethod(short_circuit_task)
    bash = staticmethod(bash_task)

    def __call__(self, python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
        return python_task(python_callable, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(f"task decorator {name!r} not found")


task = TaskDecoratorCollection()
