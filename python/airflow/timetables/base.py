"""Timetable, the form that every `schedule` argument takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pendulum import DateTime

from airflow.exceptions import AirflowTimetableInvalid

if TYPE_CHECKING:
    from airflow.datasets import BaseDataset
    from airflow.utils.types import DagRunType

_OWN_PACKAGE = "airflow.timetables."


class DataInterval(NamedTuple):
    """The span of data that a DAG run works on; both ends are aware, `end` is exclusive."""

    start: DateTime
    end: DateTime

    @classmethod
    def exact(cls, at: DateTime) -> DataInterval:
        """Return the empty interval at one moment."""
        return cls(start=at, end=at)


class TimeRestriction(NamedTuple):
    """What bounds the runs of a DAG: its start and end date (of the logical date), and catchup."""

    earliest: DateTime | None
    latest: DateTime | None
    catchup: bool


class DagRunInfo(NamedTuple):
    """A run to come: when it is due, and the data that it is for."""

    run_after: DateTime
    data_interval: DataInterval

    @classmethod
    def exact(cls, at: DateTime) -> DagRunInfo:
        """Return the run that is due, and whose data is, at one moment."""
        return cls(run_after=at, data_interval=DataInterval.exact(at))

    @classmethod
    def interval(cls, start: DateTime, end: DateTime) -> DagRunInfo:
        """Return the run that is due at the end of its data interval."""
        return cls(run_after=end, data_interval=DataInterval(start, end))

    @property
    def logical_date(self) -> DateTime:
        """The start of the data interval, which identifies the run."""
        return self.data_interval.start


class Timetable:
    """When the runs of a DAG are due; the base class of all timetables, an author's own too.

    The engine knows the timetables of this package by what `describe` says, and computes their
    runs itself. It asks for the runs of an author's own class, in a process of their own: by
    `next_dagrun_info` and `infer_manual_data_interval`.
    """

    description: str = ""
    periodic: bool = True
    run_ordering: Sequence[str] = ("data_interval_end", "execution_date")
    active_runs_limit: int | None = None
    dataset_condition: BaseDataset | None = None

    @property
    def can_be_scheduled(self) -> bool:
        """Whether runs are ever created without being triggered."""
        return self.periodic

    @property
    def can_run(self) -> bool:
        """The same under its former name."""
        return self.can_be_scheduled

    @property
    def asset_condition(self) -> BaseDataset | None:
        """The datasets that cause runs, under Airflow 3's name."""
        return self.dataset_condition

    @property
    def summary(self) -> str:
        """A short text for people."""
        return type(self).__name__

    def validate(self) -> None:
        """Raise AirflowTimetableInvalid where the arguments make no timetable; for subclasses."""

    def serialize(self) -> dict[str, Any]:
        """Return the arguments as JSON values; for subclasses. The engine does not need them."""
        return {}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """Return the timetable that `serialize` has described."""
        return cls()

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        """Return the data interval of a run that is triggered by hand; for subclasses."""
        raise NotImplementedError(f"{type(self).__name__} lacks infer_manual_data_interval()")

    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        """Return the next run after the last scheduled one, or None; for subclasses."""
        raise NotImplementedError(f"{type(self).__name__} lacks next_dagrun_info()")

    def generate_run_id(
        self,
        *,
        run_type: DagRunType,
        logical_date: DateTime,
        data_interval: DataInterval | None = None,
        **extra: Any,
    ) -> str:
        """Return the id of a run."""
        return f"{run_type}__{logical_date.isoformat()}"

    def to_schedule(self) -> dict[str, Any]:
        """Return the `schedule` object of the serialized DAG."""
        if self._decides_itself():
            return self._describe_custom()
        return self.describe()

    def describe(self) -> dict[str, Any]:
        """Return the `schedule` object of a timetable that the engine knows."""
        raise AirflowTimetableInvalid(f"timetable {type(self).__name__} describes no schedule")

    def _decides_itself(self) -> bool:
        """Tell whether an author's code says when runs are due."""
        deciding = ("next_dagrun_info", "infer_manual_data_interval", "describe")
        methods = [getattr(type(self), name) for name in deciding]
        own = any(not method.__module__.startswith(_OWN_PACKAGE) for method in methods)
        return own or type(self).describe is Timetable.describe

    def _describe_custom(self) -> dict[str, Any]:
        own = type(self)
        return {
            "kind": "custom",
            "class": f"{own.__module__}.{own.__qualname__}",
            "summary": str(self.summary),
            "periodic": bool(self.periodic),
            "can_be_scheduled": bool(self.can_be_scheduled),
        }

    def following(self, moment: DateTime) -> DateTime | None:
        """Return the first due moment after `moment`, or None where time does not decide."""
        info = self.next_dagrun_info(
            last_automated_data_interval=self.infer_manual_data_interval(run_after=moment),
            restriction=TimeRestriction(earliest=None, latest=None, catchup=True),
        )
        return None if info is None else info.logical_date

    def preceding(self, moment: DateTime) -> DateTime | None:
        """Return the last due moment before `moment`, or None where time does not decide."""
        return None
