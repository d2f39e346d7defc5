"""`@task.branch_virtualenv`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.decorators.base import PythonCallingOperator, make_decorator
from airflow.operators.python import BranchPythonVirtualenvOperator


class _BranchVirtualenvDecoratedOperator(PythonCallingOperator, BranchPythonVirtualenvOperator):
    """Follows the branches that a decorated function returns in a virtual environment."""

    template_fields = BranchPythonVirtualenvOperator.template_fields
    custom_operator_name = "@task.branch_virtualenv"


def branch_virtualenv_task(
    python_callable: Callable[..., Any] | None = None,
    multiple_outputs: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Turn a function into a task with the arguments of BranchPythonVirtualenvOperator."""
    return make_decorator(
        _BranchVirtualenvDecoratedOperator, python_callable, multiple_outputs, kwargs
    )
