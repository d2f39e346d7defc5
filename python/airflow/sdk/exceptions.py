"""Exceptions under its path in Airflow 3."""

from __future__ import annotations

from airflow.exceptions import (
    AirflowConfigException,
    AirflowDagCycleException,
    DuplicateTaskIdFound,
    AirflowTimetableInvalid,
    AirflowOptionalProviderFeatureException,
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTerminated,
    AirflowTaskTimeout,
    DagRunTriggerException,
    DownstreamTasksSkipped,
    ParamValidationError,
    TaskDeferralError,
    TaskDeferralTimeout,
    TaskDeferred,
    XComNotFound,
)


class AirflowRuntimeError(AirflowException):
    """The engine refused a request of a task."""


__all__ = [
    "AirflowConfigException",
    "AirflowDagCycleException",
    "DuplicateTaskIdFound",
    "AirflowTimetableInvalid",
    "AirflowOptionalProviderFeatureException",
    "AirflowException",
    "AirflowFailException",
    "AirflowNotFoundException",
    "AirflowRescheduleException",
    "AirflowRuntimeError",
    "AirflowSensorTimeout",
    "AirflowSkipException",
    "AirflowTaskTerminated",
    "AirflowTaskTimeout",
    "DagRunTriggerException",
    "DownstreamTasksSkipped",
    "ParamValidationError",
    "TaskDeferralError",
    "TaskDeferralTimeout",
    "TaskDeferred",
    "XComNotFound",
]
