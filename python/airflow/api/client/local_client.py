"""Client: the API, used from a task."""

from __future__ import annotations

from typing import Any

from airflow.api.common.trigger_dag import trigger_dag
from airflow.models.pool import Pool


class Client:
    """Triggers DAGs and reads pools."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def trigger_dag(
        self,
        dag_id: str,
        run_id: str | None = None,
        conf: Any = None,
        execution_date: Any = None,
        replace_microseconds: bool = True,
    ) -> dict[str, Any]:
        """Create a run and return its main fields."""
        run = trigger_dag(dag_id, run_id, conf, execution_date, replace_microseconds)
        return {
            "dag_id": run.dag_id,
            "dag_run_id": run.run_id,
            "logical_date": run.logical_date,
            "state": run.state,
            "conf": run.conf,
        }

    def get_pool(self, name: str) -> tuple[str, int, str]:
        """Return name, slots and description of a pool."""
        pool: Any = Pool.get_pool(name)
        return pool.pool, pool.slots, pool.description
