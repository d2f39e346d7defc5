"""Retries: tasks that fail on the first try and succeed on the second."""

from datetime import timedelta

import pendulum

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator


def succeed_on_second_try(ti):
    print(f"This is try {ti.try_number}.")
    if ti.try_number < 2:
        raise RuntimeError("not yet")


with DAG(
    dag_id="tour_retries",
    schedule=None,
    start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
    catchup=False,
    default_args={"retries": 2, "retry_delay": timedelta(seconds=1)},
    tags=["tour"],
    doc_md=__doc__,
) as dag:
    in_bash = BashOperator(
        task_id="in_bash",
        bash_command='echo "This is try {{ ti.try_number }}." && [ {{ ti.try_number }} -ge 2 ]',
    )
    in_python = PythonOperator(
        task_id="in_python",
        python_callable=succeed_on_second_try,
        retry_delay=timedelta(seconds=2),
    )

    in_bash >> in_python
