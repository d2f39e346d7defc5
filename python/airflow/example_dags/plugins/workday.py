"""The timetable of the example DAG for timetables: a run after each day from Monday to Friday."""

from __future__ import annotations

from datetime import timedelta

import pendulum
from pendulum import DateTime

from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable

_DAY = timedelta(days=1)
_WEEKEND = (5, 6)


class AfterWorkdayTimetable(Timetable):
    """One data interval for each workday; it runs when the day has passed."""

    def get_next_workday(self, d: DateTime, incr: int = 1) -> DateTime:
        """Return the day itself or, of a weekend, the nearest workday after (before) it."""
        while d.weekday() in _WEEKEND:
            d = d.add(days=incr)
        return d

    def infer_manual_data_interval(self, run_after: DateTime) -> DataInterval:
        yesterday = run_after.in_timezone("UTC").start_of("day").subtract(days=1)
        start = self.get_next_workday(yesterday, incr=-1)
        return DataInterval(start=start, end=start + _DAY)

    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        start = self._next_start(last_automated_data_interval, restriction)
        if start is None:
            return None
        start = self.get_next_workday(start)
        if restriction.latest is not None and start > restriction.latest:
            return None
        return DagRunInfo.interval(start=start, end=start + _DAY)

    def _next_start(
        self, last: DataInterval | None, restriction: TimeRestriction
    ) -> DateTime | None:
        if last is not None:
            return last.start.in_timezone("UTC").start_of("day").add(days=1)
        if restriction.earliest is None:
            return None
        earliest = restriction.earliest.in_timezone("UTC")
        if not restriction.catchup:
            return max(earliest, pendulum.now("UTC")).start_of("day")
        midnight = earliest.start_of("day")
        return midnight if midnight == earliest else midnight.add(days=1)


class WorkdayTimetablePlugin(AirflowPlugin):
    """Registers the timetable."""

    name = "workday_timetable_plugin"
    timetables = [AfterWorkdayTimetable]
