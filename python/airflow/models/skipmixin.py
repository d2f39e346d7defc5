"""Skipping of other tasks by operators that branch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from airflow import _engine
from airflow.exceptions import AirflowException
from airflow.utils.log.logging_mixin import LoggingMixin

if TYPE_CHECKING:
    from airflow.models.baseoperator import BaseOperator
    from airflow.models.dag import DAG

XCOM_SKIPMIXIN_KEY = "skipmixin_key"
XCOM_SKIPMIXIN_SKIPPED = "skipped"
XCOM_SKIPMIXIN_FOLLOWED = "followed"


class SkipMixin(LoggingMixin):
    """Gives an operator the means to have tasks of its run skipped."""

    def skip(
        self,
        dag_run: Any,
        execution_date: Any,
        tasks: Iterable[BaseOperator],
        map_index: int = -1,
    ) -> None:
        """Have `tasks` of the current run skipped."""
        task_ids = [task.task_id for task in tasks]
        if task_ids:
            _engine.require("skip").skip_tasks(task_ids)

    def skip_all_except(self, ti: Any, branch_task_ids: str | Iterable[str] | None) -> None:
        """Skip the tasks directly downstream of `ti`, except the branches and what joins them.

        A branch is the id of a task directly downstream, or of a task group.
        """
        task, dag = ti.task, ti.task.dag
        branches = self._check_branches(dag, branch_task_ids)
        self.log.info("Following branch %s", sorted(branches))
        kept = set(branches)
        for task_id in branches:
            kept |= dag.get_task(task_id).get_flat_relative_ids(upstream=False)
        skipped = [other for other in task.downstream_list if other.task_id not in kept]
        self.log.info("Skipping tasks %s", [other.task_id for other in skipped])
        ti.xcom_push(key=XCOM_SKIPMIXIN_KEY, value={XCOM_SKIPMIXIN_FOLLOWED: sorted(branches)})
        self.skip(ti.dag_run, ti.execution_date, skipped)

    @staticmethod
    def _check_branches(dag: DAG, branch_task_ids: Any) -> set[str]:
        names = [branch_task_ids] if isinstance(branch_task_ids, str) else branch_task_ids or []
        if not isinstance(names, (Sequence, set, frozenset)) or not all(
            isinstance(name, str) for name in names
        ):
            raise AirflowException(
                "'branch_task_ids' must be either None, a task ID, or an Iterable of IDs; "
                f"it is {branch_task_ids!r}"
            )
        groups = dag.task_group_dict
        invalid = sorted({name for name in names if name not in groups and not dag.has_task(name)})
        if invalid:
            raise AirflowException(
                "'branch_task_ids' must contain only valid task_ids. "
                f"Invalid tasks found: {', '.join(invalid)}"
            )
        followed: set[str] = set()
        for name in names:
            followed |= {t.task_id for t in groups[name].roots} if name in groups else {name}
        return followed
