"""What all task decorators share."""

from __future__ import annotations

import functools
import inspect
import re
import typing
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from airflow.exceptions import AirflowException
from airflow.models.baseoperator import BaseOperator
from airflow.models.dag import DagContext
from airflow.models.xcom_arg import XComArg
from airflow.utils.task_group import TaskGroup, TaskGroupContext

if TYPE_CHECKING:
    from airflow.models.dag import DAG

# Parameters with these names get their value from the context, so a call need not give it.
CONTEXT_NAMES = frozenset(
    {
        "conf",
        "conn",
        "dag",
        "dag_run",
        "data_interval_end",
        "data_interval_start",
        "ds",
        "ds_nodash",
        "exception",
        "execution_date",
        "expanded_ti_count",
        "inlets",
        "logical_date",
        "macros",
        "map_index_template",
        "next_ds",
        "next_ds_nodash",
        "next_execution_date",
        "outlets",
        "params",
        "prev_data_interval_end_success",
        "prev_data_interval_start_success",
        "prev_ds",
        "prev_ds_nodash",
        "prev_end_date_success",
        "prev_execution_date",
        "prev_execution_date_success",
        "prev_start_date_success",
        "run_id",
        "task",
        "task_instance",
        "task_instance_key_str",
        "templates_dict",
        "test_mode",
        "ti",
        "tomorrow_ds",
        "tomorrow_ds_nodash",
        "triggering_dataset_events",
        "ts",
        "ts_nodash",
        "ts_nodash_with_tz",
        "var",
        "yesterday_ds",
        "yesterday_ds_nodash",
    }
)


class DecoratedOperator(BaseOperator):
    """Mix-in of the operators behind the decorators: takes a function and a call of it."""

    custom_operator_name: str = "@task"

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        task_id: str,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        function_signature(python_callable).bind(*(op_args or ()), **(op_kwargs or {}))
        super().__init__(
            task_id=task_id,
            python_callable=python_callable,
            op_args=op_args,
            op_kwargs=op_kwargs,
            **kwargs,
        )


def function_signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return the signature in which the variables of the context are optional."""
    signature = inspect.signature(function)
    parameters: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        if parameter.name in CONTEXT_NAMES:
            if parameter.default not in (None, parameter.empty):
                raise ValueError(
                    f"Context key parameter {parameter.name} can't have a default other than None"
                )
            parameter = parameter.replace(default=None)
        elif any(p.name in CONTEXT_NAMES for p in parameters) and _needs_value(parameter):
            # Python allows no required parameter after an optional one; bind() reports it anyway.
            parameter = parameter.replace(default=None)
        parameters.append(parameter)
    return signature.replace(parameters=parameters)


def _needs_value(parameter: inspect.Parameter) -> bool:
    positional = (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    return parameter.kind in positional and parameter.default is parameter.empty


class TaskDecorator:
    """A decorated function. Calling it creates a task and returns what stands for its result."""

    def __init__(
        self,
        function: Callable[..., Any],
        operator_class: type[DecoratedOperator],
        arguments: Mapping[str, Any],
        multiple_outputs: bool | None = None,
    ) -> None:
        if isinstance(function, BaseOperator) or not callable(function):
            raise TypeError("a @task decorator expects a function")
        self.function = function
        self.operator_class = operator_class
        self.multiple_outputs = multiple_outputs
        self.kwargs = dict(arguments)
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> XComArg:
        arguments: dict[str, Any] = {"doc_md": inspect.getdoc(self.function), **self.kwargs}
        if self.multiple_outputs is not None:
            arguments["multiple_outputs"] = self.multiple_outputs
        elif "multiple_outputs" not in arguments:
            arguments["multiple_outputs"] = returns_mapping(self.function)
        name = arguments.pop("task_id", None) or self.function.__name__
        group = arguments.get("task_group")
        operator = self.operator_class(
            python_callable=self.function,
            op_args=args,
            op_kwargs=kwargs,
            task_id=unique_task_id(name, arguments.get("dag"), group),
            **arguments,
        )
        return XComArg(operator)

    def override(self, **kwargs: Any) -> TaskDecorator:
        """Return the same with other arguments of the operator: `f.override(task_id="g")()`."""
        return TaskDecorator(
            self.function, self.operator_class, {**self.kwargs, **kwargs}, self.multiple_outputs
        )

    def partial(self, **kwargs: Any) -> Any:
        """Reserved for mapped tasks."""
        raise _no_mapping(self.function.__name__)

    def expand(self, **kwargs: Any) -> Any:
        """Reserved for mapped tasks."""
        raise _no_mapping(self.function.__name__)

    def expand_kwargs(self, kwargs: Any) -> Any:
        """Reserved for mapped tasks."""
        raise _no_mapping(self.function.__name__)


def _no_mapping(name: str) -> AirflowException:
    return AirflowException(
        f"@task function {name!r}: dynamic task mapping (partial, expand) is not supported"
    )


def make_decorator(
    operator_class: type[DecoratedOperator],
    function: Callable[..., Any] | None,
    multiple_outputs: bool | None,
    arguments: Mapping[str, Any],
) -> Any:
    """Return the decorated `function`, or a decorator where it was used with parentheses."""

    def decorate(decorated: Callable[..., Any]) -> TaskDecorator:
        return TaskDecorator(decorated, operator_class, arguments, multiple_outputs)

    return decorate if function is None else decorate(function)


def unique_task_id(task_id: str, dag: DAG | None, group: TaskGroup | None) -> str:
    """Return `task_id`, or with the first suffix `__1`, `__2`, ... that is free in the DAG."""
    dag = dag or DagContext.get_current_dag()
    if dag is None:
        return task_id
    group = group or TaskGroupContext.get_current_task_group(dag)

    task_ids = dag.task_dict

    def is_taken(label: str) -> bool:
        return (group.child_id(label) if group is not None else label) in task_ids

    if not is_taken(task_id):
        return task_id
    base = re.split(r"__\d+$", task_id)[0]
    number = 1
    while is_taken(f"{base}__{number}"):
        number += 1
    return f"{base}__{number}"


def returns_mapping(function: Callable[..., Any]) -> bool:
    """Tell whether the function is annotated to return a dict, whose items become XComs."""
    if "return" not in getattr(function, "__annotations__", {}):
        return False
    try:
        returned = typing.get_type_hints(function).get("return", Any)
    except Exception:  # an annotation may name what is imported for type checkers only
        return False
    origin = typing.get_origin(returned) or returned
    return isinstance(origin, type) and issubclass(origin, Mapping)
