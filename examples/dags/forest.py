"""Many small DAGs at once: for each k of 1, 2, 4 and 8, k copies of an 8-task parallel DAG.

The DAGs `10s_8t_forest_<k>_0` ... `10s_8t_forest_<k>_<k-1>` are due at the same moments. Unpause
the DAGs of one k, and compare their makespans with that of a single DAG: what they add is what
the engine loses when DAGs compete.
"""

import pendulum

from airflow import DAG
from airflow.operators.bash import BashOperator

FOREST_SIZES = (1, 2, 4, 8)
TASKS = 8


def plant_tree(dag_id):
    with DAG(
        dag_id=dag_id,
        schedule_interval="*/5 * * * *",
        start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
        catchup=False,
        max_active_runs=1,
        tags=["forest"],
    ) as dag:
        run_before_loop = BashOperator(task_id="run_before_loop", bash_command="echo 1")
        for i in range(TASKS):
            runme = BashOperator(
                task_id=f"runme_{i}",
                bash_command='echo "{{ task_instance_key_str }}" && sleep 10',
            )
            run_before_loop >> runme
    return dag


for size in FOREST_SIZES:
    for number in range(size):
        dag_id = f"10s_8t_forest_{size}_{number}"
        globals()[dag_id] = plant_tree(dag_id)
