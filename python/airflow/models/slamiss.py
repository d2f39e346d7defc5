"""SlaMiss: the table of missed SLAs."""

from __future__ import annotations

from airflow.models._database import DatabaseModel

__all__ = ["SlaMiss"]


class SlaMiss(DatabaseModel):
    """A row of the table; see `airflow.models._database`."""
