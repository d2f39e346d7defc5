"""DateTimeSensor: waits for a moment."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.sensors.base import BaseSensorOperator
from airflow.utils import timezone

if TYPE_CHECKING:
    from airflow.utils.context import Context


class DateTimeSensor(BaseSensorOperator):
    """Waits until `target_time`.

    :param target_time: the moment: a datetime, or text of one. (templated)
    """

    template_fields: Sequence[str] = ("target_time",)

    def __init__(self, *, target_time: str | datetime.datetime, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(target_time, datetime.datetime):
            self.target_time = target_time.isoformat()
        elif isinstance(target_time, str) or hasattr(target_time, "resolve"):
            self.target_time = target_time
        else:
            raise TypeError(
                "Expected str or datetime.datetime type for target_time. "
                f"Got {type(target_time)}"
            )

    @property
    def _moment(self) -> datetime.datetime:
        target: Any = self.target_time
        if isinstance(target, datetime.datetime):  # a template that renders to an object
            return timezone.convert_to_utc(target)
        return timezone.parse(target)

    def poke(self, context: Context) -> bool:
        self.log.info("Checking if the time (%s) has come", self.target_time)
        return timezone.utcnow() > self._moment


class DateTimeSensorAsync(DateTimeSensor):
    """Waits until `target_time` in a trigger.

    :param end_from_trigger: end the task in the trigger, without running the operator again.
    :param start_from_trigger, trigger_kwargs: accepted; the task defers at once anyway.
    """

    def __init__(
        self,
        *,
        start_from_trigger: bool = False,
        end_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.end_from_trigger = end_from_trigger

    def execute(self, context: Context) -> NoReturn:
        from airflow.triggers.temporal import DateTimeTrigger

        self.defer(
            trigger=DateTimeTrigger(self._moment, end_from_trigger=self.end_from_trigger),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Context, event: Any = None) -> None:
        """Go on once the trigger has fired; nothing is left to do."""
