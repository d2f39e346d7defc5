"""TimeSensor: waits for a time of the day."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, NoReturn

import pendulum

from airflow.configuration import conf
from airflow.sensors.base import BaseSensorOperator
from airflow.utils import timezone

if TYPE_CHECKING:
    from airflow.utils.context import Context


class TimeSensor(BaseSensorOperator):
    """Waits until the time of the day, in the DAG's time zone, is later than `target_time`.

    :param deferrable: wait in a trigger instead of in the task.
    :param end_from_trigger: end the task in the trigger, without running the operator again.
    :param start_from_trigger, trigger_kwargs: accepted; the task defers at once anyway.
    """

    def __init__(
        self,
        *,
        target_time: datetime.time,
        deferrable: bool | None = None,
        start_from_trigger: bool = False,
        end_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.target_time = target_time
        if deferrable is None:
            deferrable = conf.getboolean("operators", "default_deferrable", False)
        self.deferrable = deferrable
        self.end_from_trigger = end_from_trigger

    @property
    def target_datetime(self) -> datetime.datetime:
        """The target time of today, in UTC."""
        zone = self.dag.timezone if self.has_dag() else timezone.default_timezone()
        today = pendulum.now(zone).date()
        moment = datetime.datetime.combine(today, self.target_time)
        if moment.tzinfo is None:
            moment = timezone.make_aware(moment, zone)
        return timezone.convert_to_utc(moment)

    def execute(self, context: Context) -> Any:
        if not self.deferrable:
            return super().execute(context)
        return self._defer_until_target()

    def _defer_until_target(self) -> NoReturn:
        from airflow.triggers.temporal import DateTimeTrigger

        self.defer(
            trigger=DateTimeTrigger(self.target_datetime, end_from_trigger=self.end_from_trigger),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Context, event: Any = None) -> None:
        """Go on once the trigger has fired; nothing is left to do."""

    def poke(self, context: Context) -> bool:
        self.log.info("Checking if the time (%s) has come", self.target_time)
        return timezone.utcnow() > self.target_datetime


class TimeSensorAsync(TimeSensor):
    """Waits for a time of the day in a trigger."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["deferrable"] = True
        super().__init__(**kwargs)
