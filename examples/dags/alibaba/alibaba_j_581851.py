"""Job j_581851 of the Alibaba cluster trace: 19 tasks, mixed.

Its longest path takes 86 s. Shapes and durations are those that "sAirflow: Adopting
Serverless in a Legacy Workflow Scheduler" (Euro-Par 2024) shows in its figure 2.
"""

import pendulum

from airflow import DAG
from airflow.operators.bash import BashOperator

SECONDS = {
    "a1": 1,
    "a2": 13,
    "a3": 16,
    "b1": 13,
    "b2": 1,
    "b3": 13,
    "b4": 13,
    "b5": 23,
    "b6": 13,
    "b7": 16,
    "b8": 14,
    "c1": 13,
    "c2": 13,
    "c3": 13,
    "c4": 23,
    "c5": 13,
    "c6": 16,
    "c7": 14,
    "d1": 24,
}

EDGES = [
    ("a1", "b2"),
    ("a2", "b1"),
    ("a2", "b3"),
    ("a2", "b4"),
    ("a2", "b5"),
    ("a2", "b6"),
    ("a3", "b5"),
    ("a3", "b6"),
    ("a3", "b7"),
    ("a3", "b8"),
    ("b1", "c1"),
    ("b2", "c2"),
    ("b3", "c2"),
    ("b4", "c3"),
    ("b5", "c4"),
    ("b6", "c5"),
    ("b7", "c6"),
    ("b8", "c7"),
    ("c1", "d1"),
    ("c3", "d1"),
    ("c4", "d1"),
    ("c5", "d1"),
    ("c6", "d1"),
    ("c7", "d1"),
]

with DAG(
    dag_id="alibaba_j_581851",
    schedule_interval="*/30 * * * *",
    start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=200,
    tags=["alibaba"],
) as dag:
    tasks = {
        task_id: BashOperator(task_id=task_id, bash_command=f"sleep {seconds}")
        for task_id, seconds in SECONDS.items()
    }
    for upstream, downstream in EDGES:
        tasks[upstream] >> tasks[downstream]
