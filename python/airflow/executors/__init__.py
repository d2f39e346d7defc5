"""Executors: names that DAG files import. Beeflow's own executors run the tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow._lazy import lazy_exports

if TYPE_CHECKING:
    from airflow.executors.base_executor import BaseExecutor

_MODULES = {
    "BaseExecutor": "airflow.executors.base_executor",
    "LocalExecutor": "airflow.executors.local_executor",
    "SequentialExecutor": "airflow.executors.sequential_executor",
}

__getattr__, __dir__ = lazy_exports(__name__, _MODULES)


def get_default_executor() -> BaseExecutor:
    """Return an executor."""
    from airflow.executors.executor_loader import ExecutorLoader

    return ExecutorLoader.get_default_executor()


GetDefaultExecutor = get_default_executor

__all__ = [*_MODULES, "GetDefaultExecutor", "get_default_executor"]
