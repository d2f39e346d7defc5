"""BaseOperator, the class of all tasks, and functions that link tasks."""

from __future__ import annotations

import copy
import functools
import inspect
from abc import ABCMeta
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from airflow.exceptions import (
    AirflowException,
    TaskDeferralError,
    TaskDeferralTimeout,
    TaskDeferred,
)
from airflow.models.abstractoperator import AbstractOperator
from airflow.models.baseoperatorlink import BaseOperatorLink as BaseOperatorLink
from airflow.models.operator_arguments import ARGUMENTS, take_arguments
from airflow.models.param import ParamsDict
from airflow.models.taskmixin import DependencyMixin
from airflow.utils.helpers import validate_key
from airflow.utils.setup_teardown import SetupTeardownContext
from airflow.utils.task_group import TaskGroup, TaskGroupContext

if TYPE_CHECKING:
    import jinja2

    from datetime import timedelta

    from airflow.models.dag import DAG
    from airflow.models.mappedoperator import OperatorPartial
    from airflow.utils.context import Context

T = TypeVar("T", bound=Callable[..., Any])
T_Operator = TypeVar("T_Operator", bound="BaseOperator")


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
        for name, value in collect_default_args(kwargs).items():
            if name in names and name not in kwargs:
                kwargs[name] = value
        if not variadic and "default_args" not in names:
            kwargs.pop("default_args", None)
        missing = sorted(required - kwargs.keys())
        if missing:
            noun = "argument" if len(missing) == 1 else "arguments"
            raise AirflowException(f"missing keyword {noun} {', '.join(map(repr, missing))}")
        init(self, **kwargs)

    if getattr(init, "takes_operator_arguments", False):
        wrapper.__signature__ = _sign_in_full(init)  # type: ignore[attr-defined]
    return wrapper  # type: ignore[return-value]


def _sign_in_full(init: Callable[..., Any]) -> inspect.Signature:
    """Return the signature with all arguments by name: packages look there what there is."""
    signature = inspect.signature(init)
    keyword = inspect.Parameter.KEYWORD_ONLY
    *named, rest = signature.parameters.values()
    named += [
        inspect.Parameter(name, keyword, default=getattr(AbstractOperator, name))
        for name in sorted(ARGUMENTS)
    ]
    return signature.replace(parameters=[*named, rest])


def collect_default_args(kwargs: Mapping[str, Any]) -> dict[str, Any]:
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


def create_detached(operator_class: type[T_Operator], arguments: Mapping[str, Any]) -> T_Operator:
    """Create an operator that belongs to no DAG, and never links itself to other tasks."""
    operator = operator_class.__new__(operator_class)
    operator.__init__(**arguments)  # type: ignore[misc]
    return operator


def _takes_operator_arguments(init: T) -> T:
    init.takes_operator_arguments = True  # type: ignore[attr-defined]
    return init


class BaseOperator(AbstractOperator, metaclass=BaseOperatorMeta):
    """One task of a DAG. Subclasses implement `execute(context)`.

    Arguments common to all operators are listed in `OperatorArguments`. Operators are created
    with keyword arguments only, while the DAG file is imported, and never change after that: each
    attempt works on a copy.
    """

    custom_operator_name: str
    shallow_copy_attrs: Sequence[str] = ()
    start_trigger_args: Any = None
    start_from_trigger: bool = False

    _finished = False
    _unrendered: Mapping[int, Any] = {}
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
        self._dag = None
        self.task_group = None
        self.upstream_task_ids = set()
        self.downstream_task_ids = set()
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
        SetupTeardownContext.note_created(self)

    @classmethod
    def partial(cls, **kwargs: Any) -> OperatorPartial:
        """Fix arguments of a task that is then mapped: `.partial(x=1).expand(y=[2, 3])`."""
        from airflow.models.mappedoperator import make_partial

        return make_partial(cls, kwargs)

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

    def prepare_template(self) -> None:
        """Change templated fields before they are rendered; for subclasses."""

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

    def render_template(
        self,
        content: Any,
        context: Mapping[str, Any],
        jinja_env: jinja2.Environment | None = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """Return `content` rendered, unless it is what another task has returned."""
        if id(content) in self._unrendered or (seen_oids and id(content) in seen_oids):
            return content
        return super().render_template(content, context, jinja_env)

    def keep_unrendered(self, values: Iterable[Any]) -> None:
        """Have templated fields leave these very values alone."""
        self._unrendered = {id(value): value for value in values}

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
    def xcom_push(
        context: Mapping[str, Any], key: str, value: Any, execution_date: Any = None
    ) -> None:
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

    def defer(
        self,
        *,
        trigger: Any,
        method_name: str,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | int | float | None = None,
    ) -> NoReturn:
        """Hand the waiting over to `trigger`; the task goes on with the method `method_name`."""
        raise TaskDeferred(trigger=trigger, method_name=method_name, kwargs=kwargs, timeout=timeout)

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context
    ) -> Any:
        """Go on after a deferral; a trigger that failed is an error of the task."""
        kwargs = dict(next_kwargs or {})
        if next_method == "__fail__" or ("error" in kwargs and "event" not in kwargs):
            error = str(kwargs.get("error", "Unknown"))
            raise (TaskDeferralTimeout if "timeout" in error.lower() else TaskDeferralError)(error)
        return getattr(self, next_method)(context, **kwargs)

    def dry_run(self) -> None:
        """Log the templated fields."""
        self.log.info("Dry run")
        for field in self.template_fields:
            self.log.info("Rendering template for %s", field)
            self.log.info("%s", getattr(self, field))

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
