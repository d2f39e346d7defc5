"""The DAG run that a task instance belongs to, as tasks see it."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from airflow import _engine
from airflow.configuration import conf
from airflow.exceptions import AirflowException
from airflow.models._database import ColumnsType, offer_columns
from airflow.models.taskinstancekey import TaskInstanceKey
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunType

if TYPE_CHECKING:
    from pendulum import DateTime

    from airflow.models.dag import DAG


_LAST_DATE = "9999-12-31T00:00:00+00:00"
_MOST_RUNS = 1000


@dataclass
class KnownTaskInstance:
    """Another task instance of a run: which one it is, and how far it has come."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1
    state: str | None = None
    try_number: int = 0
    start_date: DateTime | None = None
    end_date: DateTime | None = None
    dag_run: DagRun | None = field(default=None, repr=False, compare=False)

    # What only the database of Airflow itself has.
    hostname: ClassVar[str] = ""
    job_id: ClassVar[None] = None
    note: ClassVar[None] = None
    pid: ClassVar[None] = None

    @property
    def execution_date(self) -> DateTime | None:
        """The logical date of the run, where it is known."""
        return None if self.dag_run is None else self.dag_run.logical_date

    logical_date = execution_date

    @property
    def task(self) -> Any:
        """The task, where the DAG of the run is known."""
        dag = None if self.dag_run is None else self.dag_run.dag
        return None if dag is None else dag.task_dict.get(self.task_id)

    @property
    def operator(self) -> str | None:
        """Name of the operator's class, where the task is known."""
        return None if self.task is None else str(self.task.task_type)

    def get_dagrun(self, session: Any = None) -> DagRun | None:
        """Return the run, where it is known."""
        return self.dag_run

    @property
    def duration(self) -> float | None:
        """Seconds from the start to the end."""
        if self.start_date is None or self.end_date is None:
            return None
        return float((self.end_date - self.start_date).total_seconds())

    @property
    def key(self) -> TaskInstanceKey:
        """What identifies the try."""
        return TaskInstanceKey(
            self.dag_id, self.task_id, self.run_id, self.try_number, self.map_index
        )

    @property
    def log_url(self) -> str:
        """Address of the log in the web interface."""
        return log_address(self.key)

    def current_state(self, session: Any = None) -> str | None:
        """Return the state."""
        return self.state

    def xcom_pull(self, *args: Any, **kwargs: Any) -> Any:
        """Return what a task of the run has stored; see `TaskInstance.xcom_pull`."""
        from airflow.models.taskinstance import TaskInstance

        if self.task is None or self.dag_run is None:
            raise AirflowException(
                f"the DAG {self.dag_id} is not known here; use XCom.get_one(run_id={self.run_id!r},"
                " dag_id=..., task_id=...)"
            )
        asking = TaskInstance(self.task, self.dag_run, map_index=self.map_index)
        return asking.xcom_pull(*args, **kwargs)


def log_address(key: TaskInstanceKey) -> str:
    """Return the address of a task instance's log in the web interface."""
    base_url = conf.get("webserver", "base_url").rstrip("/")
    query = urlencode(
        {
            "dag_run_id": key.run_id,
            "task_id": key.task_id,
            "map_index": key.map_index,
            "tab": "logs",
        }
    )
    return f"{base_url}/dags/{key.dag_id}/grid?{query}"


