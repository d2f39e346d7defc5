"""Moments of a cron expression in a time zone."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pendulum import DateTime
from pendulum.tz.timezone import Timezone

from airflow.exceptions import AirflowTimetableInvalid
from airflow.utils import timezone as timezones

if TYPE_CHECKING:
    from croniter import croniter

PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class CronMixin:
    """Steps along the ticks of a cron expression or preset."""

    def __init__(self, cron: str, timezone: str | Timezone) -> None:
        self._preset_or_expression = cron.strip()
        self._expression = PRESETS.get(self._preset_or_expression, self._preset_or_expression)
        self._timezone = (
            timezones.parse_timezone(timezone) if isinstance(timezone, str) else timezone
        )
        if self._expression.startswith("@") or len(self._expression.split()) != 5:
            raise AirflowTimetableInvalid(
                f"schedule {cron!r} is neither a preset ({', '.join(PRESETS)}, @once, "
                "@continuous) nor a cron expression of five fields"
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return (self._expression, self._timezone) == (other._expression, other._timezone)

    __hash__ = None  # type: ignore[assignment]

    @property
    def summary(self) -> str:
        """The expression or preset."""
        return self._preset_or_expression

    def serialize(self) -> dict[str, Any]:
        """Return the arguments as JSON values."""
        return {"expression": self._expression, "timezone": self._timezone.name}

    def validate(self) -> None:
        """Raise AirflowTimetableInvalid unless the expression can be understood."""
        try:
            self._croniter(dt.datetime(2024, 1, 1))
        except ValueError as error:
            raise AirflowTimetableInvalid(str(error)) from None

    def _croniter(self, start: dt.datetime) -> croniter:
        from croniter import croniter

        return croniter(self._expression, start_time=start)

    @cached_property
    def _should_fix_dst(self) -> bool:
        """Whether ticks follow each other by elapsed time, not at fixed times of the day."""
        ticks = self._croniter(dt.datetime(2024, 1, 1))
        first, second = ticks.get_next(dt.datetime), ticks.get_next(dt.datetime)
        return (first.hour, first.minute) != (second.hour, second.minute)

    def _step(self, current: DateTime, method: str) -> Any:
        naive = timezones.make_naive(current, self._timezone)
        due = getattr(self._croniter(naive), method)(dt.datetime)
        if self._should_fix_dst:
            return timezones.convert_to_utc(current + (due - naive))
        return timezones.convert_to_utc(timezones.make_aware(due, self._timezone))

    def _get_next(self, current: DateTime) -> Any:
        """Return the first tick after `current`."""
        return self._step(current, "get_next")

    def _get_prev(self, current: DateTime) -> Any:
        """Return the last tick before `current`."""
        return self._step(current, "get_prev")

    def _align_to_next(self, current: DateTime) -> Any:
        """Return `current` if it is a tick, else the next one."""
        following = self._get_next(current)
        return current if self._get_prev(following) == current else following

    def _align_to_prev(self, current: DateTime) -> Any:
        """Return `current` if it is a tick, else the one before."""
        preceding = self._get_prev(current)
        return current if self._get_next(preceding) == current else preceding

    def following(self, moment: DateTime) -> Any:
        """Return the first tick after `moment`."""
        return self._get_next(moment)

    def preceding(self, moment: DateTime) -> Any:
        """Return the last tick before `moment`."""
        return self._get_prev(moment)
