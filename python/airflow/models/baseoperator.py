"""BaseOperator, the class of all tasks, and functions that link tasks."""

from __future__ import annotations

import copy
import functools
import inspect
from abc import ABCMeta
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from airflow.exceptions import AirflowException, TaskAlreadyInTaskGroup
from airflow.models.operator_arguments import ARGUMENTS, OperatorArguments, take_arguments
from airflow.models.param import ParamsDict
from airflow.models.taskmixin import DependencyMixin
from airflow.template.templater import Templater
from airflow.utils.helpers import validate_key
from airflow.utils.log.logging_mixin import LoggingMixin
from airflow.utils.task_group import TaskGroup, TaskGroupContext

if TYPE_CHECKING:
    import jinja2

    from airflow.models.dag import DAG
    from airflow.models.xcom_arg import XComArg
    from airflow.utils.context import Context

T = TypeVar("T", bound=Callable[..., Any])


class BaseOperatorMeta(ABCMeta):
    """Applies default arguments to every `__init__`, and finishes each new operator.

    The arguments of each class of the hierarchy are filled from `default_args` separately, so
    that a class which fixes an argument of its base class keeps the last word.
    """

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any
    ) -> BaseOperatorMeta:
        cls = super().__new__(mcs, name, bases, namespace, **kwargs)
        if "__init__" in namespace:
            cls.__init__ = _apply_defaults(namespace["__init__"])  # type: ignore[misc]
        return cls

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if args:
            raise AirflowException("Use keyword arguments when initializing operators")
        operator = super().__call__(**kwargs)
        operator.finish_init()
        return operator


