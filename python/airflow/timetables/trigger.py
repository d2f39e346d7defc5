"""Timetables whose runs start at each tick, not at the end of an interval."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pendulum import DateTime
from pendulum.tz.timezone import Timezone

from airflow.timetables._cron import CronMixin
from airflow.timetables._delta import DeltaMixin, plain_span, read_span, span_fields, span_seconds
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from airflow.utils import timezone as timezones

if TYPE_CHECKING:
    from airflow.timetables._delta import Delta

_NO_INTERVAL = dt.timedelta()


class _TriggerTimetable(Timetable):
    """Runs at each tick, on the data of the `interval` before it."""

    _interval: Delta
    _get_next: Any
    _align_to_next: Any

    def _first_without_catchup(self, earliest: DateTime | None) -> DateTime:
        candidates = [self._align_to_next(timezones.utcnow())]
        if earliest is not None:
            candidates.append(self._align_to_next(earliest))
        return max(candidates)

    def _next_tick(
        self, last: DataInterval | None, restriction: TimeRestriction
    ) -> DateTime | None:
        if restriction.catchup:
            if last is not None:
                return self._get_next(last.end)  # type: ignore[no-any-return]
            if restriction.earliest is None:
                return None
            return self._align_to_next(restriction.earliest)  # type: ignore[no-any-return]
        tick = self._first_without_catchup(restriction.earliest)
        return tick if last is None else max(tick, self._get_next(last.end))

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        return DataInterval(timezones.coerce_datetime(run_after - self._interval), run_after)

    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        tick = self._next_tick(last_automated_data_interval, restriction)
        if tick is None or (restriction.latest is not None and tick > restriction.latest):
            return None
        return DagRunInfo.interval(timezones.coerce_datetime(tick - self._interval), tick)


class CronTriggerTimetable(CronMixin, _TriggerTimetable):
    """Runs at each tick of a cron expression."""

    def __init__(
        self,
        cron: str,
        *,
        timezone: str | Timezone,
        interval: Delta = _NO_INTERVAL,
        run_immediately: bool | dt.timedelta = False,
    ) -> None:
        super().__init__(cron, timezone)
        self._interval = interval
        self.run_immediately = run_immediately

    def serialize(self) -> dict[str, Any]:
        return {**super().serialize(), "interval": span_fields(self._interval)}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        interval = read_span(data["interval"])
        return cls(data["expression"], timezone=data["timezone"], interval=interval)

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "cron_trigger",
            "expression": self._preset_or_expression,
            "timezone": self._timezone.name,
            "interval": plain_span(self._interval),
        }


class DeltaTriggerTimetable(DeltaMixin, _TriggerTimetable):
    """Runs one span after the other, from the start date on."""

    def __init__(self, delta: Delta, *, interval: Delta = _NO_INTERVAL) -> None:
        super().__init__(delta)
        self._interval = interval

    def serialize(self) -> dict[str, Any]:
        return {**super().serialize(), "interval": span_fields(self._interval)}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        return cls(read_span(data["delta"]), interval=read_span(data["interval"]))

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "delta_trigger",
            **span_fields(self._delta),
            "interval": plain_span(self._interval),
        }

    def _first_without_catchup(self, earliest: DateTime | None) -> DateTime:
        now = timezones.utcnow()
        past = now.timestamp() % span_seconds(self._delta)
        tick = timezones.from_timestamp(now.timestamp() - past)
        return tick if earliest is None else max(tick, earliest)


class MultipleCronTriggerTimetable(Timetable):
    """Runs at each tick of any of several cron expressions."""

    def __init__(
        self,
        *crons: str,
        timezone: str | Timezone,
        interval: Delta = _NO_INTERVAL,
        run_immediately: bool | dt.timedelta = False,
    ) -> None:
        if not crons:
            raise ValueError("cron expression required")
        self._timetables = [
            CronTriggerTimetable(
                cron, timezone=timezone, interval=interval, run_immediately=run_immediately
            )
            for cron in crons
        ]
        self.description = ", ".join(one.summary for one in self._timetables)

    @property
    def summary(self) -> str:
        return ", ".join(one.summary for one in self._timetables)

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        return self._timetables[0].infer_manual_data_interval(run_after=run_after)

    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        found = [
            one.next_dagrun_info(
                last_automated_data_interval=last_automated_data_interval, restriction=restriction
            )
            for one in self._timetables
        ]
        due = [info for info in found if info is not None]
        return min(due, key=lambda info: info.run_after, default=None)

    def following(self, moment: DateTime) -> DateTime | None:
        return min(one.following(moment) for one in self._timetables)

    def preceding(self, moment: DateTime) -> DateTime | None:
        return max(one.preceding(moment) for one in self._timetables)
