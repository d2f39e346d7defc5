"""Mapped operators: `Operator.partial(...).expand(...)`, one instance for each set of arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.exceptions import AirflowException, UnmappableOperator
from airflow.models.abstractoperator import AbstractOperator
from airflow.models.expandinput import (
    DictOfListsExpandInput,
    ExpandInput,
    ListOfDictsExpandInput,
    check_mapped_over,
    is_mappable,
)
from airflow.models.operator_arguments import ARGUMENTS, take_arguments
from airflow.models.param import ParamsDict
from airflow.models.xcom_arg import XComArg
from airflow.utils.helpers import validate_key
from airflow.utils.setup_teardown import SetupTeardownContext
from airflow.utils.task_group import TaskGroupContext

if TYPE_CHECKING:
    from airflow.models.baseoperator import BaseOperator

# Arguments that the scheduler must know before the values that are mapped over.
UNMAPPABLE = ARGUMENTS | {
    "dag",
    "default_args",
    "params",
    "post_execute",
    "pre_execute",
    "task_group",
    "task_id",
}


class OperatorPartial:
    """The fixed arguments of a mapped operator, which waits for `expand` or `expand_kwargs`."""

    def __init__(
        self,
        operator_class: type[BaseOperator],
        kwargs: Mapping[str, Any],
        params: Any = None,
    ) -> None:
        self.operator_class = operator_class
        self.kwargs = dict(kwargs)
        self.params = params
        self._expanded = False

    def expand(self, **mapped_kwargs: Any) -> MappedOperator:
        """Map over the product of these lists and dicts."""
        self._expanded = True
        check_expand_arguments(mapped_kwargs)
        check_arguments_known(self.operator_class, "expand", mapped_kwargs)
        check_not_repeated(self.kwargs, mapped_kwargs)
        return self._expand(DictOfListsExpandInput(mapped_kwargs), strict=False)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> MappedOperator:
        """Map over a list of sets of arguments."""
        self._expanded = True
        return self._expand(ListOfDictsExpandInput(kwargs), strict=strict)

    def _expand(self, expand_input: ExpandInput, *, strict: bool) -> MappedOperator:
        return MappedOperator(self.operator_class, self.kwargs, expand_input, strict=strict)

    def __repr__(self) -> str:
        args = ", ".join(f"{k}={v!r}" for k, v in self.kwargs.items())
        return f"{self.operator_class.__name__}.partial({args})"

    def __del__(self) -> None:
        if not getattr(self, "_expanded", True):
            import warnings

            warnings.warn(
                f"Task {self.kwargs.get('task_id')} was never mapped!", UserWarning, stacklevel=1
            )


class MappedOperator(AbstractOperator):
    """A task with one instance for each set of arguments that its input gives."""

    is_mapped = True

    def __init__(
        self,
        operator_class: type[BaseOperator],
        partial_kwargs: Mapping[str, Any],
        expand_input: ExpandInput,
        *,
        strict: bool = False,
        nested_key: str | None = None,
    ) -> None:
        """Create the task; with `nested_key`, the input expands the dict of that argument."""
        from airflow.models.baseoperator import collect_default_args
        from airflow.models.dag import DagContext

        self._mapped_class = operator_class
        self.expand_input = expand_input
        self._strict = strict
        self._nested_key = nested_key
        kwargs = dict(partial_kwargs)
        self._default_args = collect_default_args(kwargs)
        dag = kwargs.pop("dag", None) or DagContext.get_current_dag()
        group = kwargs.pop("task_group", None) or TaskGroupContext.get_current_task_group(dag)
        kwargs.pop("default_args", None)
        task_id = kwargs.pop("task_id")
        self.task_id = group.child_id(task_id) if group is not None else task_id
        validate_key(self.task_id)
        self.partial_kwargs = kwargs
        self.params = ParamsDict(kwargs.get("params"))
        self._take_operator_arguments()
        self.upstream_task_ids = set()
        self.downstream_task_ids = set()
        self._join(dag, group)
        self._depend_on_references()

    def _take_operator_arguments(self) -> None:
        defaults = {k: v for k, v in self._default_args.items() if k in ARGUMENTS}
        given = {k: v for k, v in self.partial_kwargs.items() if k in _OPERATOR_SPELLINGS}
        vars(self).update(take_arguments({**defaults, **given}, f"task {self.task_id}"))

    def _join(self, dag: Any, group: Any) -> None:
        self._dag = None
        self.task_group = group
        if group is not None:
            if self.get_closest_mapped_task_group() is not None:
                raise NotImplementedError(
                    f"task {self.task_id}: operator expansion in an expanded task group is not "
                    "supported; expand either the group or the task"
                )
            group.add(self)
        if dag is not None:
            self.dag = dag
        SetupTeardownContext.note_created(self)

    def _depend_on_references(self) -> None:
        XComArg.apply_upstream_relationship(self, self.partial_kwargs)
        for operator, _ in self.expand_input.iter_references():
            self.set_upstream(operator)

    @property
    def operator_class(self) -> Any:
        return self._mapped_class

    @property
    def template_fields(self) -> Collection[str]:  # type: ignore[override]
        """The templated fields of the operator."""
        return self._mapped_class.template_fields

    @property
    def template_ext(self) -> Sequence[str]:  # type: ignore[override]
        """The extensions of the operator's template files."""
        return self._mapped_class.template_ext

    @property
    def ui_color(self) -> str:  # type: ignore[override]
        """Colour of the task in the graph."""
        return self._mapped_class.ui_color

    @property
    def ui_fgcolor(self) -> str:  # type: ignore[override]
        """Colour of the task's name in the graph."""
        return self._mapped_class.ui_fgcolor

    @property
    def operator_extra_links(self) -> Any:  # type: ignore[override]
        """The operator's links."""
        return self._mapped_class.operator_extra_links

    def iter_mapped_references(self) -> Iterator[tuple[Any, str]]:
        """Yield the (operator, key) pairs whose results the number of instances depends on."""
        yield from self.expand_input.iter_length_references()

    def expand_input_of_instances(self) -> ExpandInput | None:
        return self.expand_input

    def prepare_for_execution(self) -> MappedOperator:
        return self

    def unmap(self, resolve: Mapping[str, Any]) -> BaseOperator:
        """Return the operator with the arguments `resolve`, outside of the graph."""
        from airflow.models.baseoperator import create_detached

        operator = create_detached(self._mapped_class, self._unmapped_arguments(resolve))
        for name in ("upstream_task_ids", "downstream_task_ids", "task_group", "_dag"):
            vars(operator)[name] = getattr(self, name)
        for name in ("is_setup", "is_teardown", "on_failure_fail_dagrun", "trigger_rule"):
            if name in vars(self):
                vars(operator)[name] = vars(self)[name]
        for name in ("start_date", "end_date"):
            vars(operator)[name] = getattr(self, name)
        return operator

    def _unmapped_arguments(self, mapped: Mapping[str, Any]) -> dict[str, Any]:
        arguments = {
            "default_args": self._default_args,
            **self.partial_kwargs,
            "task_id": self.task_id,
        }
        if self._nested_key is None:
            if self._strict:
                check_not_repeated(self.partial_kwargs, mapped)
            return {**arguments, **mapped}
        fixed: dict[str, Any] = dict(self.partial_kwargs.get(self._nested_key) or {})
        if self._strict:
            check_not_repeated(fixed, mapped, ())
        return {**arguments, self._nested_key: {**fixed, **mapped}}

    def __repr__(self) -> str:
        return f"<Mapped({self.task_type}): {self.task_id}>"


