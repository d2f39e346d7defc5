"""`@task.virtualenv`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.decorators.base import PythonCallingOperator, make_decorator
from airflow.operators.python import PythonVirtualenvOperator


class _PythonVirtualenvDecoratedOperator(PythonCallingOperator, PythonVirtualenvOperator):
    """Runs a decorated function in a virtual environment that is made for it."""

    template_fields = PythonVirtualenvOperator.template_fields
    custom_operator_name = "@task.virtualenv"


def virtualenv_task(
    python_callable: Callable[..., Any] | None = None,
    multiple_outputs: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Turn a function into a task; keyword arguments are those of PythonVirtualenvOperator."""
    return make_decorator(
        _PythonVirtualenvDecoratedOperator, python_callable, multiple_outputs, kwargs
    )
