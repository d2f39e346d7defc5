"""DagPickle: a table that Airflow no longer fills."""

from __future__ import annotations

from airflow.models._database import DatabaseModel

__all__ = ["DagPickle"]


class DagPickle(DatabaseModel):
    """A row of the table; see `airflow.models._database`."""
