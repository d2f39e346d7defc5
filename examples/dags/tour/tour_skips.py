"""Skips: by an exit code, by an exception, and by a condition."""

import pendulum

from airflow import DAG
from airflow.exceptions import AirflowSkipException
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator, ShortCircuitOperator


def find_no_data():
    raise AirflowSkipException("there is no data today")


with DAG(
    dag_id="tour_skips",
    schedule=None,
    start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
    catchup=False,
    tags=["tour"],
    doc_md=__doc__,
) as dag:
    by_exit_code = BashOperator(task_id="by_exit_code", bash_command="exit 99")
    by_exception = PythonOperator(task_id="by_exception", python_callable=find_no_data)
    by_condition = ShortCircuitOperator(
        task_id="by_condition",
        python_callable=lambda: False,
        ignore_downstream_trigger_rules=False,
    )

    # A task is skipped along with what it follows...
    for task in (by_exit_code, by_exception, by_condition):
        task >> EmptyOperator(task_id=f"after_{task.task_id}")

    # ... unless its trigger rule allows for skipped tasks.
    dag.leaves >> EmptyOperator(task_id="goes_on", trigger_rule="none_failed")
