"""From the `schedule` argument of a DAG to its timetable."""

from __future__ import annotations

import datetime as dt
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
    raise AirflowTimetableInvalid(
        f"schedule {schedule!r} is not supported; use a cron expression, a preset such as "
        "@daily, a timedelta, @once, @continuous or None"
    )


def _from_text(schedule: str, timezone: Timezone) -> Timetable:
    if schedule == "@once":
        return OnceTimetable()
    if schedule == "@continuous":
        return ContinuousTimetable()
    return CronDataIntervalTimetable(schedule, timezone)
