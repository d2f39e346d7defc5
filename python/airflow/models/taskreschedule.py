"""TaskReschedule: the table of sensors' reschedules."""

from __future__ import annotations

from airflow.models._database import DatabaseModel

__all__ = ["TaskReschedule"]


class TaskReschedule(DatabaseModel):
    """A row of the table; see `airflow.models._database`."""
