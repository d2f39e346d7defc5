"""`@task.external_python`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.decorators.base import PythonCallingOperator, make_decorator
from airflow.operators.python import ExternalPythonOperator


class _PythonExternalDecoratedOperator(PythonCallingOperator, ExternalPythonOperator):
    """Runs a decorated function with another Python interpreter."""

    template_fields = ExternalPythonOperator.template_fields
    custom_operator_name = "@task.external_python"


def external_python_task(
    python_callable: Callable[..., Any] | None = None,
    multiple_outputs: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Turn a function into a task; keyword arguments are those of ExternalPythonOperator."""
    return make_decorator(
        _PythonExternalDecoratedOperator, python_callable, multiple_outputs, kwargs
    )
