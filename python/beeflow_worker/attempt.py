"""Execution of one attempt: render the templates, call the operator, judge how it ended."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from types import FrameType
from typing import Any

import pendulum

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
from airflow.models.baseoperator import BaseOperator
from airflow.models.dag import DAG
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance, set_current_context
from airflow.operators.bash import BashOperator
from airflow.utils.context import Context
from airflow.utils.helpers import as_tuple
from airflow.utils.operator_helpers import context_to_airflow_vars
from airflow.utils.state import TaskInstanceState
from airflow.utils.xcom import XCOM_RETURN_KEY

from beeflow_worker.importing import format_user_traceback
from beeflow_worker.outcome import EndState, Outcome
from beeflow_worker.serialize import Json, plan_rendered_bash

logger = logging.getLogger("airflow.task")

_STATES = {
    EndState.SUCCESS: TaskInstanceState.SUCCESS,
    EndState.SKIPPED: TaskInstanceState.SKIPPED,
    EndState.FAILED: TaskInstanceState.FAILED,
    EndState.FAIL_WITHOUT_RETRY: TaskInstanceState.FAILED,
}


class Attempt:
    """One attempt at a task of an imported file."""

    def __init__(self, fields: Json, dags: Mapping[str, DAG]) -> None:
        """Find the task that `fields` (an attempt of the protocol) names; LookupError if gone."""
        self._fields = fields
        self._task = _find_task(fields, dags)
        self._ti = _create_task_instance(fields, self._task)
        self._operator = self._task.prepare_for_execution()
        self._ti.task = self._operator
        self._context: Context | None = None

    def render_bash(self) -> Json:
        """Return the plan to spawn for a BashOperator. Raises whatever the templates raise."""
        self._render()
        assert isinstance(self._operator, BashOperator)
        return plan_rendered_bash(self._operator)

    def run(self) -> Outcome:
        """Execute the task to its end; never raises. Needs the main thread, for its signals."""
        try:
            with _signals(self._operator, self._fields.get("execution_timeout")):
                outcome = self._execute()
        except BaseException as error:  # noqa: B902 - whatever ends the task is its outcome
            outcome = self._judge(error)
        self._ti.state = _STATES[outcome.state]
        self._ti.end_date = pendulum.now("UTC")
        self._call_back(outcome)
        outcome.xcoms = self._ti.pushed
        return outcome

    def judge_rendering(self, error: BaseException) -> Outcome:
        """Return the outcome of a rendering that failed with `error`."""
        return self._judge(error)

    def _render(self) -> Context:
        self._context = self._ti.get_template_context()
        self._operator.prepare_template()
        self._operator.render_template_fields(self._context)
        return self._context

    def _execute(self) -> Outcome:
        context = self._render()
        with set_current_context(context), _exported(context_to_airflow_vars(context, True)):
            _call_all(self._operator.on_execute_callback, context)
            self._operator.pre_execute(context)
            try:
                result = self._operator.execute(context)
            except SystemExit as error:
                if error.code not in (None, 0):
                    raise
                result = None
            self._operator.post_execute(context, result)
        self._push_result(result)
        return Outcome(EndState.SUCCESS)

    def _push_result(self, result: Any) -> None:
        operator = self._operator
        if result is None or not operator.do_xcom_push:
            return
        if operator.multiple_outputs:
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
        self._ti.xcom_push(XCOM_RETURN_KEY, result)

    def _judge(self, error: BaseException) -> Outcome:
        """Return what an error means, after logging it for people."""
        if isinstance(error, AirflowSkipException):
            logger.info("Task was skipped: %s", error)
            return Outcome(EndState.SKIPPED, str(error) or "the task raised AirflowSkipException")
        if self._context is not None:
            self._context["exception"] = error
        logger.error("Task failed with exception\n%s", format_user_traceback(error).rstrip())
        if isinstance(error, (AirflowFailException, AirflowSensorTimeout)):
            return Outcome(EndState.FAIL_WITHOUT_RETRY, _explain(error))
        return Outcome(EndState.FAILED, _explain(error))

    def _call_back(self, outcome: Outcome) -> None:
        operator = self._operator
        if outcome.state is EndState.SUCCESS:
            callbacks = operator.on_success_callback
        elif outcome.state is EndState.SKIPPED:
            callbacks = operator.on_skipped_callback
        elif outcome.state is EndState.FAILED and self._ti.is_eligible_to_retry():
            self._ti.state = TaskInstanceState.UP_FOR_RETRY
            callbacks = operator.on_retry_callback
        else:
            callbacks = operator.on_failure_callback
        if self._context is not None:
            _call_all(callbacks, self._context)


def _find_task(fields: Json, dags: Mapping[str, DAG]) -> BaseOperator:
    dag = dags.get(fields["dag_id"])
    if dag is None or not dag.has_task(fields["task_id"]):
        raise LookupError(
            f"{fields['file']} no longer defines task {fields['task_id']!r} of DAG "
            f"{fields['dag_id']!r}"
        )
    return dag.get_task(fields["task_id"])


def _create_task_instance(fields: Json, task: BaseOperator) -> TaskInstance:
    run = DagRun(
        dag_id=fields["dag_id"],
        run_id=fields["run_id"],
        logical_date=_moment(fields.get("logical_date")),
        data_interval_start=_moment(fields.get("data_interval_start")),
        data_interval_end=_moment(fields.get("data_interval_end")),
        start_date=_moment(fields.get("run_start_date")),
        run_type=fields.get("run_type") or "manual",
        external_trigger=bool(fields.get("external_trigger")),
        conf=fields.get("conf") or {},
    )
    return TaskInstance(
        task,
        run,
        map_index=fields.get("map_index", -1),
        try_number=fields.get("try_number", 1),
        max_tries=fields.get("max_tries", 0),
    )


def _moment(text: str | None) -> Any:
    if text is None:
        return None
    return pendulum.instance(datetime.fromisoformat(text).astimezone(timezone.utc))


def _explain(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"Task failed due to SystemExit({error.code})"
    if isinstance(error, (TaskDeferred, AirflowRescheduleException)):
        return f"the task asked to be {error}, which is not supported; set deferrable=False"
    if isinstance(error, MemoryError):
        return "MemoryError: the task reached the memory limit of its environment"
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _as_callables(callbacks: Any) -> tuple[Callable[[Context], Any], ...]:
    return () if callbacks is None else as_tuple(callbacks)


def _call_all(callbacks: Any, context: Context) -> None:
    for callback in _as_callables(callbacks):
        try:
            callback(context)
        except Exception:
            logger.exception("Callback %r failed; the task is not affected", callback)


@contextlib.contextmanager
def _exported(variables: Mapping[str, str]) -> Iterator[None]:
    """Have `variables` in the process environment within the block."""
    saved = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in saved.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _signals(operator: BaseOperator, timeout: float | None) -> Iterator[None]:
    """Within the block, SIGTERM and the execution timeout (in seconds) end the task."""

    def terminate(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        logger.error("Received SIGTERM. Terminating subprocesses.")
        operator.on_kill()
        raise AirflowTaskTerminated("Task received SIGTERM signal")

    def expire(signum: int, frame: FrameType | None) -> None:
        logger.error("Process timed out")
        operator.on_kill()
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
