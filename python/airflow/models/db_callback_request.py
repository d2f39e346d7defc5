"""DbCallbackRequest: the table of callbacks to be made."""

from __future__ import annotations

from airflow.models._database import DatabaseModel

__all__ = ["DbCallbackRequest"]


class DbCallbackRequest(DatabaseModel):
    """A row of the table; see `airflow.models._database`."""
