"""Deadlines of DAG runs, as Airflow 3 writes them. They are data: nothing enforces them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk.definitions.callback import AsyncCallback, SyncCallback

__all__ = ["AsyncCallback", "DeadlineAlert", "DeadlineReference", "SyncCallback"]


@dataclass(frozen=True)
class _Reference:
    """The moment of a run that a deadline counts from; `details` where the name says too little."""

    name: str
    details: tuple[Any, ...] = ()


class DeadlineReference:
    """The moments that a deadline may count from."""

    DAGRUN_LOGICAL_DATE = _Reference("DAGRUN_LOGICAL_DATE")
    DAGRUN_QUEUED_AT = _Reference("DAGRUN_QUEUED_AT")

    @classmethod
    def FIXED_DATETIME(cls, moment: datetime) -> _Reference:  # noqa: N802 - Airflow's name
        """Count from a given moment."""
        return _Reference("FIXED_DATETIME", (moment,))

    @classmethod
    def AVERAGE_RUNTIME(  # noqa: N802 - Airflow's name
        cls, max_runs: int = 10, min_runs: int | None = None
    ) -> _Reference:
        """Count from the start of the run plus the mean of the runs before."""
        return _Reference("AVERAGE_RUNTIME", (max_runs, max_runs if min_runs is None else min_runs))


@dataclass
class DeadlineAlert:
    """Whom to call if a run has not ended `interval` after the moment of `reference`."""

    reference: _Reference
    interval: timedelta
    callback: Any

    def __post_init__(self) -> None:
        if not isinstance(self.interval, timedelta):
            raise TypeError(f"interval of a DeadlineAlert must be a timedelta: {self.interval!r}")
