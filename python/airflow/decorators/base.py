"""What all task decorators share."""

from __future__ import annotations

import functools
import inspect
import re
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.models.baseoperator import BaseOperator
from airflow.models.dag import DagContext
from airflow.models.expandinput import (
    DictOfListsExpandInput,
    ExpandInput,
    ListOfDictsExpandInput,
)
from airflow.models.mappedoperator import (
    MappedOperator,
    check_expand_arguments,
    check_not_repeated,
)
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
        "inlet_events",
        "inlets",
        "logical_date",
        "macros",
        "map_index_template",
        "next_ds",
        "next_ds_nodash",
        "next_execution_date",
        "outlet_events",
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
        "triggering_asset_events",
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
    """Mix-in of the operators behind the decorators: takes a function and a call of it.

    `kwargs_to_upstream` are the arguments that the other base class of the operator takes too.
    """

    custom_operator_name: str = "@task"
    template_fields: Sequence[str] = ("op_args", "op_kwargs")

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        task_id: str,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        kwargs_to_upstream: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        function_signature(python_callable).bind(*(op_args or ()), **(op_kwargs or {}))
        task_id = unique_task_id(task_id, kwargs.get("dag"), kwargs.get("task_group"))
        self.python_callable = python_callable
        super().__init__(task_id=task_id, **(kwargs_to_upstream or {}), **kwargs)
        self.op_args = op_args or ()
        self.op_kwargs = op_kwargs or {}

    def get_python_source(self) -> str:
        """Return the source of the function without its decorators."""
        return source_without_decorators(self.python_callable)


def passed_upstream(
    python_callable: Callable[..., Any], op_args: Any, op_kwargs: Any
) -> dict[str, Any]:
    """Return the `kwargs_to_upstream` of operators that call the function themselves."""
    return {"python_callable": python_callable, "op_args": op_args, "op_kwargs": op_kwargs}


