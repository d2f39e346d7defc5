"""Marker types of the authoring API."""

from __future__ import annotations

import enum


class ArgNotSet:
    """Type of `NOTSET`: an argument that was not given, where None is a value."""


NOTSET = ArgNotSet()


class DagRunType(str, enum.Enum):
    """Where a DAG run comes from."""

    BACKFILL_JOB = "backfill"
    SCHEDULED = "scheduled"
    MANUAL = "manual"
    DATASET_TRIGGERED = "dataset_triggered"

    def __str__(self) -> str:
        return self.value

    @staticmethod
    def from_run_id(run_id: str) -> DagRunType:
        """Return the type that the prefix of a run id tells."""
        for run_type in DagRunType:
            if run_id.startswith(f"{run_type.value}__"):
                return run_type
        return DagRunType.MANUAL


class EdgeInfoType(dict):  # type: ignore[type-arg]
    """What is known of one edge of a DAG: its `label`."""
