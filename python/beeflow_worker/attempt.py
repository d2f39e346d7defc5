"""Execution of one attempt: render the templates, call the operator, judge how it ended."""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import signal
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any

import pendulum

from airflow import _json
from airflow.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTerminated,
    AirflowTaskTimeout,
    TaskDeferred,
)
from airflow.models.abstractoperator import AbstractOperator
from airflow.models.dag import DAG
from airflow.models.dagrun import DagRun, as_moment
from airflow.models.mappedoperator import MappedOperator
from airflow.models.taskinstance import TaskInstance, set_current_context
from airflow.operators._container import BaseContainerOperator
from airflow.operators.bash import BashOperator
from airflow.serialization.helpers import serialize_template_field
from airflow.utils.context import Context
from airflow.utils.helpers import as_tuple
from airflow.utils.log.secrets_masker import redact
from airflow.utils.operator_helpers import context_to_airflow_vars
from airflow.utils.state import TaskInstanceState
from airflow.utils.xcom import XCOM_RETURN_KEY

from beeflow_worker.alerts import send_alert
from beeflow_worker.deferral import StartFromTrigger, as_utc, describe_deferral
from beeflow_worker.importing import advise_on_import, format_user_traceback
from beeflow_worker.outcome import EndState, Outcome
from beeflow_worker.results import collect_dataset_events, consume_results, measure_mapped
from beeflow_worker.serialize import Json, plan_rendered_bash, plan_rendered_container

logger = logging.getLogger("airflow.task")

_STATES = {
    EndState.SUCCESS: TaskInstanceState.SUCCESS,
    EndState.SKIPPED: TaskInstanceState.SKIPPED,
    EndState.FAILED: TaskInstanceState.FAILED,
    EndState.FAIL_WITHOUT_RETRY: TaskInstanceState.FAILED,
}


# The environment variables that describe the last attempt.
_described: set[str] = set()


