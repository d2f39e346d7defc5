"""Timetables whose runs each cover the interval since the run before."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pendulum import DateTime
from pendulum.tz.timezone import Timezone

from airflow.exceptions import AirflowTimetableInvalid
from airflow.timetables.base import Timetable
from airflow.utils import timezone as timezones

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta

_PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class CronDataIntervalTimetable(Timetable):
    """`schedule="*/5 * * * *"` or a preset such as `@daily`, in a time zone."""

    def __init__(self, cron: str, timezone: str | Timezone) -> None:
        self._preset_or_expression = cron.strip()
        self._expression = _PRESETS.get(self._preset_or_expression, self._preset_or_expression)
        self._timezone = (
            timezones.parse_timezone(timezone) if isinstance(timezone, str) else timezone
        )
        if self._expression.startswith("@") or len(self._expression.split()) != 5:
            raise AirflowTimetableInvalid(
                f"schedule {cron!r} is neither a preset ({', '.join(_PRESETS)}, @once, "
                "@continuous) nor a cron expression of five fields"
            )

    @property
    def summary(self) -> str:
        return self._preset_or_expression

    def to_schedule(self) -> dict[str, Any]:
        return {
            "kind": "cron",
            "expression": self._preset_or_expression,
            "timezone": self._timezone.name,
        }

    def following(self, moment: DateTime) -> Any:
        return self._step(moment, "get_next")

    def preceding(self, moment: DateTime) -> Any:
        return self._step(moment, "get_prev")

    def _step(self, moment: DateTime, method: str) -> Any:
        from croniter import croniter

        local = timezones.make_naive(moment, self._timezone)
        due = getattr(croniter(self._expression, start_time=local), method)(dt.datetime)
        return timezones.convert_to_utc(timezones.make_aware(due, self._timezone))


class DeltaDataIntervalTimetable(Timetable):
    """`schedule=timedelta(hours=6)`, or a relativedelta."""

    def __init__(self, delta: dt.timedelta | relativedelta) -> None:
        if isinstance(delta, dt.timedelta) and delta <= dt.timedelta():
            raise AirflowTimetableInvalid(f"schedule {delta!r} must be longer than zero")
        self._delta = delta

    @property
    def summary(self) -> str:
        return str(self._delta)

    def to_schedule(self) -> dict[str, Any]:
        if isinstance(self._delta, dt.timedelta):
            return {"kind": "delta", "seconds": self._delta.total_seconds()}
        return self._relative_schedule(self._delta)

    @staticmethod
    def _relative_schedule(delta: relativedelta) -> dict[str, Any]:
        absolute = ("year", "month", "day", "weekday", "hour", "minute", "second", "microsecond")
        if delta.leapdays or any(getattr(delta, field) is not None for field in absolute):
            raise AirflowTimetableInvalid(
                f"schedule {delta!r} fixes a point in time; only relative parts (months=1, "
                "days=2) are supported"
            )
        normal = delta.normalized()
        days = dt.timedelta(
            days=normal.days,
            hours=normal.hours,
            minutes=normal.minutes,
            seconds=normal.seconds,
            microseconds=normal.microseconds,
        )
        months = normal.years * 12 + normal.months
        return {"kind": "delta", "seconds": days.total_seconds(), "months": months}

    def following(self, moment: DateTime) -> Any:
        return timezones.convert_to_utc(moment + self._delta)

    def preceding(self, moment: DateTime) -> Any:
        return timezones.convert_to_utc(moment - self._delta)
