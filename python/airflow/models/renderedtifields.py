"""RenderedTaskInstanceFields: the table of rendered templates."""

from __future__ import annotations

from airflow.models._database import DatabaseModel

__all__ = ["RenderedTaskInstanceFields"]


class RenderedTaskInstanceFields(DatabaseModel):
    """A row of the table; see `airflow.models._database`."""
