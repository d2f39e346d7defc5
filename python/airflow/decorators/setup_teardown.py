"""`@setup` and `@teardown`: tasks that come before and after the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.decorators.base import TaskDecorator
from airflow.decorators.python import python_task
from airflow.decorators.task_group import TaskGroupDecorator
from airflow.exceptions import AirflowException


def setup_task(func: Callable[..., Any]) -> TaskDecorator:
    """Turn a function, or a `@task`, into a setup task."""
    decorated = _as_task(func, "setup")
    decorated.is_setup = True
    return decorated


def teardown_task(
    _func: Callable[..., Any] | None = None, *, on_failure_fail_dagrun: bool = False
) -> Any:
    """Turn a function, or a `@task`, into a teardown task."""

    def decorate(function: Callable[..., Any]) -> TaskDecorator:
        decorated = _as_task(function, "teardown")
        decorated.is_teardown = True
        decorated.on_failure_fail_dagrun = on_failure_fail_dagrun
        return decorated

    return decorate if _func is None else decorate(_func)


def _as_task(function: Any, kind: str) -> TaskDecorator:
    if isinstance(function, TaskGroupDecorator):
        raise AirflowException(f"Task groups cannot be marked as {kind}.")
    decorated: TaskDecorator = (
        function if isinstance(function, TaskDecorator) else python_task(function)
    )
    return decorated
