"""A chain of 5 tasks, each of 10 s; every 5 minutes."""

import pendulum

from airflow import DAG
from airflow.models.baseoperator import chain
from airflow.operators.bash import BashOperator

with DAG(
    dag_id="10s_5t_line",
    schedule_interval="*/5 * * * *",
    start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    tags=["chain"],
) as dag:
    chain(
        *[
            BashOperator(
                task_id=f"runme_{i}",
                bash_command='echo "{{ task_instance_key_str }}" && sleep 10',
            )
            for i in range(5)
        ]
    )
