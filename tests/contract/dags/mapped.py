"""A mapped task whose second instance fails, and names for people to see."""

import pendulum
from airflow.decorators import dag, task


@dag(dag_id="mapped", schedule=None, start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
     dag_display_name="Mapped tasks ½", default_view="graph", orientation="TB",
     template_searchpath="/etc", render_template_as_native_obj=True)
def mapped():
    @task(task_display_name="Halve it", map_index_template="number {{ task.op_kwargs['number'] }}",
          max_active_tis_per_dag=2)
    def halve(number):
        if number % 2:
            raise ValueError(f"{number} is odd")
        return number // 2

    halve.expand(number=[2, 3, 4])


mapped()
