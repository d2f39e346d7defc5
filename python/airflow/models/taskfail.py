"""TaskFail: the table of failed tries."""

from __future__ import annotations

from airflow.models._database import DatabaseModel

__all__ = ["TaskFail"]


class TaskFail(DatabaseModel):
    """A row of the table; see `airflow.models._database`."""
