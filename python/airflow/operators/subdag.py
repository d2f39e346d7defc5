"""SubDagOperator: a DAG that runs as one task of another one; task groups have replaced it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from airflow import _engine
from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.sensors.base import BaseSensorOperator
from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.user_warnings import warn_removed

if TYPE_CHECKING:
    from airflow.models.dag import DAG
    from airflow.utils.context import Context


class SkippedStatePropagationOptions(Enum):
    """Which skipped last tasks of the sub-DAG have the task itself skipped."""

    ALL_LEAVES = "all_leaves"
    ANY_LEAF = "any_leaf"


class SubDagOperator(BaseSensorOperator):
    """Runs another DAG of the same file for the same logical date, and waits for its end.

    :param subdag: the DAG; its id must be that of the parent, a dot, and the id of this task.
        Whatever its own schedule is, only this task starts it.
    :param conf: configuration of its runs.
    :param propagate_skipped_state: be skipped where its last tasks (any or all) were.
    """

    ui_color = "#555"
    ui_fgcolor = "#fff"

    def __init__(
        self,
        *,
        subdag: DAG,
        session: Any = None,
        conf: dict[str, Any] | None = None,
        propagate_skipped_state: SkippedStatePropagationOptions | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        warn_removed("SubDagOperator is deprecated; please use airflow.utils.task_group.TaskGroup.")
        self.subdag = subdag
        self.conf = conf
        self.propagate_skipped_state = propagate_skipped_state
        self._check_dags()
        subdag.parent_dag = self.dag
        subdag.is_subdag = True

    def _check_dags(self) -> None:
        if not self.has_dag():
            raise AirflowException("Please pass in the `dag` param or call within a DAG context")
        expected = f"{self.dag.dag_id}.{self.task_id}"
        if self.subdag.dag_id != expected:
            raise AirflowException(
                "The subdag's dag_id should have the form "
                f"'{{parent_dag_id}}.{{this_task_id}}'. Expected '{expected}'; "
                f"received '{self.subdag.dag_id}'."
            )

    def execute(self, context: Context) -> Any:
        run = self._find_run(context)
        first_poke = not getattr(context["ti"], "reschedules", 0)
        if run is None or (first_poke and run["state"] == DagRunState.FAILED):
            _engine.require("SubDagOperator").request(
                "trigger_dag",
                dag_id=self.subdag.dag_id,
                run_id=None,
                logical_date=context["logical_date"].isoformat(),
                conf=self.conf or {},
                reset=run is not None,
            )
        super().execute(context)
        self._judge(context)

    def poke(self, context: Context) -> bool:
        run = self._find_run(context)
        return run is not None and run["state"] in (DagRunState.SUCCESS, DagRunState.FAILED)

    def _find_run(self, context: Context) -> dict[str, Any] | None:
        run: dict[str, Any] | None = _engine.require("SubDagOperator").request(
            "run_get",
            dag_id=self.subdag.dag_id,
            logical_date=context["logical_date"].isoformat(),
        )
        return run

    def _judge(self, context: Context) -> None:
        run = self._find_run(context)
        state = None if run is None else run["state"]
        if run is None or state != DagRunState.SUCCESS:
            raise AirflowException(
                f"Expected state: SUCCESS. Actual state: {state} (DAG {self.subdag.dag_id})"
            )
        if self.propagate_skipped_state and self._leaves_were_skipped(run["run_id"]):
            raise AirflowSkipException(f"the last tasks of {self.subdag.dag_id} were skipped")

    def _leaves_were_skipped(self, run_id: str) -> bool:
        states = _engine.require("SubDagOperator").request(
            "task_states",
            dag_id=self.subdag.dag_id,
            run_id=run_id,
            logical_dates=None,
            task_ids=[task.task_id for task in self.subdag.leaves],
            group=None,
        )
        skipped = [task["state"] == TaskInstanceState.SKIPPED for task in states]
        if self.propagate_skipped_state is SkippedStatePropagationOptions.ANY_LEAF:
            return any(skipped)
        return bool(skipped) and all(skipped)
