"""Two tasks in a row, with everything that the API tells of a DAG and of its tasks."""

import datetime

import pendulum
from airflow import DAG
from airflow.datasets import Dataset
from airflow.models.param import Param
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator


def load(ti):
    return ti.xcom_pull(task_ids="extract") + "!"


with DAG(
    "etl",
    description="Extract and load",
    schedule="0 3 * * *",
    start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
    end_date=pendulum.datetime(2021, 1, 3, tz="UTC"),
    catchup=False,
    tags=["prod", "team:data"],
    doc_md="# etl",
    default_args={"owner": "ann", "retries": 1, "retry_delay": datetime.timedelta(0)},
    dagrun_timeout=datetime.timedelta(hours=1),
    max_active_runs=3,
    params={"day": Param("2021-01-01", type="string", format="date")},
) as dag:
    extract = BashOperator(task_id="extract", bash_command="echo rows {{ params.day }}",
                           execution_timeout=datetime.timedelta(minutes=5))
    extract >> PythonOperator(task_id="load", python_callable=load,
                              outlets=[Dataset("s3://lake/rows")])
