"""LatestOnlyOperator: skips what follows, unless the run is the latest one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pendulum

from airflow.operators.branch import BaseBranchOperator

if TYPE_CHECKING:
    from airflow.utils.context import Context


class LatestOnlyOperator(BaseBranchOperator):
    """Skip the tasks directly downstream when a newer run is due already.

    A run that was triggered by hand counts as the latest.
    """

    ui_color = "#e9ffdb"

    def choose_branch(self, context: Context) -> str | Iterable[str]:
        run = context["dag_run"]
        downstream = list(self.get_direct_relative_ids(upstream=False))
        if run.external_trigger:
            self.log.info("Externally triggered DAG_Run: allowing execution to proceed.")
            return downstream
        left = run.data_interval_end
        right = self.dag.timetable.following(left)
        now = pendulum.now("UTC")
        self.log.info("Checking latest only with left_window: %s right_window: %s", left, right)
        if right is not None and not left < now <= right:
            self.log.info("Not latest execution, skipping downstream.")
            return []
        self.log.info("Latest, allowing execution to proceed.")
        return downstream
