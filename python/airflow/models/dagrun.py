"""The DAG run that a task instance belongs to, as tasks see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunType

if TYPE_CHECKING:
    from pendulum import DateTime


@dataclass
class DagRun:
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

    @property
    def execution_date(self) -> DateTime | None:
        """The logical date, under its former name."""
        return self.logical_date

    def __repr__(self) -> str:
        return f"<DagRun {self.dag_id} @ {self.logical_date}: {self.run_id}>"
