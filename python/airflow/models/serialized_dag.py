"""SerializedDagModel: the table of serialized DAGs."""

from __future__ import annotations

from airflow.models._database import DatabaseModel

__all__ = ["SerializedDagModel"]


class SerializedDagModel(DatabaseModel):
    """A row of the table; see `airflow.models._database`."""
