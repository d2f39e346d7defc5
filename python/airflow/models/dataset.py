"""Names of the tables of datasets."""

from __future__ import annotations

from airflow.models._database import DatabaseModel


class DatasetModel(DatabaseModel):
    """A dataset; see `airflow.models._database`."""


class DatasetEvent(DatabaseModel):
    """An event of a dataset; see `airflow.models._database`."""


class DatasetDagRunQueue(DatabaseModel):
    """What a DAG that datasets start has seen so far; see `airflow.models._database`."""
