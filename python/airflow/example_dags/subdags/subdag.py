"""The sub-DAG of the example for SubDagOperator."""

from __future__ import annotations

from typing import Any

import pendulum

from airflow.models.dag import DAG
from airflow.operators.empty import EmptyOperator

_TASKS = 5


def subdag(parent_dag_name: str, child_dag_name: str, args: dict[str, Any]) -> DAG:
    """Return a DAG of some empty tasks, to run as the task `child_dag_name` of the parent."""
    dag = DAG(
        dag_id=f"{parent_dag_name}.{child_dag_name}",
        default_args=args,
        start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
        catchup=False,
        schedule="@daily",
    )
    for number in range(1, _TASKS + 1):
        EmptyOperator(task_id=f"{child_dag_name}-task-{number}", default_args=args, dag=dag)
    return dag
