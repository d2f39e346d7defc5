"""`@task.bash`: a function that returns the Bash command to run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.decorators.base import DecoratedOperator, make_decorator
from airflow.operators.bash import BashOperator
from airflow.utils.operator_helpers import determine_kwargs, merge_into_context
from airflow.utils.types import NOTSET

if TYPE_CHECKING:
    from airflow.utils.context import Context


class _CallingBashOperator(BashOperator):
    """A BashOperator whose command comes from a function."""

    template_fields: Sequence[str] = ("op_args", "op_kwargs", *BashOperator.template_fields)

    def __init__(
        self,
        *,
        python_callable: Callable[..., str],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(bash_command=NOTSET, **kwargs)
        self.python_callable = python_callable
        self.op_args = op_args or ()
        self.op_kwargs = op_kwargs or {}

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


class _BashDecoratedOperator(DecoratedOperator, _CallingBashOperator):
    """Calls a decorated function and runs the command that it returns."""

    custom_operator_name = "@task.bash"


def bash_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """Turn a function that returns a command into a Bash task."""
    return make_decorator(_BashDecoratedOperator, python_callable, False, kwargs)
