"""Runs when the dataset of etl is updated."""

import pendulum
from airflow import DAG
from airflow.datasets import Dataset
from airflow.operators.empty import EmptyOperator

with DAG("consumer", schedule=[Dataset("s3://lake/rows")],
         start_date=pendulum.datetime(2021, 1, 1, tz="UTC"), tags=["prod"]) as dag:
    EmptyOperator(task_id="use")
