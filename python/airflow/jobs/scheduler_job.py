"""SchedulerJob: a table of Airflow's database, for files that import it."""

from __future__ import annotations

from airflow.models._database import DatabaseModel


class SchedulerJob(DatabaseModel):
    """A row of the table; see `airflow.models._database`."""
