"""ExecutorLoader, and GetDefaultExecutor as Airflow 1 has it."""

from __future__ import annotations

from airflow.executors.base_executor import BaseExecutor
from airflow.executors.local_executor import LocalExecutor


class ExecutorLoader:
    """Gives the executor that files ask for."""

    @classmethod
    def get_default_executor(cls) -> BaseExecutor:
        """Return an executor."""
        return LocalExecutor()

    @classmethod
    def get_default_executor_name(cls) -> str:
        """Return its name."""
        return "LocalExecutor"