_OPERATOR_SPELLINGS = ARGUMENTS | {"task_concurrency"}


def check_expand_arguments(arguments: Mapping[str, Any]) -> None:
    """Raise an error unless `expand` can map over each of the arguments."""
    if not arguments:
        raise TypeError("no arguments to expand against")
    for name, value in arguments.items():
        check_mapped_over(value)
        if not isinstance(value, XComArg) and not is_mappable(value) and not _is_argument(value):
            raise ValueError(
                f"expand() got an unexpected type {type(value).__name__!r} for keyword argument "
                f"{name!r}"
            )


def _is_argument(value: Any) -> bool:
    from airflow.models.expandinput import MappedArgument

    return isinstance(value, MappedArgument)


def check_arguments_known(
    operator_class: type[Any], method: str, arguments: Mapping[str, Any]
) -> None:
    """Raise TypeError where neither the class nor its bases take one of the arguments."""
    unknown = set(arguments)
    for parent in operator_class.__mro__:
        init: Callable[..., Any] = vars(parent).get("__init__")  # type: ignore[assignment]
        if init is None:
            continue
        unknown -= set(inspect.signature(init).parameters)
        if getattr(inspect.unwrap(init), "takes_operator_arguments", False):
            unknown -= _OPERATOR_SPELLINGS
    if unknown:
        raise TypeError(f"{operator_class.__name__}.{method}() got {_describe(unknown)}")


def _describe(names: Iterable[str]) -> str:
    ordered = sorted(names)
    if len(ordered) == 1:
        return f"an unexpected keyword argument {ordered[0]!r}"
    return f"unexpected keyword arguments {', '.join(map(repr, ordered))}"


def check_not_repeated(
    fixed: Mapping[str, Any],
    mapped: Mapping[str, Any],
    unmappable: Collection[str] = UNMAPPABLE,
) -> None:
    """Raise TypeError where an argument is mapped that cannot be, or is fixed already."""
    repeated = sorted(name for name in mapped if name in fixed or name in unmappable)
    if repeated:
        noun = "argument" if len(repeated) == 1 else "arguments"
        raise TypeError(f"unmappable or already specified {noun}: {', '.join(map(repr, repeated))}")


def make_partial(operator_class: type[Any], kwargs: Mapping[str, Any]) -> OperatorPartial:
    """Return `operator_class.partial(**kwargs)`."""
    if "task_id" not in kwargs:
        raise TypeError(
            f"{operator_class.__name__}.partial() missing 1 required keyword-only argument: "
            "'task_id'"
        )
    if getattr(operator_class, "unmappable", False):
        raise UnmappableOperator(f"{operator_class.__name__} cannot be mapped")
    check_arguments_known(operator_class, "partial", kwargs)
    given = dict(kwargs)
    _keep_context(given)
    return OperatorPartial(operator_class, given)


def _keep_context(given: dict[str, Any]) -> None:
    """Note the DAG and task group that the task belongs to, wherever it is expanded later."""
    from airflow.models.dag import DagContext

    dag = given.get("dag") or DagContext.get_current_dag()
    if dag is not None:
        given["dag"] = dag
    group = given.get("task_group") or TaskGroupContext.get_current_task_group(dag)
    if group is not None:
        given["task_group"] = group
    if not isinstance(given["task_id"], str):
        raise AirflowException(f"task_id must be a string; it is {given['task_id']!r}")
