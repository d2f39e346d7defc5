"""The task instance: one task in one DAG run, as the task itself sees it."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import pendulum

from airflow import _engine
from airflow.configuration import conf
from airflow.exceptions import AirflowException
from airflow.utils.context import Context, build_context
from airflow.utils.log.logging_mixin import LoggingMixin
from airflow.utils.state import TaskInstanceState
from airflow.utils.xcom import XCOM_RETURN_KEY

if TYPE_CHECKING:
    from airflow.models.baseoperator import BaseOperator
    from airflow.models.dagrun import DagRun

_current_contexts: list[Context] = []


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


class TaskInstanceKey(NamedTuple):
    """What identifies one try of a task instance."""

    dag_id: str
    task_id: str
    run_id: str
    try_number: int = 1
    map_index: int = -1

    @property
    def primary(self) -> tuple[str, str, str, int]:
        """The key without the try."""
        return self.dag_id, self.task_id, self.run_id, self.map_index


class TaskInstance(LoggingMixin):
    """One attempt at a task. XComs that it pushes are kept here until it has ended."""

    def __init__(
        self,
        task: BaseOperator,
        dag_run: DagRun,
        *,
        map_index: int = -1,
        try_number: int = 1,
        max_tries: int = 0,
    ) -> None:
        self.task = task
        self.dag_run = dag_run
        self.map_index = map_index
        self.try_number = try_number
        self.max_tries = max_tries
        self.start_date = pendulum.now("UTC")
        self.end_date: pendulum.DateTime | None = None
        self.state: str | None = TaskInstanceState.RUNNING
        self.pushed: dict[str, Any] = {}

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
        base_url = conf.get("webserver", "base_url").rstrip("/")
        query = urlencode(
            {
                "dag_run_id": self.run_id,
                "task_id": self.task_id,
                "map_index": self.map_index,
                "tab": "logs",
            }
        )
        return f"{base_url}/dags/{self.dag_id}/grid?{query}"

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
        self.pushed[key] = self._check_json(key, value)

    def xcom_pull(
        self,
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str = XCOM_RETURN_KEY,
        include_prior_dates: bool = False,
        session: Any = None,
        *,
        map_indexes: int | Iterable[int] | None = None,
        default: Any = None,
        run_id: str | None = None,
    ) -> Any:
        """Return what a task has stored under `key`; a list of values for a list of tasks.

        Without `task_ids`, the value that any task of the run has stored under `key`.
        """
        dag_id, run_id = dag_id or self.dag_id, run_id or self.run_id
        if task_ids is None:
            return self._pull_from_any(dag_id, run_id, key, default)
        if isinstance(task_ids, str) and not isinstance(map_indexes, Iterable):
            index = -1 if map_indexes is None else map_indexes
            value = self._pull(dag_id, run_id, task_ids, index, key)
            return default if value is None else value
        tasks = [task_ids] if isinstance(task_ids, str) else task_ids
        indexes = (
            map_indexes
            if isinstance(map_indexes, Iterable)
            else (-1 if map_indexes is None else map_indexes,)
        )
        return [
            self._pull(dag_id, run_id, task_id, index, key)
            for task_id, index in itertools.product(tasks, indexes)
        ]

    def find_xcom(self, operator: BaseOperator, key: str) -> tuple[bool, Any]:
        """Return whether `operator` has stored something under `key` in this run, and what."""
        value = self._pull(self.dag_id, self.run_id, operator.task_id, -1, key)
        return value is not None, value

    def _pull_from_any(self, dag_id: str, run_id: str, key: str, default: Any) -> Any:
        own = self.task.dag
        candidates = own.task_ids if dag_id == self.dag_id else []
        for task_id in candidates:
            value = self._pull(dag_id, run_id, task_id, -1, key)
            if value is not None:
                return value
        return default

    def _pull(self, dag_id: str, run_id: str, task_id: str, map_index: int, key: str) -> Any:
        own = (self.dag_id, self.run_id, self.task_id, self.map_index)
        if own == (dag_id, run_id, task_id, map_index) and key in self.pushed:
            return self.pushed[key]
        return _engine.require("xcom_pull").xcom_get(
            dag_id=dag_id, run_id=run_id, task_id=task_id, map_index=map_index, key=key
        )

    def _check_json(self, key: str, value: Any) -> Any:
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise AirflowException(
                f"XCom {key!r} of task {self.dag_id}.{self.task_id} cannot be stored, because it "
                f"is not JSON ({error}); return plain values, or set do_xcom_push=False"
            ) from None
        return value

    def __repr__(self) -> str:
        return f"<TaskInstance: {self.dag_id}.{self.task_id} {self.run_id} [{self.state}]>"
