"""Marker types of the authoring API."""

from __future__ import annotations

import enum
from typing import Any


class ArgNotSet:
    """Type of `NOTSET`: an argument that was not given, where None is a value."""


NOTSET = ArgNotSet()


class DagRunType(str, enum.Enum):
    """Where a DAG run comes from."""

    BACKFILL_JOB = "backfill"
    SCHEDULED = "scheduled"
    MANUAL = "manual"
    DATASET_TRIGGERED = "dataset_triggered"
    ASSET_TRIGGERED = "dataset_triggered"  # the same one, under Airflow 3's name

    def __str__(self) -> str:
        return self.value

    def generate_run_id(self, logical_date: Any) -> str:
        """Return the id of a run of this type."""
        return f"{self}__{logical_date.isoformat()}"

    @staticmethod
    def from_run_id(run_id: str) -> DagRunType:
        """Return the type that the prefix of a run id tells."""
        for run_type in DagRunType:
            if run_id.startswith(f"{run_type.value}__"):
                return run_type
        return DagRunType.MANUAL


class DagRunTriggeredByType(str, enum.Enum):
    """Who has triggered a DAG run."""

    CLI = "cli"
    OPERATOR = "operator"
    REST_API = "rest_api"
    UI = "ui"
    TEST = "test"
    TIMETABLE = "timetable"
    DATASET = "dataset"
    ASSET = "asset"
    BACKFILL = "backfill"

    def __str__(self) -> str:
        return self.value


class EdgeInfoType(dict):  # type: ignore[type-arg]
    """What is known of one edge of a DAG: its `label`."""
