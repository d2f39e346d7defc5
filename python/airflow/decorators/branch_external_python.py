"""`@task.branch_external_python`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.decorators.base import PythonCallingOperator, make_decorator
from airflow.operators.python import BranchExternalPythonOperator


class _BranchExternalPythonDecoratedOperator(PythonCallingOperator, BranchExternalPythonOperator):
    """Follows the branches that a decorated function returns in another interpreter."""

    template_fields = BranchExternalPythonOperator.template_fields
    custom_operator_name = "@task.branch_external_python"


def branch_external_python_task(
    python_callable: Callable[..., Any] | None = None,
    multiple_outputs: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Turn a function into a task; keyword arguments are those of BranchExternalPythonOperator."""
    return make_decorator(
        _BranchExternalPythonDecoratedOperator, python_callable, multiple_outputs, kwargs
    )
