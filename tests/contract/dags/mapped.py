"""A mapped task whose second instance fails."""

import pendulum
from airflow.decorators import dag, task


@dag(dag_id="mapped", schedule=None, start_date=pendulum.datetime(2021, 1, 1, tz="UTC"))
def mapped():
    @task
    def halve(number):
        if number % 2:
            raise ValueError(f"{number} is odd")
        return number // 2

    halve.expand(number=[2, 3, 4])


mapped()
