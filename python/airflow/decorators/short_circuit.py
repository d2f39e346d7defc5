"""`@task.short_circuit`: a function that decides whether the run goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.decorators.base import PythonCallingOperator, make_decorator
from airflow.operators.python import ShortCircuitOperator


class _ShortCircuitDecoratedOperator(PythonCallingOperator, ShortCircuitOperator):
    """Calls a decorated function and skips what follows if it returns something false."""

    template_fields = ShortCircuitOperator.template_fields
    custom_operator_name = "@task.short_circuit"


def short_circuit_task(
    python_callable: Callable[..., Any] | None = None,
    multiple_outputs: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Turn a function into a task that skips the tasks downstream if it returns something false."""
    return make_decorator(_ShortCircuitDecoratedOperator, python_callable, multiple_outputs, kwargs)
