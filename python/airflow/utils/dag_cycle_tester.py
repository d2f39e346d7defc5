"""check_cycle, for tests of DAG files."""

from __future__ import annotations

from airflow.models.dag import DAG


def check_cycle(dag: DAG) -> None:
    """Raise AirflowDagCycleException where tasks of the DAG wait for each other in a circle."""
    dag.topological_sort()


# The name of Airflow 2.0.
test_cycle = check_cycle
