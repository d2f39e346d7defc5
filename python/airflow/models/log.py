"""Log: the audit log's table."""

from __future__ import annotations

from airflow.models._database import DatabaseModel

__all__ = ["Log"]


class Log(DatabaseModel):
    """A row of the table; see `airflow.models._database`."""
