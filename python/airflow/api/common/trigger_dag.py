"""trigger_dag: start a run of another DAG from a task."""

from __future__ import annotations

import json
from typing import Any

from airflow import _engine
from airflow.exceptions import AirflowException, DagNotFound, DagRunAlreadyExists


def trigger_dag(
    dag_id: str,
    run_id: str | None = None,
    conf: dict[str, Any] | str | None = None,
    execution_date: Any = None,
    replace_microseconds: bool = True,
    **_: Any,
) -> Any:
    """Create a run and return it."""
    from airflow.models.dagrun import DagRun
    from airflow.utils import timezone

    if execution_date is not None and replace_microseconds:
        execution_date = execution_date.replace(microsecond=0)
    try:
        run = _engine.require("trigger_dag()").request(
            "trigger_dag",
            dag_id=dag_id,
            run_id=run_id,
            logical_date=None if execution_date is None else execution_date.isoformat(),
            conf=json.loads(conf) if isinstance(conf, str) else conf or {},
            reset=False,
        )
    except AirflowException as error:
        raise _explain(str(error)) from None
    for name in ("logical_date", "data_interval_start", "data_interval_end"):
        if isinstance(run.get(name), str):
            run[name] = timezone.parse(run[name])
    fields = DagRun.__dataclass_fields__
    return DagRun(**{name: value for name, value in run.items() if name in fields})


def _explain(text: str) -> AirflowException:
    for word, kind in (("exists:", DagRunAlreadyExists), ("not found:", DagNotFound)):
        _, found, subject = text.partition(word)
        if found:
            return kind(subject.strip())
    return AirflowException(text)
