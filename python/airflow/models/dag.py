"""DAG: tasks, their order and their schedule."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.exceptions import (
    AirflowDagCycleException,
    AirflowDagInconsistent,
    AirflowException,
    DagInvalidTriggerRule,
    DuplicateTaskIdFound,
    ParamValidationError,
    TaskNotFound,
)
from airflow._lazy import lazy_exports
from airflow.models.dag_inspection import DagInspection, get_last_dagrun
from airflow.models.param import DagParam, ParamsDict
from airflow.timetables.factory import create_timetable
from airflow.timetables.simple import ContinuousTimetable, NullTimetable
from airflow.utils import timezone
from airflow.utils.user_warnings import warn_removed, warn_user
from airflow.utils.helpers import as_tuple, validate_key
from airflow.utils.log.logging_mixin import LoggingMixin
from airflow.utils.task_group import TaskGroup
from airflow.utils.types import NOTSET, ArgNotSet

if TYPE_CHECKING:
    import jinja2
    from airflow.models.abstractoperator import AbstractOperator
    from airflow.models.operator_arguments import Callbacks
    from airflow.timetables.base import Timetable

__all__ = ["DAG", "DagContext", "dag", "get_last_dagrun"]

DEFAULT_MAX_ACTIVE_TASKS: int = conf.getint("core", "max_active_tasks_per_dag")
DEFAULT_MAX_ACTIVE_RUNS: int = conf.getint("core", "max_active_runs_per_dag")
DEFAULT_CATCHUP: bool = conf.getboolean("scheduler", "catchup_by_default")
# Arguments of later versions that change nothing here.
_WITHOUT_EFFECT = {"allowed_run_types", "deadline", "disable_bundle_versioning"}
_ORIENTATIONS = ("LR", "TB", "RL", "BT")
_VIEWS = ("grid", "graph", "duration", "gantt", "landing_times")


class DAG(DagInspection, LoggingMixin):
    """A collection of tasks with directional dependencies, and when to run them.

    A DAG is built while its file is imported: tasks created in its `with` block, or with
    `dag=dag`, belong to it.
    """

    def __init__(
        self,
        dag_id: str,
        description: str | None = None,
        schedule: Any = NOTSET,
        schedule_interval: Any = NOTSET,
        timetable: Timetable | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        template_searchpath: str | Iterable[str] | None = None,
        template_undefined: type[jinja2.Undefined] | None = None,
        user_defined_macros: dict[str, Any] | None = None,
        user_defined_filters: dict[str, Any] | None = None,
        default_args: dict[str, Any] | None = None,
        concurrency: int | None = None,
        max_active_tasks: int = DEFAULT_MAX_ACTIVE_TASKS,
        max_active_runs: int = DEFAULT_MAX_ACTIVE_RUNS,
        max_consecutive_failed_dag_runs: int = 0,
        dagrun_timeout: timedelta | None = None,
        sla_miss_callback: Callbacks = None,
        default_view: str = conf.get("webserver", "dag_default_view"),
        orientation: str = conf.get("webserver", "dag_orientation"),
        catchup: bool = DEFAULT_CATCHUP,
        on_success_callback: Callbacks = None,
        on_failure_callback: Callbacks = None,
        doc_md: str | None = None,
        params: Mapping[str, Any] | None = None,
        access_control: dict[str, Any] | None = None,
        is_paused_upon_creation: bool | None = None,
        jinja_environment_kwargs: dict[str, Any] | None = None,
        render_template_as_native_obj: bool = False,
        tags: Collection[str] | None = None,
        owner_links: dict[str, str] | None = None,
        auto_register: bool = True,
        fail_stop: bool = False,
        dag_display_name: str | None = None,
        fail_fast: bool = False,
        **of_later_versions: Any,
    ) -> None:
        validate_key(dag_id)
        self.dag_id = dag_id
        self._set_later_arguments(of_later_versions)
        self.description = description
        self.default_args = dict(default_args or {})
        self.params = ParamsDict({**self.default_args.pop("params", {}), **(params or {})})
        self.fileloc = _calling_file()
        self._start_graph()
        self._set_dates(start_date, end_date)
        self._set_schedule(schedule, schedule_interval, timetable)
        self._set_limits(concurrency, max_active_tasks, max_active_runs, dagrun_timeout)
        self._set_look(default_view, orientation, owner_links or {})
        self._set_templating(
            template_searchpath, template_undefined, user_defined_macros, user_defined_filters
        )
        self.jinja_environment_kwargs = jinja_environment_kwargs
        self.render_template_as_native_obj = render_template_as_native_obj
        self.sla_miss_callback = sla_miss_callback
        self.catchup = bool(catchup)
        self.on_success_callback, self.on_failure_callback = (
            on_success_callback,
            on_failure_callback,
        )
        self.doc_md = self._read_doc(doc_md)
        self.access_control = access_control
        self.is_paused_upon_creation = is_paused_upon_creation
        self.tags = _check_tags(dag_id, tags or [])
        self.auto_register = auto_register
        self.fail_stop = fail_stop or fail_fast
        self.dag_display_name = dag_display_name or dag_id
        self._set_failures_max(max_consecutive_failed_dag_runs)

    def _set_failures_max(self, count: int) -> None:
        self.max_consecutive_failed_dag_runs = count
        if count > 0:
            warn_user(
                f"DAG {self.dag_id}: it is not paused after max_consecutive_failed_dag_runs; "
                "pause it in an on_failure_callback"
            )

    def _start_graph(self) -> None:
        self.task_dict: dict[str, AbstractOperator] = {}
        self.edge_info: dict[str, dict[str, Any]] = {}
        self.task_group = TaskGroup.create_root(self)

    def _set_later_arguments(self, given: Mapping[str, Any]) -> None:
        for name in given.keys() - _WITHOUT_EFFECT:
            raise TypeError(f"DAG.__init__() got an unexpected keyword argument {name!r}")
        self.deadline = given.get("deadline")
        if self.deadline:
            warn_user(
                f"DAG {self.dag_id}: its deadline is not enforced, and its callback is never "
                "called; use dagrun_timeout, or sla on its tasks"
            )

    def _set_templating(
        self,
        searchpath: str | Iterable[str] | None,
        undefined: type[jinja2.Undefined] | None,
        macros: dict[str, Any] | None,
        filters: dict[str, Any] | None,
    ) -> None:
        self.template_searchpath = _as_paths(searchpath)
        self.template_undefined = undefined
        self.user_defined_macros = macros
        self.user_defined_filters = filters
        self._template_env: jinja2.Environment | None = None

    def _set_dates(self, start_date: Any, end_date: Any) -> None:
        start = self._check_date("start_date", start_date or self.default_args.get("start_date"))
        self._check_date("end_date", end_date or self.default_args.get("end_date"))
        self.timezone = (
            timezone.as_pendulum_zone(start.tzinfo, start)
            if start is not None and start.tzinfo is not None
            else timezone.default_timezone()
        )
        for name in ("start_date", "end_date"):
            if isinstance(self.default_args.get(name), (str, datetime)):
                self.default_args[name] = self._to_utc(self.default_args[name])
        self.start_date = self._to_utc(start_date)
        self.end_date = self._to_utc(end_date)

    def _check_date(self, name: str, value: Any) -> Any:
        """Return the moment that was given for the DAG or its tasks, None where none was."""
        if isinstance(value, str):
            try:
                return timezone.parse(value)
            except ValueError as error:
                raise AirflowException(
                    f"DAG {self.dag_id}: {name} {value!r} is not a date: {error}"
                ) from None
        if value is None or isinstance(value, datetime):
            return value
        raise AirflowException(f"DAG {self.dag_id}: {name} must be a datetime; it is {value!r}")

    def _to_utc(self, value: Any) -> Any:
        """Return a moment in UTC; one without a zone is in that of the DAG."""
        moment = timezone.parse(value, self.timezone) if isinstance(value, str) else value
        return timezone.convert_to_utc(timezone.coerce_datetime(moment, self.timezone))

    def _set_schedule(self, schedule: Any, interval: Any, timetable: Timetable | None) -> None:
        given = [arg for arg in (schedule, interval) if not isinstance(arg, ArgNotSet)]
        given += [timetable] if timetable is not None else []
        if len(given) > 1:
            raise ValueError(
                f"DAG {self.dag_id}: at most one allowed for args 'schedule_interval', "
                "'timetable', and 'schedule'."
            )
        if not isinstance(interval, ArgNotSet):
            warn_removed(
                "Param `schedule_interval` is deprecated and will be removed in a future release. "
                "Please use `schedule` instead. "
            )
        if timetable is not None:
            warn_removed(
                "Param `timetable` is deprecated and will be removed in a future release. "
                "Please use `schedule` instead. "
            )
        self.schedule_interval = given[0] if given else timedelta(days=1)
        self.timetable = create_timetable(given[0] if given else NOTSET, self.timezone)

    def _set_limits(
        self,
        concurrency: int | None,
        max_active_tasks: int,
        max_active_runs: int,
        dagrun_timeout: timedelta | None,
    ) -> None:
        if concurrency is not None:
            warn_removed(
                "The 'concurrency' parameter is deprecated. Please use 'max_active_tasks'."
            )
            max_active_tasks = concurrency
        if dagrun_timeout is not None and not isinstance(dagrun_timeout, timedelta):
            raise AirflowException(
                f"DAG {self.dag_id}: dagrun_timeout must be a timedelta; it is {dagrun_timeout!r}"
            )
        if isinstance(self.timetable, ContinuousTimetable) and max_active_runs > 1:
            raise AirflowException(
                f"DAG {self.dag_id}: schedule @continuous requires max_active_runs <= 1"
            )
        self.max_active_tasks = max_active_tasks
        self.max_active_runs = max_active_runs
        self.dagrun_timeout = dagrun_timeout

    def _set_look(self, default_view: str, orientation: str, owner_links: dict[str, str]) -> None:
        if default_view == "tree":
            warn_removed("`default_view` of 'tree' has been renamed to 'grid' -- please update.")
            default_view = "grid"
        for name, value, allowed in (
            ("default_view", default_view, _VIEWS),
            ("orientation", orientation, _ORIENTATIONS),
        ):
            if value not in allowed:
                raise AirflowException(
                    f"DAG {self.dag_id}: {name} must be one of {', '.join(allowed)}; "
                    f"it is {value!r}"
                )
        self.default_view = default_view
        self.orientation = orientation
        self.owner_links = owner_links

    def _read_doc(self, doc_md: str | None) -> str | None:
        """Return the documentation; a name that ends in `.md` is that of a file beside the DAG."""
        if doc_md is None or not doc_md.endswith(".md"):
            return doc_md
        try:
            with open(os.path.join(self.folder, doc_md), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return doc_md

    def get_doc_md(self, doc_md: str | None) -> str | None:
        """Return the documentation, read from a file where its name is given."""
        return self._read_doc(doc_md)

    @property
    def full_filepath(self) -> str:
        """Path of the file that defines the DAG, under its former name."""
        return self.fileloc

    @property
    def relative_fileloc(self) -> str:
        """Path of the file below the DAG folder."""
        folder = conf.get("core", "dags_folder")
        if not folder:
            return self.fileloc
        path = os.path.relpath(self.fileloc, os.path.abspath(folder))
        return self.fileloc if path.startswith("..") else path

    @property
    def normalized_schedule_interval(self) -> Any:
        """The schedule as it was given."""
        return self.schedule_interval

    @property
    def allow_future_exec_dates(self) -> bool:
        """Whether runs may have a logical date in the future: those without a schedule."""
        return isinstance(self.timetable, NullTimetable)

    @property
    def concurrency(self) -> int:
        """`max_active_tasks`, under its former name."""
        return self.max_active_tasks

    @property
    def fail_fast(self) -> bool:
        """`fail_stop`, under the name that Airflow 3 gives it."""
        return self.fail_stop

    @property
    def folder(self) -> str:
        """Folder of the file that defines the DAG."""
        return os.path.dirname(self.fileloc)

    @property
    def filepath(self) -> str:
        """Path of the file that defines the DAG."""
        return self.fileloc

    @property
    def safe_dag_id(self) -> str:
        """The DAG id without dots."""
        return self.dag_id.replace(".", "__dot__")

    @property
    def display_name(self) -> str:
        """Name of the DAG for people."""
        return self.dag_display_name

    @property
    def owner(self) -> str:
        """The owners of the tasks, separated by commas."""
        return ", ".join(sorted({task.owner for task in self.tasks}))

    @property
    def tasks(self) -> list[AbstractOperator]:
        """The tasks, in order of creation."""
        return list(self.task_dict.values())

    @property
    def task_ids(self) -> list[str]:
        """The ids of the tasks, in order of creation."""
        return list(self.task_dict)

    @property
    def task_count(self) -> int:
        """The number of tasks."""
        return len(self.task_dict)

    @property
    def task_group_dict(self) -> dict[str, TaskGroup]:
        """The task groups by id, without the root group."""
        groups = self.task_group.get_task_group_dict()
        return {group_id: group for group_id, group in groups.items() if group_id is not None}

    @property
    def roots(self) -> list[AbstractOperator]:
        """The tasks without upstream tasks."""
        return [task for task in self.tasks if not task.upstream_task_ids]

    @property
    def leaves(self) -> list[AbstractOperator]:
        """The tasks without downstream tasks."""
        return [task for task in self.tasks if not task.downstream_task_ids]

    def has_task(self, task_id: str) -> bool:
        """Tell whether the DAG has this task."""
        return task_id in self.task_dict

    def has_task_group(self, task_group_id: str) -> bool:
        """Tell whether the DAG has this task group."""
        return task_group_id in self.task_group_dict

    def get_task(self, task_id: str) -> AbstractOperator:
        """Return the task; TaskNotFound if there is none."""
        try:
            return self.task_dict[task_id]
        except KeyError:
            raise TaskNotFound(f"Task {task_id} not found in DAG {self.dag_id}") from None

    def add_task(self, task: AbstractOperator) -> None:
        """Add a task; its id must be new to the DAG."""
        self._check_trigger_rule(task)
        known = self.task_dict.get(task.task_id)
        if known is task:
            return
        if known is not None or task.task_id in self.task_group.used_group_ids:
            raise DuplicateTaskIdFound(
                f"Task id '{task.task_id}' has already been added to the DAG {self.dag_id}"
            )
        self.task_dict[task.task_id] = task
        if not task.has_dag():
            vars(task)["_dag"] = self
        if task.task_group is None:
            task.task_group = self.task_group
            self.task_group.add(task)
        self._bound_dates(task)

    def _bound_dates(self, task: AbstractOperator) -> None:
        """Keep the dates of a task within those of the DAG."""
        if self.start_date is not None:
            task.start_date = max(task.start_date or self.start_date, self.start_date)
        if self.end_date is not None:
            task.end_date = min(task.end_date or self.end_date, self.end_date)

    def add_tasks(self, tasks: Iterable[AbstractOperator]) -> None:
        """Add several tasks."""
        for task in tasks:
            self.add_task(task)

    def set_dependency(self, upstream_task_id: str, downstream_task_id: str) -> None:
        """Link two tasks by their ids."""
        self.get_task(upstream_task_id).set_downstream(self.get_task(downstream_task_id))

    def set_edge_info(self, upstream_task_id: str, downstream_task_id: str, info: Any) -> None:
        """Note what is known of an edge."""
        self.edge_info.setdefault(upstream_task_id, {})[downstream_task_id] = info

    def get_edge_info(self, upstream_task_id: str, downstream_task_id: str) -> dict[str, Any]:
        """Return what is known of an edge."""
        return self.edge_info.get(upstream_task_id, {}).get(downstream_task_id, {})

    def topological_sort(self) -> tuple[AbstractOperator, ...]:
        """Return the tasks in an order in which each comes after its upstream tasks."""
        waiting = {task_id: len(task.upstream_task_ids) for task_id, task in self.task_dict.items()}
        ready = [task for task in self.tasks if not task.upstream_task_ids]
        for task in ready:  # grows while we go
            for task_id in sorted(task.downstream_task_ids):
                waiting[task_id] -= 1
                if not waiting[task_id]:
                    ready.append(self.task_dict[task_id])
        if len(ready) < len(self.task_dict):
            raise AirflowDagCycleException(
                f"Cycle detected in DAG: {self.dag_id}. Tasks: {' >> '.join(self._find_cycle())}"
            )
        return tuple(ready)

    def _find_cycle(self) -> list[str]:
        """Return the task ids along one cycle; there must be one."""
        # Only what is on a cycle, or behind one, still waits for something after the sort.
        remaining = dict(self.task_dict)
        while True:
            free = [
                i for i, t in remaining.items() if remaining.keys().isdisjoint(t.upstream_task_ids)
            ]
            if not free:
                break
            for task_id in free:
                del remaining[task_id]
        path, task_id = [], next(iter(remaining))
        while task_id not in path:
            path.append(task_id)
            task_id = min(remaining[task_id].upstream_task_ids & remaining.keys())
        cycle = path[path.index(task_id) :] + [task_id]
        return cycle[::-1]

    def validate(self) -> None:
        """Raise an error if the DAG cannot run; called once its file is imported."""
        self.topological_sort()
        for task in self.tasks:
            self._check_trigger_rule(task)
        if self.max_active_tasks < 1:
            raise AirflowDagInconsistent(
                f"DAG {self.dag_id}: max_active_tasks must be at least 1; it is "
                f"{self.max_active_tasks}"
            )
        if self.timetable.can_be_scheduled:
            self._validate_scheduled_params()

    def _check_trigger_rule(self, task: AbstractOperator) -> None:
        if not task.is_teardown:
            DagInvalidTriggerRule.check(fail_stop=self.fail_stop, trigger_rule=task.trigger_rule)
        for follower in task.downstream_list if task.is_setup else ():
            if not follower.is_teardown and follower.trigger_rule != "all_success":
                raise ValueError(
                    f"DAG {self.dag_id}, task {follower.task_id}: Setup tasks must be followed "
                    "with trigger rule ALL_SUCCESS."
                )

    def _validate_scheduled_params(self) -> None:
        """A run that is due by time has nobody to fill in params, so the defaults must do."""
        try:
            self.params.validate()
        except ParamValidationError as error:
            raise ParamValidationError(
                f"DAG {self.dag_id} is scheduled, but its params have no valid defaults: {error}"
            ) from None

    @property
    def task(self) -> Any:
        """The decorator `@task`, for tasks of this DAG wherever they are called."""
        from airflow.decorators import task

        return functools.partial(task, dag=self)

    def param(self, name: str, default: Any = NOTSET) -> DagParam:
        """Return what stands for the value of a param in the current run."""
        return DagParam(current_dag=self, name=name, default=default)

    def get_template_env(self) -> jinja2.Environment:
        """Return the Jinja2 environment that the templates of the tasks are rendered in."""
        if self._template_env is None:
            self._template_env = self._create_template_env()
        return self._template_env

    def _create_template_env(self) -> jinja2.Environment:
        import jinja2

        from airflow.template.environment import create_environment

        return create_environment(
            native=self.render_template_as_native_obj,
            searchpath=[self.folder, *self.template_searchpath],
            undefined=self.template_undefined or jinja2.StrictUndefined,
            options=self.jinja_environment_kwargs,
            macros=self.user_defined_macros,
            filters=self.user_defined_filters,
        )

    def __enter__(self) -> DAG:
        DagContext.push_context_managed_dag(self)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        DagContext.pop_context_managed_dag()

    def __rshift__(self, other: Any) -> Any:
        """Have a task belong to the DAG: how `dag >> task` was read in Airflow 1."""
        warn_removed("`dag >> task` is deprecated; pass dag=... to the task")
        other.dag = self
        return other

    def __contains__(self, task_id: str) -> bool:
        return task_id in self.task_dict

    def __iter__(self) -> Iterator[AbstractOperator]:
        return iter(self.tasks)

    def __repr__(self) -> str:
        return f"<DAG: {self.dag_id}>"


class DagContext:
    """The DAGs whose `with` blocks we are in, and those whose blocks the file has gone through."""

    autoregistered_dags: list[DAG] = []
    _stack: list[DAG] = []

    @classmethod
    def push_context_managed_dag(cls, dag: DAG) -> None:
        """Enter the `with` block of a DAG."""
        cls._stack.insert(0, dag)

    @classmethod
    def pop_context_managed_dag(cls) -> DAG:
        """Leave the innermost `with` block."""
        dag = cls._stack.pop(0)
        if dag.auto_register:
            cls.autoregistered_dags.append(dag)
        return dag

    @classmethod
    def leave_all(cls) -> None:
        """Leave every block; a file that failed to import may not have."""
        cls._stack.clear()

    @classmethod
    def push(cls, dag: DAG) -> None:
        """Enter the `with` block of a DAG, under Airflow 3's name."""
        cls.push_context_managed_dag(dag)

    @classmethod
    def pop(cls) -> DAG:
        """Leave the innermost `with` block, under Airflow 3's name."""
        return cls.pop_context_managed_dag()

    @classmethod
    def get_current_dag(cls) -> DAG | None:
        """Return the DAG that a new task belongs to."""
        return cls._stack[0] if cls._stack else None


