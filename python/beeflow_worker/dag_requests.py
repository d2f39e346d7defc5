"""What is asked of a whole DAG: its own callbacks, and when its timetable has the next run."""

from __future__ import annotations

import logging
from typing import Any

from airflow.exceptions import AirflowException
from airflow.models.dag import DAG
from airflow.models.dagrun import DagRun, task_instance_state
from airflow.models.taskinstance import TaskInstance, set_current_context
from airflow.utils.helpers import as_tuple

from beeflow_worker.importing import format_user_traceback
from beeflow_worker.serialize import Json

logger = logging.getLogger("airflow.processor")


def call_dag_back(dag: DAG, fields: Json) -> None:
    """Call the callbacks of `dag` for the end of a run; raises the first error of theirs."""
    callbacks = dag.on_success_callback if fields["kind"] == "success" else dag.on_failure_callback
    run = _create_run(dag, fields)
    context = _choose_task_instance(dag, run, fields).get_template_context()
    context["reason"] = fields.get("reason")
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
