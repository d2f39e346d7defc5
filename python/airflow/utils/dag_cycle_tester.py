"""Looking for cycles, as tests of DAG files do. A DAG file is checked when it is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.models.dag import DAG


def check_cycle(dag: DAG) -> None:
    """Raise AirflowDagCycleException where the tasks of `dag` depend on each other in a circle."""
    dag.topological_sort()


test_cycle = check_cycle
