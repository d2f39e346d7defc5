"""Trigger: the table of deferred tasks' triggers."""

from __future__ import annotations

from airflow.models._database import DatabaseModel

__all__ = ["Trigger"]


class Trigger(DatabaseModel):
    """A row of the table; see `airflow.models._database`."""
