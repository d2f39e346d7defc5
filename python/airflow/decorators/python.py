"""`@task`: a function as a PythonOperator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.decorators.base import PythonCallingOperator, make_decorator
from airflow.operators.python import PythonOperator


class _PythonDecoratedOperator(PythonCallingOperator, PythonOperator):
    """Calls a decorated function."""

    template_fields = PythonOperator.template_fields
    custom_operator_name = "@task"


def python_task(
    python_callable: Callable[..., Any] | None = None,
    multiple_outputs: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Turn a function into a task; keyword arguments are those of PythonOperator."""
    return make_decorator(_PythonDecoratedOperator, python_callable, multiple_outputs, kwargs)
