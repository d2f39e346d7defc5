"""Triggers that wait for other DAGs and their tasks.

What they ask of the engine is asked in a thread, so that the event loop, which they share with all
other triggers, is never blocked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any

from airflow.models.external_state import count_runs, count_tasks
from airflow.triggers.base import BaseTrigger, TriggerEvent
from airflow.utils.state import DagRunState, TaskInstanceState


class WorkflowTrigger(BaseTrigger):
    """Waits for tasks, a task group or the runs of another DAG at certain logical dates.

    :param external_dag_id: the DAG.
    :param execution_dates, logical_dates: the logical dates.
    :param run_ids: instead of dates, the ids of the runs.
    :param external_task_ids: the tasks; with neither tasks nor a group, the runs themselves.
    :param external_task_group_id: the task group.
    :param allowed_states, skipped_states, failed_states: what ends the waiting, and how.
    :param poke_interval: seconds between looks.
    """

    def __init__(
        self,
        external_dag_id: str,
        execution_dates: list[datetime] | None = None,
        logical_dates: list[datetime] | None = None,
        run_ids: list[str] | None = None,
        external_task_ids: Collection[str] | None = None,
        external_task_group_id: str | None = None,
        failed_states: Collection[str] | None = None,
        skipped_states: Collection[str] | None = None,
        allowed_states: Collection[str] | None = None,
        poke_interval: float = 2.0,
        soft_fail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.external_dag_id = external_dag_id
        self.execution_dates = execution_dates if execution_dates is not None else logical_dates
        self.run_ids = run_ids
        self.external_task_ids = external_task_ids
        self.external_task_group_id = external_task_group_id
        self.failed_states = failed_states
        self.skipped_states = skipped_states
        self.allowed_states = allowed_states
        self.poke_interval = poke_interval
        self.soft_fail = soft_fail

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "airflow.triggers.external_task.WorkflowTrigger",
            {
                "external_dag_id": self.external_dag_id,
                "execution_dates": self.execution_dates,
                "run_ids": self.run_ids,
                "external_task_ids": _as_list(self.external_task_ids),
                "external_task_group_id": self.external_task_group_id,
                "failed_states": _as_list(self.failed_states),
                "skipped_states": _as_list(self.skipped_states),
                "allowed_states": _as_list(self.allowed_states),
                "poke_interval": self.poke_interval,
                "soft_fail": self.soft_fail,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while (status := await asyncio.to_thread(self._look)) is None:
            self.log.info("Sleeping for %s seconds", self.poke_interval)
            await asyncio.sleep(self.poke_interval)
        yield TriggerEvent({"status": status})

    def _look(self) -> str | None:
        """Return how the waiting ended, or None as long as it has not."""
        if self.failed_states and self._count(self.failed_states, every=False) > 0:
            return "failed"
        if self.skipped_states and self._count(self.skipped_states, every=False) > 0:
            return "skipped"
        allowed = self.allowed_states or [TaskInstanceState.SUCCESS]
        expected = len(self.run_ids or self.execution_dates or [])
        return "success" if self._count(allowed, every=True) >= expected else None

    def _count(self, states: Collection[str], *, every: bool) -> float:
        if not self.external_task_ids and not self.external_task_group_id:
            return count_runs(self.external_dag_id, states, self.execution_dates, self.run_ids)
        return count_tasks(
            self.external_dag_id,
            states,
            self.execution_dates,
            run_ids=self.run_ids,
            task_ids=self.external_task_ids,
            group=self.external_task_group_id,
            every=every,
        )


class TaskStateTrigger(WorkflowTrigger):
    """Waits for one task, or the runs, of another DAG; the former name of `WorkflowTrigger`."""

    def __init__(
        self,
        dag_id: str,
        execution_dates: list[datetime],
        trigger_start_time: datetime | None = None,
        states: list[str] | None = None,
        task_id: str | None = None,
        poll_interval: float = 2.0,
    ) -> None:
        super().__init__(
            external_dag_id=dag_id,
            execution_dates=execution_dates,
            external_task_ids=[task_id] if task_id else None,
            allowed_states=states or [TaskInstanceState.SUCCESS],
            poke_interval=poll_interval,
        )


class DagStateTrigger(BaseTrigger):
    """Waits until runs of a DAG are in one of `states`.

    :param execution_dates, logical_dates: the logical dates of the runs.
    :param run_ids: instead of dates, the ids of the runs.
    :param poll_interval: seconds between looks.
    """

    def __init__(
        self,
        dag_id: str,
        states: Collection[str],
        execution_dates: list[datetime] | None = None,
        logical_dates: list[datetime] | None = None,
        run_ids: list[str] | None = None,
        poll_interval: float = 5.0,
    ) -> None:
        super().__init__()
        self.dag_id = dag_id
        self.states = states
        self.execution_dates = execution_dates if execution_dates is not None else logical_dates
        self.run_ids = run_ids
        self.poll_interval = poll_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "airflow.triggers.external_task.DagStateTrigger",
            {
                "dag_id": self.dag_id,
                "states": _as_list(self.states),
                "execution_dates": self.execution_dates,
                "run_ids": self.run_ids,
                "poll_interval": self.poll_interval,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        expected = len(self.run_ids or self.execution_dates or [])
        while await asyncio.to_thread(self._count, self.states) < expected:
            await asyncio.sleep(self.poll_interval)
        failed = await asyncio.to_thread(self._count, [DagRunState.FAILED])
        _, fields = self.serialize()
        state = DagRunState.FAILED if failed else DagRunState.SUCCESS
        yield TriggerEvent({**fields, "state": str(state)})

    def _count(self, states: Collection[str]) -> int:
        return count_runs(self.dag_id, states, self.execution_dates, self.run_ids)


def _as_list(values: Collection[str] | None) -> list[str] | None:
    return None if values is None else [str(value) for value in values]
