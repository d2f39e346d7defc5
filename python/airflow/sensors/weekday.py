"""DayOfWeekSensor: waits for a day of the week."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow.sensors.base import BaseSensorOperator
from airflow.utils import timezone
from airflow.utils.user_warnings import warn_removed
from airflow.utils.weekday import WeekDay

if TYPE_CHECKING:
    from airflow.utils.context import Context


class DayOfWeekSensor(BaseSensorOperator):
    """Waits until it is one of the given days of the week.

    :param week_day: day, or days, as `WeekDay` or by its English name.
    :param use_task_logical_date: compare with the logical date instead of the day it is now.
    """

    def __init__(
        self,
        *,
        week_day: str | Iterable[str] | WeekDay | Iterable[WeekDay],
        use_task_logical_date: bool = False,
        use_task_execution_day: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if use_task_execution_day is not None:
            warn_removed(
                "Parameter ``use_task_execution_day`` is deprecated. Use "
                "``use_task_logical_date``."
            )
            use_task_logical_date = use_task_execution_day
        self.week_day = week_day
        self.use_task_logical_date = use_task_logical_date
        self._week_day_num = WeekDay.validate_week_day(week_day)

    def poke(self, context: Context) -> bool:
        today = timezone.make_naive(timezone.utcnow(), self.dag.timezone)
        if self.use_task_logical_date:
            today = context["logical_date"]
        self.log.info(
            "Poking until weekday is in %s, Today is %s",
            self.week_day,
            WeekDay(today.isoweekday()).name,
        )
        return today.isoweekday() in self._week_day_num