class Attempt:
    """One attempt at a task of an imported file."""

    def __init__(self, fields: Json, dags: Mapping[str, DAG]) -> None:
        """Find the task that `fields` (an attempt of the protocol) names; LookupError if gone."""
        self._fields = fields
        self._task = _find_task(fields, dags)
        self._ti = _create_task_instance(fields, self._task)
        self._operator: Any = self._task.prepare_for_execution()
        self._ti.task = self._operator
        self._context: Context | None = None
        self._map_length: int | None = None
        self._was_terminated = False

    def render_plan(self) -> Json:
        """Return the plan of a Bash or container task. Raises whatever the templates raise."""
        self._render()
        if isinstance(self._operator, BaseContainerOperator):
            return plan_rendered_container(self._operator)
        assert isinstance(self._operator, BashOperator)
        return plan_rendered_bash(self._operator)

    @property
    def pushed(self) -> Json:
        """What the attempt has pushed so far, by key."""
        return self._ti.pushed

    def render_all(self) -> list[tuple[str, str, Any]]:
        """Return the template fields, rendered and without secrets: by name, each as people read it
        and as JSON."""
        self._render()
        fields = []
        for name in self._operator.template_fields:
            value = getattr(self._operator, name, None)
            as_json = redact(serialize_template_field(value, name), name)
            fields.append((name, str(redact(value, name)), as_json))
        return fields

    def find_links(self) -> list[tuple[str, str | None]]:
        """Return the operator's extra links by name, None where one leads nowhere (yet)."""
        operator = self._operator
        return [(name, operator.get_extra_links(self._ti, name)) for name in operator.extra_links]

    def run(self) -> Outcome:
        """Execute the task to its end; never raises. Needs the main thread, for its signals."""
        try:
            with _signals(self._kill, self._remaining_seconds()):
                outcome = self._execute()
        except BaseException as error:  # noqa: B902 - whatever ends the task is its outcome
            outcome = self._judge(error)
        self._ti.state = _STATES.get(outcome.state, TaskInstanceState.RUNNING)
        self._ti.end_date = pendulum.now("UTC")
        self._name_instance()
        if outcome.state in _STATES:
            self._call_back(outcome)
        outcome.rendered_map_index = self._ti.rendered_map_index
        outcome.xcoms = self._ti.pushed
        return outcome

    def judge_rendering(self, error: BaseException) -> Outcome:
        """Return the outcome of a rendering that failed with `error`.

        Nothing that is logged meanwhile reaches the log of the task, so the traceback goes along.
        """
        outcome = self._judge(error)
        outcome.xcoms = self._ti.pushed
        if outcome.state is not EndState.SKIPPED:
            outcome.traceback = format_user_traceback(error)
        return outcome

    def _kill(self) -> None:
        on_kill = getattr(self._operator, "on_kill", None)  # none before it is unmapped
        if on_kill is not None:
            on_kill()

    def _remaining_seconds(self) -> float | None:
        """Return the time until the execution timeout, which deferrals do not start anew."""
        timeout: float | None = self._fields.get("execution_timeout")
        if not timeout or not self._fields.get("next_method"):
            return timeout
        passed = (pendulum.now("UTC") - self._ti.start_date).total_seconds()
        return max(timeout - passed, 0.001)

    def _render(self) -> Context:
        self._context = self._ti.get_template_context()
        self._unmap(self._context)
        self._operator.prepare_template()
        self._operator.render_template_fields(self._context)
        return self._context

    def _unmap(self, context: Context) -> None:
        """Turn a mapped operator into the one of this map index."""
        if not isinstance(self._operator, MappedOperator):
            return
        arguments, final = self._operator.expand_input.resolve(context)
        operator = self._operator.unmap(arguments)
        operator.keep_unrendered(value for value in arguments.values() if id(value) in final)
        self._operator = self._ti.task = operator
        context["task"] = operator

    def _execute(self) -> Outcome:
        context = self._render()
        operator = self._operator
        _describe_in_environ(context)
        with set_current_context(context):
            _call_all(operator.on_execute_callback, context)
            operator.pre_execute(context)
            try:
                result = self._call_operator(context)
            except SystemExit as error:
                if error.code not in (None, 0):
                    raise
                result = None
            result = consume_results(operator, context, result)
            self._push_result(result)
            operator.post_execute(context, result)
        return Outcome(
            EndState.SUCCESS,
            map_length=self._map_length,
            dataset_events=collect_dataset_events(operator, context),
        )

    def _call_operator(self, context: Context) -> Any:
        operator, method = self._operator, self._fields.get("next_method")
        if method:
            kwargs = _json.decode(self._fields.get("next_kwargs") or {})
            return operator.resume_execution(method, kwargs, context)
        if operator.start_from_trigger and operator.start_trigger_args is not None:
            raise StartFromTrigger(operator.start_trigger_args)
        return operator.execute(context)

    def _push_result(self, result: Any) -> None:
        operator = self._operator
        if not operator.do_xcom_push:
            return
        self._map_length = measure_mapped(operator, result)
        if result is None:
            return
        before = dict(self._ti.pushed)
        try:
            if operator.multiple_outputs:
                self._push_items(result)
            self._ti.xcom_push(XCOM_RETURN_KEY, result)
        except AirflowException:
            self._ti.pushed = before  # of a result all is stored, or nothing
            raise

    def _push_items(self, result: Any) -> None:
        if not isinstance(result, Mapping):
            raise AirflowException(
                f"Returned output of task {self._ti.task_id} was type {type(result)} expected "
                "dictionary for multiple_outputs"
            )
        for key, value in result.items():
            if not isinstance(key, str):
                raise AirflowException(
                    "Returned dictionary keys must be strings when using multiple_outputs, "
                    f"found {key!r} ({type(key)}) instead"
                )
            self._ti.xcom_push(key, value)

    def _name_instance(self) -> None:
        """Render the template that names this instance of a mapped task, if it has one."""
        template = self._operator.map_index_template
        if not template or self._context is None or self._ti.map_index < 0:
            return
        try:
            name = self._operator.render_template(template, self._context)
            self._ti.rendered_map_index = str(name)
        except Exception:
            logger.exception("map_index_template %r cannot be rendered", template)

    def _judge(self, error: BaseException) -> Outcome:
        """Return what an error means, after logging it for people."""
        if isinstance(error, (TaskDeferred, StartFromTrigger)):
            try:
                return self._defer(error)
            except Exception as problem:
                error = problem
        if isinstance(error, AirflowRescheduleException):
            date = error.reschedule_date
            logger.info("Rescheduling task, marking task as UP_FOR_RESCHEDULE")
            return Outcome(EndState.RESCHEDULED, reschedule_date=as_utc(date).isoformat())
        if isinstance(error, AirflowSkipException):
            logger.info("Task was skipped: %s", error)
            return Outcome(EndState.SKIPPED, str(error) or "the task raised AirflowSkipException")
        if self._context is not None:
            self._context["exception"] = error
        logger.error("Task failed with exception\n%s", format_user_traceback(error).rstrip())
        advice = advise_on_import(error, self._fields["file"])
        self._was_terminated = isinstance(error, AirflowTaskTerminated)
        if isinstance(error, (AirflowFailException, AirflowSensorTimeout)):
            return Outcome(EndState.FAIL_WITHOUT_RETRY, _explain(error) + advice)
        return Outcome(EndState.FAILED, _explain(error) + advice)

    def _defer(self, error: TaskDeferred | StartFromTrigger) -> Outcome:
        deferral = describe_deferral(error)
        limit = self._remaining_seconds()
        if limit is not None:
            deferral.timeout = limit if deferral.timeout is None else min(limit, deferral.timeout)
        logger.info("Pausing task as DEFERRED, waiting for %s", deferral.classpath)
        return Outcome(EndState.DEFERRED, deferral=deferral)

    def _call_back(self, outcome: Outcome) -> None:
        operator = self._operator
        if outcome.state is EndState.SUCCESS:
            callbacks = operator.on_success_callback
        elif outcome.state is EndState.SKIPPED:
            callbacks = operator.on_skipped_callback
        elif outcome.state is EndState.FAILED and self._will_be_retried():
            self._ti.state = TaskInstanceState.UP_FOR_RETRY
            callbacks = operator.on_retry_callback
            send_alert(self._ti, self._context, operator.email_on_retry)
        else:
            callbacks = operator.on_failure_callback
            send_alert(self._ti, self._context, operator.email_on_failure)
        if self._context is not None:
            _call_all(callbacks, self._context)


    def _will_be_retried(self) -> bool:
        operator = self._operator
        if self._ti.is_eligible_to_retry():
            return True
        tells = operator.on_failure_callback or operator.on_retry_callback or operator.email
        return bool(tells) and self._was_terminated and self._is_cleared()

    def _is_cleared(self) -> bool:
        """Tell whether this try was stopped because its task is to run again."""
        try:
            known = self._ti.dag_run.get_task_instance(
                self._ti.task_id, map_index=self._ti.map_index
            )
        except AirflowException:  # nobody answers; then it failed for all that is known
            return False
        return known is not None and known.state == TaskInstanceState.RESTARTING


