"""From the `schedule` argument of a DAG to its timetable."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Any

from pendulum.tz.timezone import Timezone

from airflow.exceptions import AirflowTimetableInvalid
from airflow.timetables.base import Timetable
from airflow.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
from airflow.timetables.simple import ContinuousTimetable, NullTimetable, OnceTimetable
from airflow.utils.types import ArgNotSet

DEFAULT_SCHEDULE = dt.timedelta(days=1)


def create_timetable(schedule: Any, timezone: Timezone) -> Timetable:
    """Return the timetable that `schedule` stands for; `timezone` is that of the DAG."""
    if isinstance(schedule, ArgNotSet):
        return DeltaDataIntervalTimetable(DEFAULT_SCHEDULE)
    if schedule is None:
        return NullTimetable()
    if isinstance(schedule, Timetable):
        return schedule
    if isinstance(schedule, str):
        return _from_text(schedule, timezone)
    if isinstance(schedule, dt.timedelta) or type(schedule).__name__ == "relativedelta":
        return DeltaDataIntervalTimetable(schedule)
    return _from_datasets(schedule)


def _from_text(schedule: str, timezone: Timezone) -> Timetable:
    if schedule == "@once":
        return OnceTimetable()
    if schedule == "@continuous":
        return ContinuousTimetable()
    return CronDataIntervalTimetable(schedule, timezone)


def _from_datasets(schedule: Any) -> Timetable:
    if not schedule and isinstance(schedule, (list, tuple, set)):
        return NullTimetable()
    # A schedule made of datasets has imported their module; others need not pay for it.
    if "airflow.datasets" in sys.modules:
        from airflow.datasets import coerce_condition
        from airflow.timetables.simple import DatasetTriggeredTimetable

        condition = coerce_condition(schedule, strict=False)
        if condition is not None:
            return DatasetTriggeredTimetable(condition)
    raise AirflowTimetableInvalid(
        f"schedule {schedule!r} is not supported; use a cron expression, a preset such as "
        "@daily, a timedelta, a Timetable, datasets, @once, @continuous or None"
    )
