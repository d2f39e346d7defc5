"""The tables of datasets; see `airflow.models._database`."""

from __future__ import annotations

from airflow.models._database import DatabaseModel

__all__ = [
    "DagScheduleDatasetReference",
    "DatasetAliasModel",
    "DatasetDagRunQueue",
    "DatasetEvent",
    "DatasetModel",
    "TaskOutletDatasetReference",
]


class DagScheduleDatasetReference(DatabaseModel):
    """A DAG that a dataset starts."""


class DatasetAliasModel(DatabaseModel):
    """An alias."""


class DatasetDagRunQueue(DatabaseModel):
    """A DAG that waits for its other datasets."""


class DatasetEvent(DatabaseModel):
    """An update of a dataset."""


class DatasetModel(DatabaseModel):
    """A dataset."""


class TaskOutletDatasetReference(DatabaseModel):
    """A task that updates a dataset."""
