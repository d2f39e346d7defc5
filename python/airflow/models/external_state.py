"""Questions about the runs and tasks of other DAGs, as sensors, operators and triggers ask them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from airflow import _engine


def count_runs(
    dag_id: str,
    states: Iterable[str],
    logical_dates: Collection[datetime] | None = None,
    run_ids: Collection[str] | None = None,
) -> int:
    """Return the number of these runs of the DAG that are in one of `states`."""
    count: int = _engine.require("a look at another DAG").request(
        "run_count",
        dag_id=dag_id,
        logical_dates=None if run_ids else _as_text(logical_dates),
        run_ids=list(run_ids) if run_ids else None,
        states=_as_words(states),
    )
    return count


def count_tasks(
    dag_id: str,
    states: Iterable[str],
    logical_dates: Collection[datetime] | None,
    *,
    run_ids: Collection[str] | None = None,
    task_ids: Collection[str] | None = None,
    group: str | None = None,
    every: bool,
) -> float:
    """Return the number of runs whose tasks are in one of `states`.

    A run of which a part of the tasks is counts as a fraction. A mapped task is in `states` if all
    of its instances are, or any of them where `every` is false.
    """
    words = set(_as_words(states))
    in_states: defaultdict[tuple[Any, str], list[bool]] = defaultdict(list)
    for row in _task_states(dag_id, logical_dates, run_ids, task_ids, group):
        in_states[row["run_id"], row["task_id"]].append(row["state"] in words)
    judge = all if every else any
    found: defaultdict[Any, list[bool]] = defaultdict(list)
    for (run_id, _), instances in in_states.items():
        found[run_id].append(judge(instances))
    wanted = len(set(task_ids or ()))
    return sum(sum(tasks) / max(wanted, len(tasks)) for tasks in found.values())


def _task_states(
    dag_id: str,
    logical_dates: Collection[datetime] | None,
    run_ids: Collection[str] | None,
    task_ids: Collection[str] | None,
    group: str | None,
) -> list[dict[str, Any]]:
    ask = _engine.require("a look at tasks of another DAG").request
    common = {
        "dag_id": dag_id,
        "task_ids": list(task_ids) if task_ids else None,
        "group": group,
    }
    if not run_ids:
        dates = _as_text(logical_dates)
        rows: list[dict[str, Any]] = ask("task_states", run_id=None, logical_dates=dates, **common)
        return rows
    return [
        row
        for run_id in run_ids
        for row in ask("task_states", run_id=run_id, logical_dates=None, **common)
    ]


def find_dag(dag_id: str) -> dict[str, Any] | None:
    """Return what the engine knows of a DAG, or None where there is no such DAG."""
    found: dict[str, Any] | None = _engine.require("a look at another DAG").request(
        "dag_get", dag_id=dag_id
    )
    return found


def _as_text(moments: Collection[datetime] | None) -> list[str] | None:
    return None if moments is None else [moment.isoformat() for moment in moments]


def _as_words(states: Iterable[str]) -> list[str]:
    return [str(state) for state in states]
