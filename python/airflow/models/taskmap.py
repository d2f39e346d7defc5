"""TaskMap: the table of the lengths that tasks are mapped over."""

from __future__ import annotations

from airflow.models._database import DatabaseModel

__all__ = ["TaskMap"]


class TaskMap(DatabaseModel):
    """A row of the table; see `airflow.models._database`."""
