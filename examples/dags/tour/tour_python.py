"""Python: functions as tasks, values passed between them, and what a task knows of its run."""

import pendulum

from airflow.decorators import dag, task
from airflow.operators.python import PythonOperator
from airflow.utils.task_group import TaskGroup


def describe_run(ds, dag_run, params, greeting):
    print(f"{greeting}! This is {dag_run.run_id}, of {ds}.")
    return params["numbers"]


@task
def double(numbers):
    return [2 * number for number in numbers]


@task(multiple_outputs=True)
def summarize(numbers):
    return {"sum": sum(numbers), "count": len(numbers)}


@task
def report(total, count, ti=None):
    print(f"{ti.task_id}: {count} numbers add up to {total}")


@task.branch
def choose(total):
    return "results.large" if total > 10 else "results.small"


@dag(
    schedule=None,
    start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
    catchup=False,
    params={"numbers": [1, 2, 3]},
    tags=["tour"],
    doc_md=__doc__,
)
def tour_python():
    start = PythonOperator(
        task_id="describe_run",
        python_callable=describe_run,
        op_kwargs={"greeting": "{{ dag_run.conf.get('greeting', 'Hello') }}"},
    )
    summary = summarize(double(start.output))
    report(summary["sum"], summary["count"])

    chosen = choose(summary["sum"])
    with TaskGroup("results"):
        for size in ("small", "large"):
            chosen >> PythonOperator(
                task_id=size, python_callable=print, op_args=[f"The sum is {size}."]
            )


tour_python()