class PythonCallingOperator(DecoratedOperator):
    """Mix-in of those decorated operators whose other base class calls the function."""

    def __init__(
        self, *, python_callable: Any, op_args: Any = None, op_kwargs: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(
            kwargs_to_upstream=passed_upstream(python_callable, op_args, op_kwargs),
            python_callable=python_callable,
            op_args=op_args,
            op_kwargs=op_kwargs,
            **kwargs,
        )


def source_without_decorators(function: Callable[..., Any]) -> str:
    """Return the source of a function, dedented and without its decorators."""
    import ast
    import textwrap

    source = textwrap.dedent(inspect.getsource(function))
    node = ast.parse(source).body[0]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.decorator_list:
        source = "".join(source.splitlines(keepends=True)[node.lineno - 1 :])
    return source


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

    is_setup = False
    is_teardown = False
    on_failure_fail_dagrun = False

    def __init__(
        self,
        function: Callable[..., Any],
        operator_class: type[Any],
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
        if self.is_teardown and "trigger_rule" in self.kwargs:
            raise ValueError("Trigger rule not configurable for teardown tasks.")
        arguments = self._arguments()
        operator = self.operator_class(
            python_callable=self.function, op_args=args, op_kwargs=kwargs, **arguments
        )
        return self._mark(operator)

    def _mark(self, operator: Any) -> XComArg:
        if self.is_setup:
            operator.as_setup()
        if self.is_teardown:
            operator.as_teardown(on_failure_fail_dagrun=self.on_failure_fail_dagrun)
        return XComArg(operator)

    def _arguments(self) -> dict[str, Any]:
        """Return the arguments of the operator, but for the call of the function."""
        arguments: dict[str, Any] = {"doc_md": inspect.getdoc(self.function), **self.kwargs}
        if self.multiple_outputs is not None:
            arguments["multiple_outputs"] = self.multiple_outputs
        elif "multiple_outputs" not in arguments:
            arguments["multiple_outputs"] = returns_mapping(self.function)
        arguments["task_id"] = arguments.get("task_id") or self.function.__name__
        return arguments

    def override(self, **kwargs: Any) -> TaskDecorator:
        """Return the same with other arguments of the operator: `f.override(task_id="g")()`."""
        return self._copy({**self.kwargs, **kwargs})

    def _copy(self, arguments: Mapping[str, Any]) -> TaskDecorator:
        copy = type(self)(self.function, self.operator_class, arguments, self.multiple_outputs)
        for name in ("is_setup", "is_teardown", "on_failure_fail_dagrun"):
            setattr(copy, name, getattr(self, name))
        return copy

    def partial(self, **kwargs: Any) -> TaskDecorator:
        """Fix arguments of the function; the others are mapped with `expand`."""
        self._check_names("partial", kwargs)
        fixed = self.kwargs.get("op_kwargs") or {}
        check_not_repeated(fixed, kwargs, ())
        return self._copy({**self.kwargs, "op_kwargs": {**fixed, **kwargs}})

    def expand(self, **map_kwargs: Any) -> XComArg:
        """Create a task with one instance for each item of the product of these arguments."""
        if self.kwargs.get("trigger_rule") == "always" and any(
            isinstance(value, XComArg) for value in map_kwargs.values()
        ):
            raise ValueError(
                "Task-generated mapping within a task using 'expand' is not allowed with trigger "
                "rule 'always'."
            )
        check_expand_arguments(map_kwargs)
        self._check_names("expand", map_kwargs)
        check_not_repeated(self.kwargs.get("op_kwargs") or {}, map_kwargs, ())
        return self._expand(DictOfListsExpandInput(map_kwargs), strict=False)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> XComArg:
        """Create a task with one instance for each set of arguments in a list."""
        if self.kwargs.get("trigger_rule") == "always" and isinstance(kwargs, XComArg):
            raise ValueError(
                "Task-generated mapping within a task using 'expand_kwargs' is not allowed with "
                "trigger rule 'always'."
            )
        return self._expand(ListOfDictsExpandInput(kwargs), strict=strict)

    def _expand(self, expand_input: ExpandInput, *, strict: bool) -> XComArg:
        arguments = self._arguments()
        arguments["task_id"] = unique_task_id(
            arguments["task_id"], arguments.get("dag"), arguments.get("task_group")
        )
        arguments = {
            **arguments,
            "python_callable": self.function,
            "op_kwargs": dict(arguments.get("op_kwargs") or {}),
            "op_args": (),
        }
        operator = MappedOperator(
            self.operator_class, arguments, expand_input, strict=strict, nested_key="op_kwargs"
        )
        return self._mark(operator)

    def _check_names(self, method: str, kwargs: Mapping[str, Any]) -> None:
        """Raise an error where the function does not take one of the arguments."""
        parameters = inspect.signature(self.function).parameters
        unknown = sorted(kwargs.keys() - parameters.keys())
        if unknown and not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            noun = (
                "an unexpected keyword argument"
                if len(unknown) == 1
                else ("unexpected keyword arguments")
            )
            raise TypeError(f"{method}() got {noun} {', '.join(map(repr, unknown))}")
        for name in kwargs:
            if name in CONTEXT_NAMES:
                raise ValueError(f"cannot call {method}() on task context variable {name!r}")


def make_decorator(
    operator_class: type[Any],
    function: Callable[..., Any] | None,
    multiple_outputs: bool | None,
    arguments: Mapping[str, Any],
) -> Any:
    """Return the decorated `function`, or a decorator where it was used with parentheses."""

    def decorate(decorated: Callable[..., Any]) -> TaskDecorator:
        return TaskDecorator(decorated, operator_class, arguments, multiple_outputs)

    return decorate if function is None else decorate(function)


def task_decorator_factory(
    python_callable: Callable[..., Any] | None = None,
    *,
    multiple_outputs: bool | None = None,
    decorated_operator_class: type[Any],
    **kwargs: Any,
) -> Any:
    """Return a decorator for functions, as provider packages make theirs."""
    if multiple_outputs is None:
        multiple_outputs = kwargs.pop("multiple_outputs", None)
    return make_decorator(decorated_operator_class, python_callable, multiple_outputs, kwargs)


def get_unique_task_id(
    task_id: str, dag: DAG | None = None, task_group: TaskGroup | None = None
) -> str:
    """Return a task id that is free in the DAG; the name that provider packages use."""
    return unique_task_id(task_id, dag, task_group)


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


# A mapped task of a decorated function is a mapped operator like others.
DecoratedMappedOperator = MappedOperator
