"""Operators that call Python functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow._lazy import lazy_exports
from airflow.exceptions import AirflowException
from airflow.models.baseoperator import BaseOperator
from airflow.models.skipmixin import SkipMixin
from airflow.models.taskinstance import get_current_context
from airflow.operators.branch import BranchMixIn
from airflow.utils.user_warnings import warn_removed
from airflow.utils.operator_helpers import determine_kwargs, merge_into_context

if TYPE_CHECKING:
    from airflow.utils.context import Context

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "BranchExternalPythonOperator": "airflow.operators.python_process",
        "BranchPythonVirtualenvOperator": "airflow.operators.python_process",
        "ExternalPythonOperator": "airflow.operators.python_process",
        "PythonVirtualenvOperator": "airflow.operators.python_process",
        "_SERIALIZERS": "airflow.operators.python_process",
        "is_venv_installed": "airflow.operators.python_process",
        "task": "airflow.decorators",
    },
)

__all__ = [
    "BranchExternalPythonOperator",
    "BranchPythonOperator",
    "BranchPythonVirtualenvOperator",
    "ExternalPythonOperator",
    "PythonOperator",
    "PythonVirtualenvOperator",
    "ShortCircuitOperator",
    "get_current_context",
]


class PythonOperator(BaseOperator):
    """Call a Python function.

    The function gets `op_args` and `op_kwargs`, and those variables of the context that it has
    parameters for (all of them, if it has `**kwargs`).

    :param python_callable: the function.
    :param op_args: positional arguments. (templated)
    :param op_kwargs: keyword arguments. (templated)
    :param templates_dict: values that are rendered and passed in the context under
        `templates_dict`. (templated)
    :param templates_exts: extensions of the template files that the templated fields may name.
    :param show_return_value_in_logs: log what the function returns.
    """

    template_fields: Sequence[str] = ("templates_dict", "op_args", "op_kwargs")
    template_fields_renderers: ClassVar[dict[str, str]] = {
        "templates_dict": "json",
        "op_args": "py",
        "op_kwargs": "py",
    }
    ui_color = "#ffefeb"
    shallow_copy_attrs: Sequence[str] = ("python_callable", "op_kwargs")

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        templates_dict: dict[str, Any] | None = None,
        templates_exts: Sequence[str] | None = None,
        show_return_value_in_logs: bool = True,
        **kwargs: Any,
    ) -> None:
        if kwargs.pop("provide_context", None) is not None:
            warn_removed(
                "provide_context is deprecated as of 2.0 and is no longer required for "
                "PythonOperator."
            )
        super().__init__(**kwargs)
        if not callable(python_callable):
            raise AirflowException(
                f"`python_callable` param of task {self.task_id} must be callable"
            )
        self.python_callable = python_callable
        self.op_args = op_args or ()
        self.op_kwargs = op_kwargs or {}
        self.templates_dict = templates_dict
        if templates_exts:
            self.template_ext = templates_exts
        self.show_return_value_in_logs = show_return_value_in_logs

    def execute(self, context: Context) -> Any:
        added = {**self.op_kwargs, "templates_dict": self.templates_dict}
        self.op_kwargs = self.determine_kwargs(merge_into_context(context, added))
        result = self.execute_callable()
        if self.show_return_value_in_logs:
            self.log.info("Done. Returned value was: %s", result)
        else:
            self.log.info("Done. Returned value not shown")
        return result

    def determine_kwargs(self, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the keyword arguments that the function takes from the context."""
        return determine_kwargs(self.python_callable, self.op_args, context)

    def execute_callable(self) -> Any:
        """Call the function and return its result."""
        return self.python_callable(*self.op_args, **self.op_kwargs)


class BranchPythonOperator(PythonOperator, BranchMixIn):
    """Follow the branches whose task ids the function returns; skip the others."""

    def execute(self, context: Context) -> Any:
        return self.do_branch(context, super().execute(context))


class ShortCircuitOperator(PythonOperator, SkipMixin):
    """Skip what follows if the function returns something false.

    :param ignore_downstream_trigger_rules: skip everything downstream, near and far; else only the
        tasks directly downstream, and the trigger rules of the others decide.
    """

    def __init__(self, *, ignore_downstream_trigger_rules: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ignore_downstream_trigger_rules = ignore_downstream_trigger_rules

    def execute(self, context: Context) -> Any:
        condition = super().execute(context)
        self.log.info("Condition result is %s", condition)
        if condition:
            self.log.info("Proceeding with downstream tasks...")
            return condition
        skipped = self._find_skipped(context["task"])
        self.log.info("Skipping downstream tasks: %s", [task.task_id for task in skipped])
        self.skip(context["dag_run"], context["logical_date"], skipped)
        return condition

    def _find_skipped(self, task: BaseOperator) -> list[BaseOperator]:
        """Return what is skipped; a teardown runs nevertheless, to clear up after its setup."""
        if self.ignore_downstream_trigger_rules:
            following = task.get_flat_relatives(upstream=False)
        else:
            following = task.get_direct_relatives(upstream=False)
        return [other for other in following if not other.is_teardown]
