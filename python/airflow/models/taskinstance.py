"""The task instance: one task in one DAG run, as the task itself sees it."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pendulum

from airflow import _json
from airflow.exceptions import AirflowException
from airflow.models._database import ColumnsType, offer_columns
from airflow.models.dagrun import log_address
from airflow.models.taskinstancekey import TaskInstanceKey
from airflow.models.xcom_limit import check_xcom_size
from airflow.models.xcom_pull import XComPuller
from airflow.utils.context import Context, build_context
from airflow.utils.log.logging_mixin import LoggingMixin
from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.xcom import XCOM_RETURN_KEY

if TYPE_CHECKING:
    from airflow.models.abstractoperator import AbstractOperator
    from airflow.models.dagrun import DagRun

__all__ = [
    "TaskInstance",
    "TaskInstanceKey",
    "clear_task_instances",
    "get_current_context",
    "set_current_context",
]

_current_contexts: list[Context] = []
_CURRENT_CONTEXT = _current_contexts  # the name that provider packages import
_MISSING: Any = object()


@contextlib.contextmanager
def set_current_context(context: Context) -> Iterator[Context]:
    """Make `context` the one that `get_current_context` returns within the block."""
    _current_contexts.append(context)
    try:
        yield context
    finally:
        _current_contexts.remove(context)


def get_current_context() -> Context:
    """Return the context of the task that runs now."""
    if not _current_contexts:
        raise AirflowException(
            "Current context was requested but no context was found! "
            "Are you running within an airflow task?"
        )
    return _current_contexts[-1]


class TaskInstance(LoggingMixin, metaclass=ColumnsType):
    """One attempt at a task. XComs that it pushes are kept here until it has ended."""

    def __init__(
        self,
        task: Any,
        dag_run: DagRun,
        *,
        map_index: int = -1,
        try_number: int = 1,
        max_tries: int = 0,
        start_date: pendulum.DateTime | None = None,
        reschedules: int = 0,
    ) -> None:
        self.task = task
        self.dag_run = dag_run
        self.map_index = map_index
        self.try_number = try_number
        self.max_tries = max_tries
        self.start_date = start_date or pendulum.now("UTC")
        self.reschedules = reschedules
        self.end_date: pendulum.DateTime | None = None
        self.state: str | None = TaskInstanceState.RUNNING
        self.rendered_map_index: str | None = None
        self.pushed: dict[str, Any] = {}

    # What only the database of Airflow itself has.
    job_id: None = None
    queued_by_job_id: None = None
    external_executor_id: None = None
    trigger_id: None = None
    note: None = None
    raw = False
    test_mode = False

    @property
    def dag_id(self) -> str:
        """Id of the DAG."""
        return self.dag_run.dag_id

    @property
    def task_id(self) -> str:
        """Id of the task."""
        return self.task.task_id

    @property
    def run_id(self) -> str:
        """Id of the DAG run."""
        return self.dag_run.run_id

    @property
    def execution_date(self) -> pendulum.DateTime | None:
        """The logical date of the run."""
        return self.dag_run.logical_date

    logical_date = execution_date

    @property
    def key(self) -> TaskInstanceKey:
        """What identifies this try."""
        return TaskInstanceKey(
            self.dag_id, self.task_id, self.run_id, self.try_number, self.map_index
        )

    @property
    def hostname(self) -> str:
        """Name of the host that the task runs on."""
        return socket.gethostname()

    @property
    def operator(self) -> str:
        """Name of the operator's class."""
        return self.task.task_type

    @property
    def duration(self) -> float | None:
        """Seconds from the start to the end; None while the task runs."""
        return (self.end_date - self.start_date).total_seconds() if self.end_date else None

    @property
    def queue(self) -> str:
        """The queue of the task."""
        return str(self.task.queue)

    @property
    def pool(self) -> str:
        """The pool of the task."""
        return str(self.task.pool)

    @property
    def priority_weight(self) -> int:
        """The weight of the task."""
        return int(self.task.priority_weight_total)

    @property
    def task_display_name(self) -> str:
        """Name of the task for people."""
        return str(self.task.task_display_name)

    @property
    def mark_success_url(self) -> str:
        """Address of the page on which the task instance can be marked."""
        return self.log_url

    @property
    def prev_attempted_tries(self) -> int:
        """The number of tries so far."""
        return self.try_number

    @property
    def next_try_number(self) -> int:
        """The number of the try after this one."""
        return self.try_number + 1

    @property
    def log_url(self) -> str:
        """Address of the log in the web interface."""
        return log_address(self.key)

    @property
    def pid(self) -> int:
        """The process of the task."""
        return os.getpid()

    @property
    def unixname(self) -> str:
        """The user who runs the task."""
        import getpass

        return getpass.getuser()

    @property
    def queued_dttm(self) -> pendulum.DateTime:
        """When the task was queued, as far as it knows."""
        return self.start_date

    @property
    def pool_slots(self) -> int:
        """The slots of the pool that the task takes."""
        return int(self.task.pool_slots)

    @property
    def executor_config(self) -> Any:
        """What the task asks of an executor."""
        return self.task.executor_config

    @property
    def run_as_user(self) -> str | None:
        """The user that the task asks for."""
        return None if self.task.run_as_user is None else str(self.task.run_as_user)

    @property
    def is_premature(self) -> bool:
        """Whether the task waits for its next try: it runs, so it does not."""
        return False

    def refresh_from_db(self, session: Any = None, **kwargs: Any) -> None:
        """Do nothing: what a task knows of its own instance is up to date."""

    def get_dagrun(self, session: Any = None) -> DagRun:
        """Return the DAG run."""
        return self.dag_run

    def get_template_context(self, session: Any = None) -> Context:
        """Return the variables that templates and the task see."""
        return build_context(self)

    def is_eligible_to_retry(self) -> bool:
        """Tell whether another try follows if this one fails."""
        return self.try_number <= self.max_tries

    def xcom_push(
        self, key: str, value: Any, execution_date: Any = None, session: Any = None
    ) -> None:
        """Store `value`, which must be representable as JSON, for other tasks of the run."""
        try:
            encoded = _json.encode(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise AirflowException(
                f"XCom {key!r} of task {self.dag_id}.{self.task_id} cannot be stored, because it "
                f"is not JSON ({error}); return plain values, or set do_xcom_push=False"
            ) from None
        check_xcom_size(key, encoded, f"{self.dag_id}.{self.task_id}")
        self.pushed[key] = encoded

    def xcom_pull(
        self,
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str | None = XCOM_RETURN_KEY,
        include_prior_dates: bool = False,
        session: Any = None,
        *,
        map_indexes: int | Iterable[int] | None = None,
        default: Any = None,
        run_id: str | None = None,
    ) -> Any:
        """Return what a task has stored under `key`; a list of values for a list of tasks.

        Without `task_ids`, the value that the nearest task upstream has stored under `key`. The
        values of a mapped task are a sequence, in the order of its map indexes. A key of None
        means any key.
        """
        puller = XComPuller(self, dag_id, run_id, key, include_prior_dates)
        return puller.pull(task_ids, map_indexes, default)

    def clear_xcom_data(self, session: Any = None) -> None:
        """Forget what this attempt has pushed; what earlier tries had is gone already."""
        self.pushed.clear()

    def find_xcom(self, operator: AbstractOperator, key: str) -> tuple[bool, Any]:
        """Return whether `operator` has stored something under `key` in this run, and what.

        In a mapped task group it is what the instance with the same index has stored.
        """
        index: int | None = None
        if operator.has_instances_by_index and self._shares_index_with(operator):
            index = self.map_index
        value = self.xcom_pull(operator.task_id, key=key, map_indexes=index, default=_MISSING)
        return (False, None) if value is _MISSING else (True, value)

    def get_relevant_upstream_map_indexes(
        self, upstream: AbstractOperator, ti_count: int | None = None, session: Any = None
    ) -> int | range | None:
        """Return the map index of `upstream` that this instance depends on; None for all."""
        if upstream.has_instances_by_index and self._shares_index_with(upstream):
            return self.map_index
        return None

    def _shares_index_with(self, operator: AbstractOperator) -> bool:
        group = operator.get_closest_mapped_task_group()
        return group is not None and group in list(self.task.iter_mapped_task_groups())

    def get_previous_dagrun(self, state: str | None = None, session: Any = None) -> DagRun | None:
        """Return the run before this one, in `state` if that is given."""
        return self.dag_run.get_previous_dagrun(state)

    def get_previous_ti(self, state: str | None = None, session: Any = None) -> Any:
        """Return this task's instance in the run before this one."""
        previous = self.dag_run.get_previous_dagrun(state)
        return previous and previous.get_task_instance(self.task_id, map_index=self.map_index)

    @property
    def previous_ti(self) -> Any:
        """This task's instance in the run before this one."""
        return self.get_previous_ti()

    @property
    def previous_ti_success(self) -> Any:
        """This task's instance in the last successful run before this one."""
        return self.get_previous_ti(DagRunState.SUCCESS)

    def get_previous_execution_date(self, state: str | None = None, session: Any = None) -> Any:
        """Return the logical date of the run before this one."""
        previous = self.dag_run.get_previous_dagrun(state)
        return previous and previous.logical_date

    def get_previous_start_date(self, state: str | None = None, session: Any = None) -> Any:
        """Return when this task's instance in the run before this one started."""
        previous = self.get_previous_ti(state)
        return previous and previous.start_date

    @property
    def previous_execution_date_success(self) -> Any:
        """The logical date of the last successful run before this one."""
        return self.get_previous_execution_date(DagRunState.SUCCESS)

    @property
    def previous_start_date_success(self) -> Any:
        """When this task's instance in the last successful run before this one started."""
        return self.get_previous_start_date(DagRunState.SUCCESS)

    def current_state(self, session: Any = None) -> str | None:
        """Return the state of the attempt."""
        return self.state

    def render_templates(self, context: Any = None, jinja_env: Any = None) -> Any:
        """Render the templated fields of the task."""
        self.task.render_template_fields(context or self.get_template_context(), jinja_env)
        return self.task

    def get_num_running_task_instances(self, session: Any = None) -> int:
        """Return how many instances of the task run in this DAG run."""
        states = self.dag_run.get_task_instances(state=TaskInstanceState.RUNNING)
        return sum(ti.task_id == self.task_id for ti in states)

    def __repr__(self) -> str:
        return f"<TaskInstance: {self.dag_id}.{self.task_id} {self.run_id} [{self.state}]>"


def clear_task_instances(tis: Any, *_: Any, **__: Any) -> None:
    """Refuse: tasks cannot clear others."""
    raise AirflowException(
        "a task cannot clear task instances; use `beeflow tasks clear` or the REST API"
    )


offer_columns(
    TaskInstance,
    "dag_id task_id run_id map_index execution_date start_date end_date duration state try_number"
    " max_tries hostname unixname job_id pool queue priority_weight operator queued_dttm"
    " queued_by_job_id pid updated_at",
)
