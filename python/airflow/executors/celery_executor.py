"""CeleryExecutor, for files that name it; see `airflow.executors.base_executor`."""

from __future__ import annotations

from airflow.executors.base_executor import BaseExecutor


class CeleryExecutor(BaseExecutor):
    """An executor that does nothing."""
