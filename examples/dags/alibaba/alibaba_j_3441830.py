"""Job j_3441830 of the Alibaba cluster trace: 34 tasks, mostly sequential.

Its longest path takes 439 s. Shapes and durations are those that "sAirflow: Adopting
Serverless in a Legacy Workflow Scheduler" (Euro-Par 2024) shows in its figure 2.
"""

import pendulum

from airflow import DAG
from airflow.operators.bash import BashOperator

SECONDS = {
    "a1": 15,
    "a2": 27,
    "a3": 13,
    "b1": 4,
    "b2": 52,
    "b3": 59,
    "b4": 44,
    "b5": 39,
    "c1": 7,
    "c2": 60,
    "c3": 15,
    "c4": 60,
    "d1": 10,
    "d2": 60,
    "d3": 21,
    "d4": 60,
    "e1": 14,
    "e2": 60,
    "f1": 5,
    "f2": 17,
    "f3": 17,
    "f4": 60,
    "f5": 60,
    "f6": 60,
    "f7": 60,
    "g1": 9,
    "g2": 17,
    "g3": 17,
    "g4": 20,
    "g5": 21,
    "g6": 60,
    "g7": 60,
    "g8": 60,
    "h1": 60,
}

EDGES = [
    ("a1", "b2"),
    ("a1", "b4"),
    ("a2", "b2"),
    ("a2", "b4"),
    ("a3", "b5"),
    ("b1", "c1"),
    ("b2", "c2"),
    ("b3", "c2"),
    ("b3", "c4"),
    ("b4", "c4"),
    ("b5", "c2"),
    ("b5", "c4"),
    ("c1", "d1"),
    ("c2", "d2"),
    ("c3", "d2"),
    ("c3", "d4"),
    ("c4", "d4"),
    ("d1", "e1"),
    ("d2", "e2"),
    ("d3", "e2"),
    ("d4", "e2"),
    ("e1", "f2"),
    ("e1", "f3"),
    ("e1", "g2"),
    ("e1", "g3"),
    ("e2", "f4"),
    ("e2", "f5"),
    ("e2", "f6"),
    ("e2", "f7"),
    ("e2", "g6"),
    ("e2", "g7"),
    ("f1", "g1"),
    ("f2", "g4"),
    ("f3", "g5"),
    ("f4", "g8"),
    ("f5", "g8"),
    ("f6", "g8"),
    ("f7", "g8"),
    ("g1", "h1"),
    ("g2", "h1"),
    ("g3", "h1"),
    ("g4", "h1"),
    ("g5", "h1"),
    ("g6", "h1"),
    ("g7", "h1"),
    ("g8", "h1"),
]

with DAG(
    dag_id="alibaba_j_3441830",
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