def _find_task(fields: Json, dags: Mapping[str, DAG]) -> AbstractOperator:
    dag = dags.get(fields["dag_id"])
    if dag is None or not dag.has_task(fields["task_id"]):
        raise LookupError(
            f"{fields['file']} no longer defines task {fields['task_id']!r} of DAG "
            f"{fields['dag_id']!r}"
        )
    return dag.get_task(fields["task_id"])


def _create_task_instance(fields: Json, task: AbstractOperator) -> TaskInstance:
    run_fields = {**fields, "start_date": fields.get("run_start_date"), "end_date": None}
    return TaskInstance(
        task,
        DagRun.from_fields({**run_fields, "state": None}, dag=task.dag),
        map_index=fields.get("map_index", -1),
        try_number=fields.get("try_number", 1),
        max_tries=fields.get("max_tries", 0),
        start_date=as_moment(fields.get("start_date")),
        reschedules=fields.get("reschedules") or 0,
    )


def _describe_in_environ(context: Context) -> None:
    """Set `AIRFLOW_CTX_...`; they stay until the next attempt, for callbacks too, as in Airflow."""
    described = context_to_airflow_vars(context, True)
    for name in _described.difference(described):
        os.environ.pop(name, None)
    _described.clear()
    _described.update(described)
    for name, value in described.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def _explain(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"Task failed due to SystemExit({error.code})"
    if isinstance(error, MemoryError):
        return _explain_memory()
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _explain_memory() -> str:
    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    if limit == resource.RLIM_INFINITY:
        return "MemoryError"
    return (
        f"MemoryError: the task reached its limit of {limit // 1024**2} MB, memory_mb; raise it by "
        'executor_config={"memory_mb": ...} of the task, or by memory_mb in section '
        "[worker:QUEUE] or [worker] of beeflow.cfg (0: no limit)"
    )


def _as_callables(callbacks: Any) -> tuple[Callable[[Context], Any], ...]:
    return () if callbacks is None else as_tuple(callbacks)


def _call_all(callbacks: Any, context: Context) -> None:
    for callback in _as_callables(callbacks):
        try:
            callback(context)
        except Exception as error:
            logger.error(
                "Callback %s failed; the task is not affected\n%s",
                getattr(callback, "__qualname__", repr(callback)),
                format_user_traceback(error).rstrip(),
            )


@contextlib.contextmanager
def _signals(kill: Callable[[], None], timeout: float | None) -> Iterator[None]:
    """Within the block, SIGTERM and the execution timeout (in seconds) end the task."""

    def terminate(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        logger.error("Received SIGTERM. Terminating subprocesses.")
        kill()
        raise AirflowTaskTerminated("Task received SIGTERM signal")

    def expire(signum: int, frame: FrameType | None) -> None:
        logger.error("Process timed out")
        kill()
        raise AirflowTaskTimeout(f"the task ran longer than its execution_timeout of {timeout:g} s")

    previous_term = signal.signal(signal.SIGTERM, terminate)
    previous_alarm = signal.signal(signal.SIGALRM, expire)
    if timeout:
        signal.setitimer(signal.ITIMER_REAL, timeout)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous_alarm)
        signal.signal(signal.SIGTERM, previous_term)
