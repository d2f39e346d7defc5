"""Timetables in which the clock plays no part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pendulum import DateTime

from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from airflow.utils import timezone

if TYPE_CHECKING:
    from airflow.datasets import BaseDataset


class _TrivialTimetable(Timetable):
    """Has no arguments, and a run triggered by hand has no interval."""

    periodic = False
    run_ordering = ("execution_date",)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    __hash__ = None  # type: ignore[assignment]

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        return DataInterval.exact(run_after)

    def following(self, moment: DateTime) -> DateTime | None:
        return None


class NullTimetable(_TrivialTimetable):
    """`schedule=None`: runs are only triggered."""

    description = "Never, external triggers only"
    summary = "None"
    can_be_scheduled = False

    def describe(self) -> dict[str, Any]:
        return {"kind": "none"}

    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        return None


class OnceTimetable(_TrivialTimetable):
    """`schedule="@once"`: one run."""

    description = "Once, as soon as possible"
    summary = "@once"
    can_be_scheduled = True

    def describe(self) -> dict[str, Any]:
        return {"kind": "once"}

    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        if last_automated_data_interval is not None or restriction.earliest is None:
            return None
        if restriction.latest is not None and restriction.earliest > restriction.latest:
            return None
        return DagRunInfo.exact(restriction.earliest)


class ContinuousTimetable(_TrivialTimetable):
    """`schedule="@continuous"`: the next run starts as soon as the last one has ended."""

    description = "As frequently as possible, but only one run at a time."
    summary = "@continuous"
    active_runs_limit = 1
    can_be_scheduled = True

    def describe(self) -> dict[str, Any]:
        return {"kind": "continuous"}

    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        if restriction.earliest is None:
            return None
        now = timezone.utcnow()
        if last_automated_data_interval is None:
            start, end = restriction.earliest, max(restriction.earliest, now)
        else:
            start, end = last_automated_data_interval.end, now
        if restriction.latest is not None and end > restriction.latest:
            return None
        return DagRunInfo.interval(start, end)


class DatasetTriggeredTimetable(_TrivialTimetable):
    """`schedule=[Dataset("s3://bucket/key")]`: a run as soon as all datasets have been updated."""

    description = "Triggered by datasets"
    summary = "Dataset"
    can_be_scheduled = True

    def __init__(self, datasets: BaseDataset) -> None:
        self.dataset_condition = datasets

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DatasetTriggeredTimetable):
            return NotImplemented
        return self.describe() == other.describe()

    __hash__ = None  # type: ignore[assignment]

    def describe(self) -> dict[str, Any]:
        assert self.dataset_condition is not None
        return {"kind": "datasets", "condition": self.dataset_condition.to_condition()}

    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        return None


AssetTriggeredTimetable = DatasetTriggeredTimetable