def _apply_defaults(init: T) -> T:
    parameters = list(inspect.signature(init).parameters.values())[1:]
    variadic = any(p.kind is p.VAR_KEYWORD for p in parameters)
    named = [p for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    names = {p.name for p in named}
    if getattr(init, "takes_operator_arguments", False):
        names |= ARGUMENTS
    required = {p.name for p in named if p.default is p.empty}

    @functools.wraps(init)
    def wrapper(self: BaseOperator, **kwargs: Any) -> None:
        for name, value in _collect_default_args(kwargs).items():
            if name in names and name not in kwargs:
                kwargs[name] = value
        if not variadic and "default_args" not in names:
            kwargs.pop("default_args", None)
        missing = sorted(required - kwargs.keys())
        if missing:
            noun = "argument" if len(missing) == 1 else "arguments"
            raise AirflowException(f"missing keyword {noun} {', '.join(map(repr, missing))}")
        init(self, **kwargs)

    return wrapper  # type: ignore[return-value]


def _collect_default_args(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the default arguments of the DAG, of its task groups and of the operator itself."""
    from airflow.models.dag import DagContext

    merged: dict[str, Any] = {}
    dag = kwargs.get("dag") or DagContext.get_current_dag()
    group = kwargs.get("task_group")
    if dag is not None:
        merged.update(dag.default_args)
        group = group or TaskGroupContext.get_current_task_group(dag)
    for ancestor in reversed(list(_ancestors(group))):
        merged.update(ancestor.default_args)
    merged.update(kwargs.get("default_args") or {})
    return merged


def _ancestors(group: TaskGroup | None) -> Iterable[TaskGroup]:
    while group is not None:
        yield group
        group = group.parent_group


def _takes_operator_arguments(init: T) -> T:
    init.takes_operator_arguments = True  # type: ignore[attr-defined]
    return init


class BaseOperator(
    Templater, OperatorArguments, DependencyMixin, LoggingMixin, metaclass=BaseOperatorMeta
):
    """One task of a DAG. Subclasses implement `execute(context)`.

    Arguments common to all operators are listed in `OperatorArguments`. Operators are created
    with keyword arguments only, while the DAG file is imported, and never change after that: each
    attempt works on a copy.
    """

    template_fields_renderers: ClassVar[dict[str, str]] = {}
    ui_color: str = "#fff"
    ui_fgcolor: str = "#000"
    custom_operator_name: str
    operator_extra_links: Collection[Any] = ()
    shallow_copy_attrs: Sequence[str] = ()
    start_trigger_args: Any = None
    start_from_trigger: bool = False
    is_setup: bool = False
    is_teardown: bool = False
    is_mapped: ClassVar[bool] = False
    subdag: None = None

    _finished = False
    _pre_execute_hook: Callable[[Context], None] | None = None
    _post_execute_hook: Callable[[Context, Any], None] | None = None

    @_takes_operator_arguments
    def __init__(
        self,
        task_id: str,
        *,
        dag: DAG | None = None,
        task_group: TaskGroup | None = None,
        params: Mapping[str, Any] | None = None,
        default_args: dict[str, Any] | None = None,
        pre_execute: Callable[[Context], None] | None = None,
        post_execute: Callable[[Context, Any], None] | None = None,
        **kwargs: Any,
    ) -> None:
        from airflow.models.dag import DagContext

        super().__init__()
        self._dag: DAG | None = None
        self.task_group: TaskGroup | None = None
        self.upstream_task_ids: set[str] = set()
        self.downstream_task_ids: set[str] = set()
        self.params = params if isinstance(params, ParamsDict) else ParamsDict(params)
        dag = dag or DagContext.get_current_dag()
        group = task_group or TaskGroupContext.get_current_task_group(dag)
        self.task_id = group.child_id(task_id) if group is not None else task_id
        validate_key(self.task_id)
        vars(self).update(take_arguments(kwargs, f"task {self.task_id}"))
        self._reject_unknown(kwargs)
        self._set_hooks(pre_execute, post_execute)
        if self.logger_name:
            self._logger_name = self.logger_name
        if group is not None:
            self.task_group = group
            group.add(self)
        if dag is not None:
            self.dag = dag

    def _reject_unknown(self, kwargs: Mapping[str, Any]) -> None:
        if kwargs:
            names = ", ".join(sorted(kwargs))
            raise AirflowException(
                f"Invalid arguments were passed to {type(self).__name__} (task_id: "
                f"{self.task_id}). Invalid arguments were: {names}"
            )

    def _set_hooks(self, pre_execute: Any, post_execute: Any) -> None:
        if pre_execute is not None:
            self._pre_execute_hook = pre_execute
        if post_execute is not None:
            self._post_execute_hook = post_execute

    def finish_init(self) -> None:
        """Take note of the results of other tasks that were passed in; called once by the class."""
        self._finished = True
        for field in self.template_fields:
            self._depend_on_references(getattr(self, field, None))

    def __setattr__(self, key: str, value: Any) -> None:
        super().__setattr__(key, value)
        if self._finished and key in self.template_fields:
            self._depend_on_references(value)

    def _depend_on_references(self, value: Any) -> None:
        from airflow.models.xcom_arg import XComArg

        XComArg.apply_upstream_relationship(self, value)

    @property
    def dag(self) -> DAG:
        """The DAG that the task belongs to."""
        if self._dag is None:
            raise AirflowException(f"Operator {self} has not been assigned to a DAG yet")
        return self._dag

    @dag.setter
    def dag(self, dag: DAG | None) -> None:
        if dag is None:
            self._dag = None
            return
        if self._dag is dag:
            return
        if self._dag is not None:
            raise AirflowException(f"The DAG assigned to {self} can not be changed.")
        dag.add_task(self)
        self._dag = dag

    def has_dag(self) -> bool:
        """Tell whether the task belongs to a DAG."""
        return self._dag is not None

    @property
    def dag_id(self) -> str:
        """Id of the DAG, or a made-up one for a task without a DAG."""
        return self._dag.dag_id if self._dag else f"adhoc_{self.owner}"

    @property
    def node_id(self) -> str:
        """Id of the task as a node of the graph."""
        return self.task_id

    @property
    def label(self) -> str:
        """Id of the task without that of its task group."""
        group = self.task_group
        if group is not None and group.group_id and group.prefix_group_id:
            return self.task_id[len(group.group_id) + 1 :]
        return self.task_id

    @property
    def task_type(self) -> str:
        """Name of the operator's class."""
        return type(self).__name__

    @property
    def operator_name(self) -> str:
        """Name of the operator for people."""
        return getattr(self, "custom_operator_name", self.task_type)

    @property
    def operator_class(self) -> type[BaseOperator]:
        """The operator's class."""
        return type(self)

    @property
    def inherits_from_empty_operator(self) -> bool:
        """Whether the task does nothing."""
        from airflow.operators.empty import EmptyOperator

        return isinstance(self, EmptyOperator)

    @property
    def roots(self) -> Sequence[BaseOperator]:
        return [self]

    @property
    def leaves(self) -> Sequence[BaseOperator]:
        return [self]

    @property
    def upstream_list(self) -> list[BaseOperator]:
        """The tasks directly upstream."""
        return [self.dag.get_task(task_id) for task_id in sorted(self.upstream_task_ids)]

    @property
    def downstream_list(self) -> list[BaseOperator]:
        """The tasks directly downstream."""
        return [self.dag.get_task(task_id) for task_id in sorted(self.downstream_task_ids)]

    def get_direct_relative_ids(self, upstream: bool = False) -> set[str]:
        """Return the ids of the tasks directly upstream or downstream."""
        return self.upstream_task_ids if upstream else self.downstream_task_ids

    def get_direct_relatives(self, upstream: bool = False) -> list[BaseOperator]:
        """Return the tasks directly upstream or downstream."""
        return self.upstream_list if upstream else self.downstream_list

    def get_flat_relative_ids(self, upstream: bool = False) -> set[str]:
        """Return the ids of all tasks upstream or downstream, near and far."""
        found: set[str] = set()
        pending = [self]
        while pending:
            fresh = pending.pop().get_direct_relative_ids(upstream) - found
            found |= fresh
            pending.extend(self.dag.get_task(task_id) for task_id in fresh)
        return found

    def get_flat_relatives(self, upstream: bool = False) -> list[BaseOperator]:
        """Return all tasks upstream or downstream, near and far."""
        return [self.dag.get_task(task_id) for task_id in self.get_flat_relative_ids(upstream)]

    def add_inlets(self, inlets: Iterable[Any]) -> None:
        """Add to what the task reads."""
        self.inlets = [*self.inlets, *inlets]

    def add_outlets(self, outlets: Iterable[Any]) -> None:
        """Add to what the task writes."""
        self.outlets = [*self.outlets, *outlets]

    @property
    def output(self) -> XComArg:
        """What the task returns, to be passed to another task."""
        from airflow.models.xcom_arg import XComArg

        return XComArg(operator=self)

    def prepare_template(self) -> None:
        """Change templated fields before they are rendered; for subclasses."""

    def get_template_env(self, dag: DAG | None = None) -> jinja2.Environment:
        """Return the Jinja2 environment of `dag`, by default that of the task."""
        return super().get_template_env(dag or self._dag)

    def render_template_fields(
        self, context: Context, jinja_env: jinja2.Environment | None = None
    ) -> None:
        """Replace the templated fields of this (copy of the) operator by their rendered values."""
        for field in self.template_fields:
            try:
                value = getattr(self, field)
            except AttributeError:
                raise AttributeError(
                    f"{field!r} is configured as a template field but {self.task_type} does not "
                    "have this attribute."
                ) from None
            if value:
                super().__setattr__(field, self.render_template(value, context, jinja_env))

    def prepare_for_execution(self) -> BaseOperator:
        """Return a copy for one attempt."""
        attempt_copy = copy.copy(self)
        vars(attempt_copy)["_finished"] = False
        return attempt_copy

    def pre_execute(self, context: Context) -> None:
        """Run just before `execute`."""
        if self._pre_execute_hook is not None:
            self._pre_execute_hook(context)

    def execute(self, context: Context) -> Any:
        """Do the work of the task and return its result; for subclasses."""
        raise NotImplementedError(f"{self.task_type} does not implement execute()")

    def post_execute(self, context: Context, result: Any = None) -> None:
        """Run just after `execute`."""
        if self._post_execute_hook is not None:
            self._post_execute_hook(context, result)

    def on_kill(self) -> None:
        """Clean up what the task started outside of its process; called when it is ended."""

    @staticmethod
    def xcom_push(context: Mapping[str, Any], key: str, value: Any) -> None:
        """Store `value` for other tasks."""
        context["ti"].xcom_push(key=key, value=value)

    @staticmethod
    def xcom_pull(
        context: Mapping[str, Any],
        task_ids: str | list[str] | None = None,
        dag_id: str | None = None,
        key: str = "return_value",
        **kwargs: Any,
    ) -> Any:
        """Return what other tasks have stored."""
        return context["ti"].xcom_pull(task_ids=task_ids, dag_id=dag_id, key=key, **kwargs)

    def add_to_taskgroup(self, task_group: TaskGroup) -> None:
        """Move the task, which must be in no group yet, into one."""
        if self.task_group is not None and not self.task_group.is_root:
            raise TaskAlreadyInTaskGroup(
                self.task_id, self.task_group.group_id, task_group.group_id
            )
        self.task_group = task_group
        task_group.add(self)

    def __repr__(self) -> str:
        return f"<Task({self.task_type}): {self.task_id}>"


def chain(*tasks: Any) -> None:
    """Link tasks, lists of tasks, groups and labels one after the other.

    Two neighbouring lists must be of the same length and are linked item by item.
    """
    for first, second in zip(tasks, tasks[1:]):
        if isinstance(first, DependencyMixin):
            first.set_downstream(second)
        elif isinstance(second, DependencyMixin):
            second.set_upstream(first)
        else:
            _link_pairwise(first, second)


def _link_pairwise(first: Any, second: Any) -> None:
    for side in (first, second):
        if not isinstance(side, Sequence) or isinstance(side, str):
            raise TypeError(
                f"Chain not supported between instances of {type(first)} and {type(second)}"
            )
    if len(first) != len(second):
        raise AirflowException(
            "Chain not supported for different length Iterable. "
            f"Got {len(first)} and {len(second)}."
        )
    for one, other in zip(first, second):
        one.set_downstream(other)


def cross_downstream(from_tasks: Sequence[Any], to_tasks: Any) -> None:
    """Make each of `from_tasks` upstream of each of `to_tasks`."""
    for task in from_tasks:
        task.set_downstream(to_tasks)


def chain_linear(*elements: Any) -> None:
    """Link neighbouring tasks or lists of tasks, each with each."""
    if len(elements) < 2:
        raise ValueError("No dependencies were set. Did you forget to expand with `*`?")
    for first, second in zip(elements, elements[1:]):
        for task in first if isinstance(first, (list, tuple, set)) else [first]:
            task.set_downstream(second)
