"""Policies by which an installation changes or refuses DAGs and tasks: the names of the hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def hookimpl(function: F | None = None, **_: Any) -> Any:
    """Mark a function as a policy; it stays as it is."""
    return function if function is not None else hookimpl


def task_policy(task: Any) -> None:
    """Leave a task as it is."""


def dag_policy(dag: Any) -> None:
    """Leave a DAG as it is."""


def task_instance_mutation_hook(task_instance: Any) -> None:
    """Leave a task instance as it is."""


def pod_mutation_hook(pod: Any) -> None:
    """Leave a pod as it is."""


def get_airflow_context_vars(context: Any) -> dict[str, str]:
    """Return no more variables."""
    return {}


def get_dagbag_import_timeout(dag_file_path: str) -> float:
    """Return the time that importing a DAG file may take, in seconds."""
    from airflow.configuration import conf

    limit: float = conf.getfloat("core", "dagbag_import_timeout")
    return limit
