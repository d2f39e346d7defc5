"""32 tasks of 10 s at once, after a short one; every 5 minutes."""

import pendulum

from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG(
    dag_id="10s_32t_container",
    schedule_interval="*/5 * * * *",
    start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=200,
    tags=["parallel"],
) as dag:
    run_before_loop = BashOperator(task_id="run_before_loop", bash_command="echo 1")
    for i in range(32):
        runme = BashOperator(
            task_id=f"runme_{i}",
            bash_command='echo "{{ task_instance_key_str }}" && sleep 10',
            queue="container",
        )
        run_before_loop >> runme
