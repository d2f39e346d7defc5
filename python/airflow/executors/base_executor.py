"""BaseExecutor, for files that name an executor; the engine chooses one by the task's queue."""

from __future__ import annotations

from typing import Any

from airflow.utils.log.logging_mixin import LoggingMixin

PARALLELISM = 32


class BaseExecutor(LoggingMixin):
    """An executor that does nothing."""

    is_local = False
    supports_ad_hoc_ti_run = False

    def __init__(self, parallelism: int = PARALLELISM, **_: Any) -> None:
        super().__init__()
        self.parallelism = parallelism
