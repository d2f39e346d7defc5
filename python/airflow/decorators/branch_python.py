"""`@task.branch`: a function that chooses the next tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.decorators.base import PythonCallingOperator, make_decorator
from airflow.operators.python import BranchPythonOperator


class BranchPythonDecoratedOperator(PythonCallingOperator, BranchPythonOperator):
    """Calls a decorated function and follows the branches that it returns."""

    template_fields = BranchPythonOperator.template_fields
    custom_operator_name = "@task.branch"


def branch_task(
    python_callable: Callable[..., Any] | None = None,
    multiple_outputs: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Turn a function that returns task ids into a branching task."""
    return make_decorator(BranchPythonDecoratedOperator, python_callable, multiple_outputs, kwargs)
