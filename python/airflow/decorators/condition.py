"""`@task.run_if` and `@task.skip_if`: a task that runs only under a condition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.decorators.base import TaskDecorator
from airflow.exceptions import AirflowSkipException

Condition = Callable[[Any], Any]


def run_if(condition: Condition, skip_message: str | None = None) -> Any:
    """Have the decorated `@task` skipped unless `condition(context)` is true."""
    return _guard(condition, True, skip_message)


def skip_if(condition: Condition, skip_message: str | None = None) -> Any:
    """Have the decorated `@task` skipped if `condition(context)` is true."""
    return _guard(condition, False, skip_message)


def _guard(condition: Condition, wanted: bool, message: str | None) -> Any:
    def decorate(decorated: TaskDecorator) -> TaskDecorator:
        if not isinstance(decorated, TaskDecorator):
            raise TypeError("run_if and skip_if stand above @task; decorate with @task first")
        inner = decorated.kwargs.get("pre_execute")

        def check(context: Any) -> None:
            if inner is not None:
                inner(context)
            answer = condition(context)
            value, text = answer if isinstance(answer, tuple) else (answer, message)
            if bool(value) is not wanted:
                raise AirflowSkipException(text or f"Skipped by the condition {condition!r}")

        decorated.kwargs["pre_execute"] = check
        return decorated

    return decorate
