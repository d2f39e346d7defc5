"""What is asked of a whole DAG: its own callbacks, and when its timetable has the next run."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from html import escape

from airflow.exceptions import AirflowException
from airflow.models.dag import DAG
from airflow.models.dagrun import DagRun, task_instance_state
from airflow.models.slamiss import SlaMiss
from airflow.models.taskinstance import TaskInstance, set_current_context
from airflow.utils import timezone
from airflow.utils.helpers import as_tuple
from airflow.utils.state import DagRunState

from beeflow_worker.importing import format_user_traceback
from beeflow_worker.serialize import Json

logger = logging.getLogger("airflow.processor")


def call_dag_back(dag: DAG, fields: Json) -> Json:
    """Call the callbacks of `dag` for the end of a run or for tasks that missed their SLA.

    Raises the first error of theirs. Returns what the answer says besides: how people were told.
    """
    if fields["kind"] == "sla_miss":
        return tell_of_sla_misses(dag, fields)
    callbacks = dag.on_success_callback if fields["kind"] == "success" else dag.on_failure_callback
    run = _create_run(dag, fields)
    context = _choose_task_instance(dag, run, fields).get_template_context()
    context["reason"] = "timed_out" if _timed_out(dag, run) else fields.get("reason")
    first_error: Exception | None = None
    with set_current_context(context):
        for callback in () if callbacks is None else as_tuple(callbacks):
            try:
                callback(context)
            except Exception as error:
                if first_error is not None:  # of the first one, the caller tells
                    told = format_user_traceback(error).rstrip()
                    logger.error("Another callback of DAG %s failed\n%s", dag.dag_id, told)
                first_error = first_error or error
    if first_error is not None:
        raise first_error
    return {}


def _timed_out(dag: DAG, run: DagRun) -> bool:
    """Tell whether the run failed of its dagrun_timeout, which the scheduler looks at first."""
    if dag.dagrun_timeout is None or run.state != DagRunState.FAILED:
        return False
    start, end = run.start_date, run.end_date
    return start is not None and end is not None and end - start >= dag.dagrun_timeout


def _create_run(dag: DAG, fields: Json) -> DagRun:
    states = [
        task_instance_state(dag.dag_id, task, fields["run_id"])
        for task in fields.get("tasks") or ()
    ]
    start = fields.get("run_start_date") or fields.get("start_date")
    return DagRun.from_fields({**fields, "start_date": start}, dag=dag, task_states=states)


def _choose_task_instance(dag: DAG, run: DagRun, fields: Json) -> TaskInstance:
    """Return the task instance that the context is about: of a failed run, one that failed."""
    known = [ti for ti in run.task_states or () if dag.has_task(ti.task_id)]
    wanted = "failed" if fields["kind"] == "failure" else "success"
    chosen = next((ti for ti in known if ti.state == wanted), known[-1] if known else None)
    if chosen is None and not dag.tasks:
        raise AirflowException(f"DAG {dag.dag_id} has no tasks, so its callback has no context")
    task_id = dag.topological_sort()[-1].task_id if chosen is None else chosen.task_id
    ti = TaskInstance(
        dag.get_task(task_id),
        run,
        map_index=-1 if chosen is None else chosen.map_index,
        try_number=1 if chosen is None else chosen.try_number,
    )
    ti.state = None if chosen is None else chosen.state
    return ti


def tell_of_sla_misses(dag: DAG, fields: Json) -> Json:
    """Call `sla_miss_callback`, and mail everyone whom a task of the DAG names."""
    date = timezone.parse(fields["logical_date"])
    misses = [
        SlaMiss(
            dag_id=dag.dag_id,
            task_id=task_id,
            execution_date=date,
            timestamp=timezone.parse(fields["timestamp"]),
            email_sent=False,
            notification_sent=False,
            description=None,
        )
        for task_id in fields["late"]
    ]
    blocking = _unfinished_task_instances(dag, fields)
    lists = [_list_of(misses, date), _list_of(blocking, date)]
    errors: list[Exception] = []
    called = 0
    for callback in as_tuple(dag.sla_miss_callback) if dag.sla_miss_callback else ():
        try:
            callback(dag, *lists, misses, blocking)
            called += 1
        except Exception as error:
            logger.exception("SLA miss callback %r of DAG %s failed", callback, dag.dag_id)
            errors.append(error)
    email_sent = _mail_sla_misses(dag, *lists)
    if errors and not called and not email_sent:
        raise errors[0]
    return {"email_sent": email_sent, "notification_sent": called > 0 or email_sent}


def _unfinished_task_instances(dag: DAG, fields: Json) -> list[TaskInstance]:
    """Return what keeps the run: the task instances of it that have not succeeded."""
    run = _create_run(dag, fields)
    found = []
    for state in run.task_states or ():
        if state.state == "success" or not dag.has_task(state.task_id):
            continue
        ti = TaskInstance(
            dag.get_task(state.task_id),
            run,
            map_index=state.map_index,
            try_number=state.try_number,
        )
        ti.state = state.state
        found.append(ti)
    return found


def _list_of(rows: Sequence[SlaMiss | TaskInstance], date: datetime) -> str:
    """Return the list as Airflow writes it: a task and its date in each line."""
    return "\n".join(f"{row.task_id} on {date.isoformat()}" for row in rows)


def _mail_sla_misses(dag: DAG, task_list: str, blocking_task_list: str) -> bool:
    from airflow.utils.email import get_email_address_list, send_email  # few DAGs send mail

    recipients: set[str] = set()
    for task in dag.tasks:
        if task.email:
            recipients.update(get_email_address_list(task.email))
    if not recipients:
        return False
    body = (
        f"Tasks of DAG {escape(dag.dag_id)} that missed their SLA:\n"
        f"<pre><code>{escape(task_list)}</code></pre>\n"
        f"Tasks of the run that have not succeeded:\n"
        f"<pre><code>{escape(blocking_task_list)}</code></pre>\n"
    )
    try:
        send_email(sorted(recipients), f"[airflow] SLA miss on DAG={dag.dag_id}", body)
    except Exception as problem:
        logger.error(
            "DAG %s: cannot send the e-mail on missed SLAs to %s: %s",
            dag.dag_id,
            ", ".join(sorted(recipients)),
            problem,
        )
        return False
    return True


def find_next_run(dag: DAG, frame: Json) -> Json:
    """Return the next run that the author's timetable wants, as `info`."""
    from airflow.timetables.evaluate import next_run

    info = next_run(
        dag.timetable,
        frame.get("last"),
        frame.get("earliest"),
        frame.get("latest"),
        bool(frame.get("catchup")),
    )
    return {"info": info}


def find_manual_interval(dag: DAG, frame: Json) -> Json:
    """Return the data interval of a run that is triggered at `run_after`."""
    from airflow.timetables.evaluate import manual_interval

    return manual_interval(dag.timetable, frame["run_after"])
