"""`@task.bash`: a function that returns the Bash command to run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from airflow.decorators.base import DecoratedOperator, make_decorator
from airflow.operators.bash import BashOperator
from airflow.utils.operator_helpers import determine_kwargs, merge_into_context
from airflow.utils.types import NOTSET
from airflow.utils.user_warnings import warn_user

if TYPE_CHECKING:
    from airflow.utils.context import Context


class _BashDecoratedOperator(DecoratedOperator, BashOperator):
    """Calls a decorated function and runs the command that it returns."""

    template_fields: Sequence[str] = ("op_args", "op_kwargs", *BashOperator.template_fields)
    custom_operator_name = "@task.bash"

    def __init__(self, **kwargs: Any) -> None:
        if kwargs.pop("multiple_outputs", None):
            warn_user("`multiple_outputs=True` is not supported in @task.bash tasks. Ignoring.")
        super().__init__(kwargs_to_upstream={"bash_command": NOTSET}, **kwargs)

    def execute(self, context: Context) -> Any:
        available = merge_into_context(context, self.op_kwargs)
        kwargs = determine_kwargs(self.python_callable, self.op_args, available)
        command = self.python_callable(*self.op_args, **kwargs)
        if not isinstance(command, str) or not command.strip():
            raise TypeError(
                "The returned value from the TaskFlow callable must be a non-empty string."
            )
        self.bash_command = self.render_template(command, context)
        return super().execute(context)


def bash_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """Turn a function that returns a command into a Bash task."""
    return make_decorator(_BashDecoratedOperator, python_callable, None, kwargs)
