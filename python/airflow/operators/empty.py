"""EmptyOperator: a task that does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.models.baseoperator import BaseOperator

if TYPE_CHECKING:
    from airflow.utils.context import Context


class EmptyOperator(BaseOperator):
    """Groups other tasks of a DAG. The scheduler completes it; it is never executed."""

    ui_color = "#e8f7e4"

    def execute(self, context: Context) -> None:
        pass
