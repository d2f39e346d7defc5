"""Branches: one of three ways is taken, the others are skipped, and all join again.

The way is chosen by the run's configuration: trigger with {"way": "left"}, "right" or "both".
"""

import pendulum

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import BranchPythonOperator


def choose_way(dag_run):
    way = dag_run.conf.get("way", "left")
    return ["left", "right"] if way == "both" else way


with DAG(
    dag_id="tour_branches",
    schedule=None,
    start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
    catchup=False,
    tags=["tour"],
    doc_md=__doc__,
) as dag:
    choose = BranchPythonOperator(task_id="choose", python_callable=choose_way)
    left = BashOperator(task_id="left", bash_command="echo going left")
    right = BashOperator(task_id="right", bash_command="echo going right")
    nowhere = EmptyOperator(task_id="nowhere")
    # With the default rule, all_success, a skipped branch would skip the join as well.
    join = EmptyOperator(task_id="join", trigger_rule="none_failed_min_one_success")

    choose >> [left, right, nowhere] >> join
