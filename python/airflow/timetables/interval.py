"""Timetables whose runs each cover the interval since the run before."""

from __future__ import annotations

from typing import Any

from pendulum import DateTime

from airflow.timetables._cron import CronMixin
from airflow.timetables._delta import DeltaMixin, read_span, span_fields, span_seconds
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from airflow.utils import timezone as timezones


class _DataIntervalTimetable(Timetable):
    """Runs at the end of each interval; subclasses step from end to end."""

    _get_next: Any
    _get_prev: Any
    _align_to_next: Any
    _align_to_prev: Any

    def _skip_to_latest(self, earliest: DateTime | None) -> DateTime:
        """Return the start of the latest interval that may run, without catchup."""
        raise NotImplementedError

    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        earliest = restriction.earliest
        if not restriction.catchup:
            earliest = self._skip_to_latest(earliest)
        elif earliest is not None:
            earliest = self._align_to_next(earliest)
        if last_automated_data_interval is None:
            start = earliest
        else:
            # The schedule may have changed since the last run.
            start = self._align_to_prev(last_automated_data_interval.end)
            start = start if earliest is None else max(start, earliest)
        if start is None or (restriction.latest is not None and start > restriction.latest):
            return None
        return DagRunInfo.interval(start=start, end=self._get_next(start))


class CronDataIntervalTimetable(CronMixin, _DataIntervalTimetable):
    """`schedule="*/5 * * * *"` or a preset such as `@daily`, in a time zone."""

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        return cls(data["expression"], data["timezone"])

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "cron",
            "expression": self._preset_or_expression,
            "timezone": self._timezone.name,
        }

    def _skip_to_latest(self, earliest: DateTime | None) -> DateTime:
        now = timezones.utcnow()
        last = self._get_prev(now)
        # At a tick the interval that ends there is complete, else the one before.
        start: DateTime = last if self._get_next(last) == now else self._get_prev(last)
        return start if earliest is None else max(start, self._align_to_next(earliest))

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        end = self._align_to_prev(run_after)
        return DataInterval(start=self._get_prev(end), end=end)


class DeltaDataIntervalTimetable(DeltaMixin, _DataIntervalTimetable):
    """`schedule=timedelta(hours=6)`, or a relativedelta."""

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        return cls(read_span(data["delta"]))

    def describe(self) -> dict[str, Any]:
        return {"kind": "delta", **span_fields(self._delta)}

    def _skip_to_latest(self, earliest: DateTime | None) -> DateTime:
        now = timezones.utcnow()
        past = now.timestamp() % span_seconds(self._delta)
        start: DateTime = self._get_prev(timezones.from_timestamp(now.timestamp() - past))
        return start if earliest is None else max(start, earliest)

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        return DataInterval(start=self._get_prev(run_after), end=run_after)
