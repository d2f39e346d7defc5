"""Jobs: names that code of DAGs imports."""

from __future__ import annotations

from airflow._lazy import lazy_exports

_MODULES = {
    "BackfillJob": "airflow.jobs.backfill_job",
    "BaseJob": "airflow.jobs.base_job",
    "LocalTaskJob": "airflow.jobs.local_task_job",
    "SchedulerJob": "airflow.jobs.scheduler_job",
}

__getattr__, __dir__ = lazy_exports(__name__, _MODULES)

__all__ = list(_MODULES)
