"""Runs by time, and by updates of datasets too."""

from __future__ import annotations

from typing import Any

from pendulum import DateTime

from airflow.datasets import coerce_condition
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable


class DatasetOrTimeSchedule(Timetable):
    """Runs by `timetable`, and whenever the datasets have been updated."""

    def __init__(self, *, timetable: Timetable, datasets: Any) -> None:
        self.timetable = timetable
        self.dataset_condition = coerce_condition(datasets)
        self.description = f"Triggered by datasets or {timetable.description}"
        self.periodic = timetable.periodic
        self.active_runs_limit = timetable.active_runs_limit

    @property
    def can_be_scheduled(self) -> bool:
        return self.timetable.can_be_scheduled

    @property
    def summary(self) -> str:
        return f"Dataset or {self.timetable.summary}"

    def validate(self) -> None:
        self.timetable.validate()

    def describe(self) -> dict[str, Any]:
        assert self.dataset_condition is not None
        return {
            "kind": "datasets_or_time",
            "condition": self.dataset_condition.to_condition(),
            "schedule": self.timetable.to_schedule(),
        }

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        return self.timetable.infer_manual_data_interval(run_after=run_after)

    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        return self.timetable.next_dagrun_info(
            last_automated_data_interval=last_automated_data_interval, restriction=restriction
        )

    def following(self, moment: DateTime) -> DateTime | None:
        return self.timetable.following(moment)

    def preceding(self, moment: DateTime) -> DateTime | None:
        return self.timetable.preceding(moment)
