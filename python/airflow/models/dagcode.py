"""DagCode: the table of DAG files' sources."""

from __future__ import annotations

from airflow.models._database import DatabaseModel

__all__ = ["DagCode"]


class DagCode(DatabaseModel):
    """A row of the table; see `airflow.models._database`."""
