"""TimeDeltaSensor: waits for a time span after the data interval."""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.sensors.base import BaseSensorOperator
from airflow.utils import timezone

if TYPE_CHECKING:
    from airflow.utils.context import Context


class TimeDeltaSensor(BaseSensorOperator):
    """Waits until `delta` after the end of the run's data interval.

    :param deferrable: wait in a trigger instead of in the task.
    """

    def __init__(
        self,
        *,
        delta: datetime.timedelta,
        deferrable: bool | None = None,
        end_from_trigger: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.delta = delta
        if deferrable is None:
            deferrable = conf.getboolean("operators", "default_deferrable", False)
        self.deferrable = deferrable
        self.end_from_trigger = end_from_trigger

    def _target(self, context: Context) -> datetime.datetime:
        run = context["dag_run"]
        base = context["data_interval_end"] or run.start_date or timezone.utcnow()
        return base + self.delta

    def poke(self, context: Context) -> bool:
        target = self._target(context)
        self.log.info("Checking if the time (%s) has come, delta=%s", target, self.delta)
        return timezone.utcnow() > target

    def execute(self, context: Context) -> Any:
        if not self.deferrable:
            return super().execute(context)
        target = self._target(context)
        if timezone.utcnow() > target:
            return None
        from airflow.triggers.temporal import DateTimeTrigger

        self.defer(
            trigger=DateTimeTrigger(target, end_from_trigger=self.end_from_trigger),
            method_name="execute_complete",
            timeout=datetime.timedelta(seconds=self.timeout),
        )

    def execute_complete(self, context: Context, event: Any = None) -> None:
        """Go on once the trigger has fired; nothing is left to do."""


class TimeDeltaSensorAsync(TimeDeltaSensor):
    """Waits in a trigger for a time span after the data interval."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["deferrable"] = True
        super().__init__(**kwargs)


class WaitSensor(BaseSensorOperator):
    """Waits for a time span from now.

    :param time_to_wait: the span: a timedelta, or minutes.
    :param deferrable: wait in a trigger instead of in the task.
    """

    template_fields: Sequence[str] = ("time_to_wait",)

    def __init__(
        self,
        time_to_wait: datetime.timedelta | int,
        deferrable: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if deferrable is None:
            deferrable = conf.getboolean("operators", "default_deferrable", False)
        self.deferrable = deferrable
        if not isinstance(time_to_wait, datetime.timedelta):
            time_to_wait = datetime.timedelta(minutes=time_to_wait)
        self.time_to_wait = time_to_wait

    def execute(self, context: Context) -> None:
        if not self.deferrable:
            time.sleep(self.time_to_wait.total_seconds())
            return
        from airflow.triggers.temporal import TimeDeltaTrigger

        self.defer(
            trigger=TimeDeltaTrigger(self.time_to_wait, end_from_trigger=True),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Context, event: Any = None) -> None:
        """Go on once the trigger has fired; nothing is left to do."""