@dataclass
class DagRun(metaclass=ColumnsType):
    """What a task may know of its run. Times are aware, or None."""

    dag_id: str
    run_id: str
    logical_date: DateTime | None = None
    data_interval_start: DateTime | None = None
    data_interval_end: DateTime | None = None
    start_date: DateTime | None = None
    end_date: DateTime | None = None
    run_type: str = DagRunType.MANUAL
    external_trigger: bool = True
    conf: dict[str, Any] = field(default_factory=dict)
    state: str = DagRunState.RUNNING
    dag: DAG | None = field(default=None, repr=False, compare=False)
    task_states: list[KnownTaskInstance] | None = field(default=None, repr=False, compare=False)

    # What only the database of Airflow itself has.
    creating_job_id: ClassVar[None] = None
    dag_hash: ClassVar[None] = None
    last_scheduling_decision: ClassVar[None] = None
    note: ClassVar[None] = None

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any], **more: Any) -> DagRun:
        """Return the run that `fields`, of a request or an attempt, describe."""
        times = ("logical_date", "data_interval_start", "data_interval_end", "start_date")
        return cls(
            dag_id=fields["dag_id"],
            run_id=fields["run_id"],
            end_date=as_moment(fields.get("end_date")),
            run_type=fields.get("run_type") or DagRunType.MANUAL,
            external_trigger=bool(fields.get("external_trigger")),
            conf=fields.get("conf") or {},
            state=fields.get("state") or DagRunState.RUNNING,
            **{name: as_moment(fields.get(name)) for name in times},
            **more,
        )

    @classmethod
    def find(
        cls,
        dag_id: str | Iterable[str] | None = None,
        run_id: str | Iterable[str] | None = None,
        execution_date: Any = None,
        state: str | None = None,
        external_trigger: bool | None = None,
        no_backfills: bool = False,
        run_type: str | None = None,
        session: Any = None,
        execution_start_date: datetime | None = None,
        execution_end_date: datetime | None = None,
        **kwargs: Any,
    ) -> list[DagRun]:
        """Return the runs of a DAG that fit, oldest first."""
        if dag_id is None:
            raise ValueError("DagRun.find() needs a dag_id")
        found: list[DagRun] = []
        for one in [dag_id] if isinstance(dag_id, str) else dag_id:
            found += cls._find_in(one, run_id, execution_date, state)
        return [
            run
            for run in found
            if (state is None or run.state == state)
            and (external_trigger is None or run.external_trigger == external_trigger)
            and (run_type is None or run.run_type == run_type)
            and not (no_backfills and run.is_backfill)
            and run.is_between(execution_start_date, execution_end_date)
        ]

    @classmethod
    def _find_in(cls, dag_id: str, run_id: Any, date: Any, state: str | None) -> list[DagRun]:
        engine = _engine.require("DagRun.find()")
        if run_id is None and date is None:
            return list(latest_runs(dag_id, state))[::-1]
        name, value = ("run_id", run_id) if run_id is not None else ("logical_date", date)
        values = [value] if isinstance(value, (str, datetime)) else list(value)
        texts = [item if isinstance(item, str) else item.isoformat() for item in values]
        answers = [engine.request("run_get", dag_id=dag_id, **{name: text}) for text in texts]
        return [cls.from_fields(fields) for fields in answers if fields is not None]

    def is_between(self, first: datetime | None, last: datetime | None) -> bool:
        """Tell whether the logical date is one of these or between them; None sets no limit."""
        date = self.logical_date
        if first is None and last is None:
            return True
        return date is not None and (first or date) <= date <= (last or date)

    @property
    def execution_date(self) -> DateTime | None:
        """The logical date, under its former name."""
        return self.logical_date

    @property
    def id(self) -> int:
        """A number that tells this run from others, the same each time it is asked for."""
        return zlib.crc32(f"{self.dag_id} {self.run_id}".encode())

    @property
    def queued_at(self) -> DateTime | None:
        """When the run was created, as far as a task knows."""
        return self.start_date

    @property
    def is_backfill(self) -> bool:
        """Whether the run is part of a backfill."""
        return self.run_type == DagRunType.BACKFILL_JOB

    @staticmethod
    def generate_run_id(run_type: str, execution_date: datetime) -> str:
        """Return the id that a run of this kind and date has by default."""
        return DagRunType(run_type).generate_run_id(execution_date)

    def get_state(self) -> str:
        """Return the state of the run."""
        return self.state

    def get_dag(self) -> DAG | None:
        """Return the DAG of the run."""
        return self.dag

    def get_previous_dagrun(self, state: str | None = None, session: Any = None) -> DagRun | None:
        """Return the latest run before this one, in `state` if that is given."""
        if self.logical_date is None:
            return None
        found = _engine.require("the previous run").request(
            "run_previous",
            dag_id=self.dag_id,
            logical_date=self.logical_date.isoformat(),
            state=None if state is None else str(state),
        )
        return None if found is None else DagRun.from_fields(found, dag=self.dag)

    def get_previous_scheduled_dagrun(self, session: Any = None) -> DagRun | None:
        """Return the latest scheduled run before this one."""
        run = self.get_previous_dagrun()
        while run is not None and run.run_type != DagRunType.SCHEDULED:
            run = run.get_previous_dagrun()
        return run

    def get_task_instances(
        self, state: str | Iterable[str | None] | None = None, session: Any = None
    ) -> list[KnownTaskInstance]:
        """Return the task instances of the run, those in `state` if that is given."""
        states: set[Any] | None = None
        if state is not None:
            states = {state} if isinstance(state, str) else set(state)
        found = self.task_states if self.task_states is not None else self._ask_for_states()
        return [ti for ti in found if states is None or ti.state in states]

    def get_task_instance(
        self, task_id: str, session: Any = None, *, map_index: int = -1
    ) -> KnownTaskInstance | None:
        """Return one task instance of the run, or None."""
        for ti in self.get_task_instances():
            if (ti.task_id, ti.map_index) == (task_id, map_index):
                return ti
        return None

    def _ask_for_states(self) -> list[KnownTaskInstance]:
        found = _engine.require("the task instances of a run").request(
            "task_states",
            dag_id=self.dag_id,
            run_id=self.run_id,
            logical_dates=None,
            task_ids=None,
            group=None,
        )
        instances = [task_instance_state(self.dag_id, fields) for fields in found or ()]
        for instance in instances:
            instance.dag_run = self
        return instances

    def __repr__(self) -> str:
        return f"<DagRun {self.dag_id} @ {self.logical_date}: {self.run_id}>"


offer_columns(
    DagRun,
    "id dag_id run_id run_type state conf execution_date logical_date data_interval_start"
    " data_interval_end start_date end_date external_trigger queued_at updated_at",
)


def latest_runs(dag_id: str, state: str | None = None) -> Iterator[DagRun]:
    """Yield the runs of a DAG, the latest first."""
    engine = _engine.require("the runs of a DAG")
    date: str | None = _LAST_DATE
    for _ in range(_MOST_RUNS):
        fields = engine.request("run_previous", dag_id=dag_id, logical_date=date, state=state)
        if fields is None:
            return
        yield DagRun.from_fields(fields)
        date = fields["logical_date"]


def task_instance_state(
    dag_id: str, fields: Mapping[str, Any], run_id: str | None = None
) -> KnownTaskInstance:
    """Return what `fields` say of a task instance."""
    return KnownTaskInstance(
        dag_id=dag_id,
        run_id=fields.get("run_id") or run_id or "",
        task_id=fields["task_id"],
        map_index=fields.get("map_index", -1),
        state=fields.get("state"),
        try_number=fields.get("try_number") or 0,
        start_date=as_moment(fields.get("start_date")),
        end_date=as_moment(fields.get("end_date")),
    )


def as_moment(value: Any) -> Any:
    """Return a time of the protocol as an aware moment in UTC, and None as None."""
    return _parse_moment(value) if isinstance(value, str) else value


@functools.lru_cache(maxsize=64)  # the tasks of a run share its times
def _parse_moment(text: str) -> DateTime:
    import pendulum

    return pendulum.instance(datetime.fromisoformat(text)).in_timezone("UTC")