def dag(dag_id: Any = "", **dag_args: Any) -> Any:
    """Turn a function into a factory of DAGs: `@dag(schedule=None)`.

    The DAG is named after the function unless `dag_id` is given, and documented by its docstring.
    Arguments of the function become params of the DAG.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., DAG]:
        @functools.wraps(function)
        def factory(*args: Any, **kwargs: Any) -> DAG:
            bound = inspect.signature(function).bind(*args, **kwargs)
            bound.apply_defaults()
            arguments: dict[str, Any] = {"doc_md": inspect.getdoc(function), **dag_args}
            with DAG(
                dag_id if isinstance(dag_id, str) and dag_id else function.__name__, **arguments
            ) as built:
                built.fileloc = function.__code__.co_filename
                passed = {name: built.param(name, value) for name, value in bound.arguments.items()}
                function(**passed)
            return built

        return factory

    if callable(dag_id):  # @dag without parentheses
        return decorate(dag_id)
    return decorate


def _calling_file() -> str:
    """Return the file of the code that creates a DAG, whatever subclass it goes through."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(package):
        frame = frame.f_back
    return os.path.abspath(frame.f_code.co_filename)


def _as_paths(searchpath: str | Iterable[str] | None) -> list[str]:
    return [] if searchpath is None else [os.fspath(path) for path in as_tuple(searchpath)]


def _check_tags(dag_id: str, tags: Collection[str]) -> list[str]:
    for tag in tags:
        if not isinstance(tag, str) or len(tag) > 100:
            raise AirflowException(
                f"DAG {dag_id}: a tag must be a string of at most 100 characters; one is {tag!r}"
            )
    return list(dict.fromkeys(tags))


# Files import these from here, but few do.
__getattr__, _ = lazy_exports(
    __name__,
    {
        "DagModel": "airflow.models.dagmodel",
        "DagOwnerAttributes": "airflow.models.dagmodel",
        "DagTag": "airflow.models.dagmodel",
    },
)
