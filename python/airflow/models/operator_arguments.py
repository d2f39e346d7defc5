"""The arguments that every operator takes, their defaults and their checks.

An operator holds only the arguments that it was given; the defaults stay on the class. That keeps
DAGs of many thousand tasks small, and tells at a glance what a task sets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from airflow.configuration import conf
from airflow.exceptions import AirflowException
from airflow.utils import timezone
from airflow.utils.user_warnings import warn_removed, warn_user
from airflow.utils.trigger_rule import TriggerRule
from airflow.utils.weight_rule import WeightRule

Callbacks = Callable[..., Any] | Collection[Callable[..., Any]] | None

DEFAULT_OWNER: str = conf.get("operators", "default_owner")
DEFAULT_QUEUE: str = conf.get("operators", "default_queue")
DEFAULT_RETRIES: int = conf.getint("core", "default_task_retries")
DEFAULT_RETRY_DELAY = timedelta(seconds=conf.getint("core", "default_task_retry_delay"))
DEFAULT_POOL_NAME = "default_pool"
DEFAULT_POOL_SLOTS = 1
DEFAULT_PRIORITY_WEIGHT = 1
DEFAULT_WEIGHT_RULE = WeightRule(conf.get("core", "default_task_weight_rule"))
DEFAULT_TRIGGER_RULE = TriggerRule.ALL_SUCCESS
DEFAULT_IGNORE_FIRST_DEPENDS_ON_PAST: bool = conf.getboolean(
    "scheduler", "ignore_first_depends_on_past_by_default"
)
_EXECUTION_TIMEOUT: str = conf.get("core", "default_task_execution_timeout")
DEFAULT_TASK_EXECUTION_TIMEOUT = (
    timedelta(seconds=float(_EXECUTION_TIMEOUT)) if _EXECUTION_TIMEOUT else None
)


class OperatorArguments:
    """Every annotated name is an argument of all operators; its value here is the default."""

    owner: str = DEFAULT_OWNER
    email: str | Iterable[str] | None = None
    email_on_retry: bool = True
    email_on_failure: bool = True
    retries: int = DEFAULT_RETRIES
    retry_delay: timedelta = DEFAULT_RETRY_DELAY
    retry_exponential_backoff: bool = False
    max_retry_delay: timedelta | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    depends_on_past: bool = False
    ignore_first_depends_on_past: bool = DEFAULT_IGNORE_FIRST_DEPENDS_ON_PAST
    wait_for_past_depends_before_skipping: bool = False
    wait_for_downstream: bool = False
    priority_weight: int = DEFAULT_PRIORITY_WEIGHT
    weight_rule: str = DEFAULT_WEIGHT_RULE
    queue: str = DEFAULT_QUEUE
    pool: str = DEFAULT_POOL_NAME
    pool_slots: int = DEFAULT_POOL_SLOTS
    sla: timedelta | None = None
    execution_timeout: timedelta | None = DEFAULT_TASK_EXECUTION_TIMEOUT
    on_execute_callback: Callbacks = None
    on_failure_callback: Callbacks = None
    on_success_callback: Callbacks = None
    on_retry_callback: Callbacks = None
    on_skipped_callback: Callbacks = None
    trigger_rule: str = DEFAULT_TRIGGER_RULE
    resources: dict[str, Any] | None = None
    run_as_user: str | None = None
    map_index_template: str | None = None
    max_active_tis_per_dag: int | None = None
    max_active_tis_per_dagrun: int | None = None
    executor: str | None = None
    executor_config: dict[str, Any] | None = None
    do_xcom_push: bool = True
    multiple_outputs: bool = False
    inlets: Any = ()
    outlets: Any = ()
    doc: str | None = None
    doc_md: str | None = None
    doc_json: str | None = None
    doc_yaml: str | None = None
    doc_rst: str | None = None
    task_display_name: str | None = None
    logger_name: str | None = None
    allow_nested_operators: bool = True


ARGUMENTS = frozenset(OperatorArguments.__annotations__)


def take_arguments(given: dict[str, Any], where: str) -> dict[str, Any]:
    """Remove the arguments that every operator takes from `given`; return them checked.

    `where` names the task in error messages. A value of None for an argument whose default is
    not None means the default.
    """
    _rename_old_spellings(given)
    taken = {}
    for name in ARGUMENTS & given.keys():
        value = given.pop(name)
        default = getattr(OperatorArguments, name)
        if value is None and default is not None:
            continue
        check = _CHECKS.get(name)
        taken[name] = check(name, value, where) if check and value is not None else value
    return taken


def _rename_old_spellings(given: dict[str, Any]) -> None:
    if "task_concurrency" in given:
        warn_removed(
            "The 'task_concurrency' parameter is deprecated. Please use 'max_active_tis_per_dag'."
        )
        given.setdefault("max_active_tis_per_dag", given.pop("task_concurrency"))
    if given.get("trigger_rule") == "dummy":
        warn_removed("The trigger rule 'dummy' is deprecated. Please use 'always'.")
        given["trigger_rule"] = TriggerRule.ALWAYS
    if given.get("trigger_rule") == "none_failed_or_skipped":
        warn_removed(
            "The trigger rule 'none_failed_or_skipped' is deprecated. Please use "
            "'none_failed_min_one_success'."
        )
        given["trigger_rule"] = TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS


def _check_span(name: str, value: Any, where: str) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return timedelta(seconds=value)
    raise TypeError(f"{where}: {name} must be timedelta or a number of seconds; it is {value!r}")


def _check_timeout(name: str, value: Any, where: str) -> timedelta:
    if not isinstance(value, timedelta):
        raise ValueError(
            f"{where}: {name} must be timedelta object but passed as type: {type(value)}"
        )
    return value


def _check_moment(name: str, value: Any, where: str) -> Any:
    if isinstance(value, str):
        return timezone.convert_to_utc(timezone.parse(value))
    if isinstance(value, datetime):
        return timezone.convert_to_utc(value)
    raise AirflowException(f"{where}: {name} must be a datetime; it is {value!r}")


def _check_count(minimum: int) -> Callable[[str, Any, str], int]:
    def check(name: str, value: Any, where: str) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise AirflowException(f"{where}: {name} must be an integer; it is {value!r}") from None
        if number < minimum:
            raise ValueError(f"{where}: {name} cannot be less than {minimum}; it is {number}")
        return number

    return check


def _check_trigger_rule(name: str, value: Any, where: str) -> TriggerRule:
    if not TriggerRule.is_valid(value):
        known = ", ".join(sorted(TriggerRule.all_triggers()))
        raise AirflowException(f"{where}: {name} must be one of {known}; it is {value!r}")
    return TriggerRule(value)


def _check_weight_rule(name: str, value: Any, where: str) -> WeightRule:
    if hasattr(value, "get_weight") or (isinstance(value, str) and "." in value):
        warn_user(
            f"{where}: a weight strategy of one's own is not asked; priority_weight counts as it is"
        )
        return WeightRule.ABSOLUTE
    if not WeightRule.is_valid(value):
        known = ", ".join(sorted(WeightRule.all_weight_rules()))
        raise AirflowException(f"{where}: {name} must be one of {known}; it is {value!r}")
    return WeightRule(value)


def _check_priority(name: str, value: Any, where: str) -> int:
    if not isinstance(value, int):
        raise AirflowException(f"{where}: {name} must be an integer; it is {value!r}")
    return value


def _as_list(name: str, value: Any, where: str) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple, set)) else [value]


_CHECKS: dict[str, Callable[[str, Any, str], Any]] = {
    "retries": _check_count(0),
    "retry_delay": _check_span,
    "max_retry_delay": _check_span,
    "start_date": _check_moment,
    "end_date": _check_moment,
    "priority_weight": _check_priority,
    "weight_rule": _check_weight_rule,
    "pool_slots": _check_count(1),
    "execution_timeout": _check_timeout,
    "inlets": _as_list,
    "outlets": _as_list,
    "trigger_rule": _check_trigger_rule,
    "max_active_tis_per_dag": _check_count(1),
    "max_active_tis_per_dagrun": _check_count(1),
}
