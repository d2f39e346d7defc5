"""DagWarning: the table of warnings about DAGs."""

from __future__ import annotations

from airflow.models._database import DatabaseModel

__all__ = ["DagWarning"]


class DagWarning(DatabaseModel):
    """A row of the table; see `airflow.models._database`."""
