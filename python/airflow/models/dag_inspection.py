"""What DAG files and tests ask a DAG about itself: subsets, views and neighbouring dates."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow import _engine
from airflow.utils import timezone
from airflow.utils.user_warnings import warn_user

if TYPE_CHECKING:
    from airflow.models.dag import DAG
    from airflow.utils.task_group import TaskGroup

_LONGEST_SERIES = 100_000


class DagInspection:
    """Gives DAG the methods that look at it, and those that only Airflow itself needs."""

    is_subdag = False
    parent_dag: Any = None
    partial = False
    last_loaded: Any = None

    @property
    def subdags(self: Any) -> list[Any]:
        """The DAGs that run as tasks of this one (see SubDagOperator), and theirs in turn."""
        found: list[Any] = []
        for task in self.task_dict.values():
            subdag = getattr(task, "subdag", None)
            if subdag is not None:
                found += [subdag, *subdag.subdags]
        return found

    def partial_subset(
        self: Any,
        task_ids_or_regex: str | re.Pattern[str] | Iterable[str],
        include_downstream: bool = False,
        include_upstream: bool = True,
        include_direct_upstream: bool = False,
    ) -> DAG:
        """Return a copy with some of the tasks, and those before or after them."""
        if isinstance(task_ids_or_regex, (str, re.Pattern)):
            matched = [t for t in self.tasks if re.findall(task_ids_or_regex, t.task_id)]
        else:
            wanted = set(task_ids_or_regex)
            matched = [t for t in self.tasks if t.task_id in wanted]
        kept = {task.task_id for task in matched}
        for task in matched:
            if include_downstream:
                kept |= task.get_flat_relative_ids(upstream=False)
            if include_upstream:
                kept |= task.get_flat_relative_ids(upstream=True)
            elif include_direct_upstream:
                kept |= task.upstream_task_ids
        return _copy_with(self, kept)

    def sub_dag(self, *args: Any, **kwargs: Any) -> DAG:
        """Return a copy with some of the tasks; the former name of `partial_subset`."""
        return self.partial_subset(*args, **kwargs)

    def tree_view(self: Any) -> None:
        """Print the tasks, each below what it follows."""
        print("\n".join(self._tree_lines()))  # noqa: T201 - what it is for

    def get_tree_view(self: Any) -> str:
        """Return what `tree_view` prints."""
        return "\n".join(self._tree_lines()) + "\n"

    def _tree_lines(self: Any) -> Iterator[str]:
        pending = [(task, 0) for task in reversed(self.roots)]
        while pending:
            task, depth = pending.pop()
            yield f"{'    ' * depth}{task}"
            pending += [(down, depth + 1) for down in reversed(task.downstream_list)]

    def following_schedule(self: Any, dttm: datetime) -> Any:
        """Return the first due moment after `dttm`."""
        return self.timetable.following(timezone.coerce_datetime(dttm))

    def previous_schedule(self: Any, dttm: datetime) -> Any:
        """Return the last due moment before `dttm`."""
        return self.timetable.preceding(timezone.coerce_datetime(dttm))

    def normalize_schedule(self: Any, dttm: datetime) -> Any:
        """Return `dttm` if it is a due moment, else the next one."""
        moment = timezone.coerce_datetime(dttm)
        following = self.following_schedule(moment)
        previous = None if following is None else self.previous_schedule(following)
        return moment if previous is None or previous == moment else following

    def get_run_dates(
        self: Any, start_date: datetime | None, end_date: datetime | None = None
    ) -> list[Any]:
        """Return the due moments between two dates; without a first one, from the first task's."""
        if start_date is None:
            starts = (task.start_date for task in self.tasks)
            start_date = min((start for start in starts if start), default=None)
            if start_date is None:
                raise ValueError(f"DAG {self.dag_id} and its tasks have no start_date to go from")
        moment = self.normalize_schedule(timezone.convert_to_utc(start_date))
        last = timezone.convert_to_utc(end_date) if end_date else timezone.utcnow()
        found: list[Any] = []
        while moment is not None and moment <= last and len(found) < _LONGEST_SERIES:
            found.append(moment)
            moment = self.following_schedule(moment)
        return found

    def get_dagrun(
        self: Any, execution_date: Any = None, run_id: str | None = None, session: Any = None
    ) -> Any:
        """Return the run with this id or logical date, or None."""
        from airflow.models.dagrun import DagRun

        found = DagRun.find(dag_id=self.dag_id, run_id=run_id, execution_date=execution_date)
        return found[0] if found else None

    def get_last_dagrun(
        self: Any, session: Any = None, include_externally_triggered: bool = False
    ) -> Any:
        """Return the latest run, or None; a triggered one only if those are wanted too."""
        return get_last_dagrun(self.dag_id, session, include_externally_triggered)

    @property
    def latest_execution_date(self: Any) -> Any:
        """The logical date of the latest run, or None."""
        return self.get_latest_execution_date()

    def get_latest_execution_date(self: Any, session: Any = None) -> Any:
        """Return the logical date of the latest run, or None."""
        run = get_last_dagrun(self.dag_id, session, True)
        return run and run.logical_date

    def get_num_active_runs(self: Any, session: Any = None, **kwargs: Any) -> int:
        """Return the number of runs that are queued or running."""
        count: int = _engine.require("the runs of a DAG").request(
            "run_count",
            dag_id=self.dag_id,
            logical_dates=None,
            run_ids=None,
            states=["queued", "running"],
        )
        return count

    def get_is_paused(self: Any, session: Any = None) -> bool | None:
        """Return whether the DAG is paused, or None where the engine does not know it."""
        found = _engine.require("the state of a DAG").request("dag_get", dag_id=self.dag_id)
        return found and found["is_paused"]

    @property
    def is_paused(self) -> bool | None:
        """Whether the DAG is paused."""
        return self.get_is_paused()

    def get_active_runs(self: Any, session: Any = None) -> list[Any]:
        """Return the logical dates of the runs that are running."""
        from airflow.models.dagrun import DagRun

        return [run.logical_date for run in DagRun.find(dag_id=self.dag_id, state="running")]

    def next_dagrun_info(self: Any, last_automated_dagrun: Any, *, restricted: bool = True) -> Any:
        """Return the run after the one with this data interval, or the first one."""
        from airflow.timetables.base import TimeRestriction

        bounds = (self.start_date, self.end_date) if restricted else (None, None)
        return self.timetable.next_dagrun_info(
            last_automated_data_interval=last_automated_dagrun,
            restriction=TimeRestriction(*bounds, catchup=self.catchup),
        )

    def test(
        self: Any,
        execution_date: Any = None,
        run_conf: dict[str, Any] | None = None,
        conn_file_path: str | None = None,
        variable_file_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Say how to run the DAG in the foreground; a file that is imported must not do it."""
        warn_user(f"dag.test() runs nothing here; use: beeflow dags test {self.dag_id}")

    @classmethod
    def bulk_write_to_db(cls, dags: Any, processor_subdir: Any = None, session: Any = None) -> None:
        """Do nothing: the engine reads DAGs from their files."""

    def sync_to_db(self: Any, processor_subdir: Any = None, session: Any = None) -> None:
        """Do nothing: the engine reads DAGs from their files."""

    def cli(self: Any) -> None:
        """Say where the commands are."""
        warn_user(f"dag.cli() does nothing here; use: beeflow dags --help (DAG {self.dag_id})")

    def run(self: Any, *args: Any, **kwargs: Any) -> None:
        """Say how to run the DAG."""
        warn_user(f"dag.run() runs nothing here; use: beeflow dags backfill {self.dag_id}")


def get_last_dagrun(
    dag_id: str, session: Any = None, include_externally_triggered: bool = False
) -> Any:
    """Return the latest run of a DAG, or None; a triggered one only if those are wanted too."""
    from airflow.models.dagrun import latest_runs

    for run in latest_runs(dag_id):
        if include_externally_triggered or not run.external_trigger:
            return run
    return None


def _copy_with(dag: DAG, kept: set[str]) -> DAG:
    """Return a copy of `dag` with the tasks `kept` only."""
    subset = copy.copy(dag)
    subset.partial = len(kept) < len(dag.task_dict)
    subset.task_dict = {}
    for task_id, task in dag.task_dict.items():
        if task_id in kept:
            duplicate = copy.copy(task)
            vars(duplicate).update(
                _dag=subset,
                upstream_task_ids=task.upstream_task_ids & kept,
                downstream_task_ids=task.downstream_task_ids & kept,
            )
            subset.task_dict[task_id] = duplicate
    subset.task_group = _copy_group(dag.task_group, None, subset)
    return subset


def _copy_group(group: TaskGroup, parent: TaskGroup | None, dag: DAG) -> TaskGroup:
    duplicate = copy.copy(group)
    duplicate.parent_group = parent
    duplicate.dag = dag
    duplicate.used_group_ids = set(group.used_group_ids)
    duplicate.children = {}
    for key, child in group.children.items():
        if hasattr(child, "children"):
            copied = _copy_group(child, duplicate, dag)  # type: ignore[arg-type]
            if copied.children:
                duplicate.children[key] = copied
        elif key in dag.task_dict:
            member = dag.task_dict[key]
            vars(member)["task_group"] = duplicate
            duplicate.children[key] = member
    return duplicate
