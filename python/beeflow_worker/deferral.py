"""What a task that defers itself hands over: a trigger, and where it goes on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow import _json
from airflow.exceptions import AirflowException, TaskDeferred

from beeflow_worker.outcome import Deferral


class StartFromTrigger(Exception):  # noqa: N818 - control flow, not an error
    """The operator starts in its trigger: it has `start_from_trigger`."""

    def __init__(self, arguments: Any) -> None:
        super().__init__("the task starts in its trigger")
        self.arguments = arguments


def describe_deferral(error: TaskDeferred | StartFromTrigger) -> Deferral:
    """Return what to send; an error where the trigger is not one, or holds what JSON lacks."""
    if isinstance(error, StartFromTrigger):
        given = error.arguments
        classpath, kwargs = given.trigger_cls, given.trigger_kwargs
        method, next_kwargs, timeout = given.next_method, given.next_kwargs, given.timeout
    else:
        classpath, kwargs = _serialize(error.trigger)
        method, next_kwargs, timeout = error.method_name, error.kwargs, error.timeout
    return Deferral(
        classpath=classpath,
        trigger_kwargs=_encode(kwargs, f"trigger {classpath}"),
        next_method=method,
        next_kwargs=_encode(next_kwargs, f"the kwargs of {method}"),
        timeout=timeout.total_seconds() if isinstance(timeout, timedelta) else timeout,
    )


def _serialize(trigger: Any) -> tuple[str, dict[str, Any]]:
    try:
        classpath, kwargs = trigger.serialize()
    except (AttributeError, TypeError, ValueError) as error:
        raise AirflowException(
            f"the task deferred to {trigger!r}, no trigger that can be serialized ({error})"
        ) from None
    return classpath, kwargs


def _encode(values: dict[str, Any] | None, what: str) -> dict[str, Any]:
    try:
        encoded: dict[str, Any] = _json.encode(dict(values or {}))
        return encoded
    except (TypeError, ValueError) as error:
        raise AirflowException(f"{what} cannot be handed over, because {error}") from None


def as_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one without a zone is in UTC."""
    from airflow.utils import timezone

    converted: datetime = timezone.convert_to_utc(moment)
    return converted
