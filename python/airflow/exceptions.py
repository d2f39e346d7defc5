"""Exceptions that DAG files and operators raise and catch; names and bases are Airflow's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class AirflowException(Exception):
    """Base class of all errors of the authoring API; a task that raises it fails."""

    status_code = 500


class AirflowBadRequest(AirflowException):
    """The request is malformed."""

    status_code = 400


class AirflowNotFoundException(AirflowException):
    """The requested object (a connection, for example) does not exist."""

    status_code = 404


class AirflowConfigException(AirflowException):
    """The configuration is wrong or lacks a value."""


class AirflowSkipException(AirflowException):
    """Raise it in a task to have the task skipped."""


class AirflowFailException(AirflowException):
    """Raise it in a task to have the task fail without another try."""


class AirflowSensorTimeout(AirflowException):
    """A sensor waited for longer than its timeout."""


class AirflowPokeFailException(AirflowException):
    """A sensor cannot succeed any more."""


class AirflowOptionalProviderFeatureException(AirflowException):
    """An optional feature of a provider package is not available."""


class AirflowInternalRuntimeError(BaseException):
    """The task cannot go on for a reason outside of user code."""


class AirflowTaskTimeout(BaseException):
    """The task ran for longer than its `execution_timeout`."""


class AirflowTaskTerminated(BaseException):
    """The task was told to end (SIGTERM)."""


class AirflowRescheduleException(AirflowException):
    """A sensor asks to be run again at `reschedule_date`."""

    def __init__(self, reschedule_date: Any) -> None:
        super().__init__(f"rescheduled to {reschedule_date}")
        self.reschedule_date = reschedule_date


class TaskDeferred(BaseException):
    """An operator hands its waiting over to a trigger."""

    def __init__(
        self,
        *,
        trigger: Any,
        method_name: str,
        kwargs: dict[str, Any] | None = None,
        timeout: Any = None,
    ) -> None:
        super().__init__(f"deferred to {trigger!r}")
        self.trigger = trigger
        self.method_name = method_name
        self.kwargs = kwargs
        self.timeout = timeout


class TaskDeferralError(AirflowException):
    """The trigger of a deferred task failed."""


class TaskDeferralTimeout(AirflowException):
    """The trigger of a deferred task took longer than its timeout."""


class InvalidStatsNameException(AirflowException):
    """The name of a metric is not valid."""


class AirflowDagCycleException(AirflowException):
    """The dependencies of a DAG form a cycle."""


class AirflowDagInconsistent(AirflowException):
    """The arguments of a DAG contradict each other."""


class AirflowDagDuplicatedIdException(AirflowException):
    """Two DAGs have the same id."""

    def __init__(self, dag_id: str, incoming: str, existing: str) -> None:
        super().__init__(dag_id, incoming, existing)
        self.dag_id = dag_id
        self.incoming = incoming
        self.existing = existing

    def __str__(self) -> str:
        if self.incoming == self.existing:
            return f"Ignoring DAG {self.dag_id} from {self.incoming}: the file defines it twice"
        return f"Ignoring DAG {self.dag_id} from {self.incoming}: also found in {self.existing}"


class AirflowClusterPolicyViolation(AirflowException):
    """A DAG or task breaks a policy of the installation."""


class AirflowTimetableInvalid(AirflowException):
    """The schedule of a DAG cannot be understood."""


class DagInvalidTriggerRule(AirflowException):
    """A task of a fail-stop DAG has a trigger rule other than `all_success`."""

    @classmethod
    def check(cls, *, fail_stop: bool, trigger_rule: str) -> None:
        """Raise this error if a fail-stop DAG cannot have `trigger_rule`."""
        if fail_stop and trigger_rule != "all_success":
            raise cls("A 'fail-stop' dag can only have all_success trigger rule")


class DagNotFound(AirflowNotFoundException):
    """There is no such DAG."""


class DagRunNotFound(AirflowNotFoundException):
    """There is no such DAG run."""


class DagRunAlreadyExists(AirflowBadRequest):
    """The DAG run exists already."""


class DuplicateTaskIdFound(AirflowException):
    """A task id or task group id is used twice in one DAG."""


class TaskAlreadyInTaskGroup(AirflowException):
    """A task cannot be added to a second task group."""

    def __init__(
        self, task_id: str, existing_group_id: str | None, new_group_id: str | None
    ) -> None:
        existing = f"{existing_group_id!r}" if existing_group_id else "the DAG's root group"
        super().__init__(
            f"cannot add {task_id!r} to {new_group_id!r} (already in group {existing})"
        )


class TaskNotFound(AirflowNotFoundException):
    """There is no such task."""


class TaskInstanceNotFound(AirflowNotFoundException):
    """There is no such task instance."""


class PoolNotFound(AirflowNotFoundException):
    """There is no such pool."""


class ParamValidationError(AirflowException):
    """The value of a param does not match its schema."""


class XComNotFound(AirflowException):
    """A task refers to an XCom that was not pushed."""

    def __init__(self, dag_id: str, task_id: str, key: str) -> None:
        super().__init__(dag_id, task_id, key)
        self.dag_id = dag_id
        self.task_id = task_id
        self.key = key

    def __str__(self) -> str:
        return (
            f"XComArg result from {self.task_id} at {self.dag_id} with "
            f'key="{self.key}" is not found!'
        )


class UnmappableOperator(AirflowException):
    """The operator cannot be mapped."""


class ConnectionNotUnique(AirflowException):
    """More than one connection has the id."""


class AirflowFileParseException(AirflowException):
    """A file of variables or connections cannot be read."""

    def __init__(self, msg: str, file_path: str, parse_errors: Sequence[Any] = ()) -> None:
        super().__init__(msg)
        self.msg = msg
        self.file_path = file_path
        self.parse_errors = list(parse_errors)

    def __str__(self) -> str:
        details = "".join(f"\n  {error}" for error in self.parse_errors)
        return f"{self.msg}\nFilename: {self.file_path}{details}"


class RemovedInAirflow3Warning(DeprecationWarning):
    """The DAG file uses a spelling that Airflow 3 no longer knows."""

    deprecated_since: str | None = None


class AirflowProviderDeprecationWarning(DeprecationWarning):
    """The DAG file uses a deprecated feature of a provider package."""

    deprecated_provider_since: str | None = None


class AirflowWebServerException(AirflowException):
    """The web server has failed."""


class AirflowClusterPolicySkipDag(AirflowException):
    """A policy of the installation leaves a DAG out."""


class AirflowClusterPolicyError(AirflowException):
    """A policy of the installation has failed."""


class XComForMappingNotPushed(AirflowException):
    """A task that others are mapped over has returned nothing."""


class UnmappableXComTypePushed(AirflowException):
    """A task that others are mapped over has returned neither a list nor a dict."""


class UnmappableXComLengthPushed(AirflowException):
    """A task that others are mapped over has returned too many items."""


class DagCodeNotFound(AirflowNotFoundException):
    """The source of the DAG is not known."""


class DagFileExists(AirflowBadRequest):
    """The DAG file exists already."""


class FailStopDagInvalidTriggerRule(DagInvalidTriggerRule):
    """The same error under a name of Airflow 2."""


class SerializationError(AirflowException):
    """A DAG or value cannot be written as JSON."""


class DeserializingResultError(ValueError):
    """The result of a task in a virtual environment cannot be read here."""


class UnknownExecutorException(ValueError):
    """There is no such executor."""


class NoAvailablePoolSlot(AirflowException):
    """The pool is full."""


class DagConcurrencyLimitReached(AirflowException):
    """The DAG runs as many tasks as it may."""


class TaskConcurrencyLimitReached(AirflowException):
    """The task runs as often at once as it may."""


class BackfillUnfinished(AirflowException):
    """Not all tasks of a backfill have succeeded."""

    def __init__(self, message: str, ti_status: Any = None) -> None:
        super().__init__(message)
        self.ti_status = ti_status


class PodMutationHookException(AirflowException):
    """A policy for pods has failed."""


class PodReconciliationError(AirflowException):
    """The specification of a pod cannot be merged."""


class DownstreamTasksSkipped(AirflowException):
    """A task asks that tasks after it be skipped."""

    def __init__(self, *, tasks: Sequence[Any]) -> None:
        super().__init__(f"skip {list(tasks)}")
        self.tasks = tasks


class RemovedInAirflow4Warning(DeprecationWarning):
    """The DAG file uses a spelling that Airflow 4 will not know."""


class FileSyntaxError(Exception):
    """A line of a file of variables or connections cannot be read."""

    def __init__(self, line_no: int | None, message: str) -> None:
        super().__init__(message)
        self.line_no = line_no
        self.message = message

    def __str__(self) -> str:
        return f"{self.message}. Line number: {self.line_no}"


class DagRunTriggerException(AirflowException):
    """A task asks that a run of another DAG be started; an operator's own way in Airflow 3."""
