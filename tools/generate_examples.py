"""Writes the example DAGs that differ only in their size or data.

`generate_examples.py` rewrites them; `generate_examples.py --check` only tells what differs.
"""

import argparse
import json
import sys
from pathlib import Path
from string import Template

ROOT = Path(__file__).resolve().parents[1]
DAGS = ROOT / "examples" / "dags"
DATA = ROOT / "data" / "alibaba_dags.json"

PARALLEL_SIZES = (8, 16, 20, 32, 40, 64, 80, 125, 160)
SHORT_SIZES = (16, 32, 64, 125)  # with tasks of 1 s, for a model whose time runs faster
CONTAINER_SIZES = (32,)
CHAIN_SIZES = (1, 5, 10, 15)
SCHEDULES = {"": (5, "*/5 * * * *"), "_30cron": (30, "*/30 * * * *")}

PARALLEL = Template(
    '''\
"""$size tasks of $seconds s at once, after a short one; every $minutes minutes."""

import pendulum

from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG(
    dag_id="$dag_id",
    schedule_interval="$cron",
    start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=200,
    tags=["parallel"],
) as dag:
    run_before_loop = BashOperator(task_id="run_before_loop", bash_command="echo 1")
    for i in range($size):
        runme = BashOperator(
            task_id=f"runme_{i}",
            bash_command='echo "{{ task_instance_key_str }}" && sleep $seconds',$queue
        )
        run_before_loop >> runme
'''
)

CHAIN = Template(
    '''\
"""A chain of $length 10 s; every 5 minutes."""

import pendulum

from airflow import DAG
from airflow.models.baseoperator import chain
from airflow.operators.bash import BashOperator

with DAG(
    dag_id="$dag_id",
    schedule_interval="*/5 * * * *",
    start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    tags=["chain"],
) as dag:
    chain(
        *[
            BashOperator(
                task_id=f"runme_{i}",
                bash_command='echo "{{ task_instance_key_str }}" && sleep 10',
            )
            for i in range($size)
        ]
    )
'''
)

ALIBABA = Template(
    '''\
"""Job $job of the Alibaba cluster trace: $count tasks, $note.

Its longest path takes $critical_path s. Shapes and durations are those that "sAirflow: Adopting
Serverless in a Legacy Workflow Scheduler" (Euro-Par 2024) shows in its figure 2.
"""

import pendulum

from airflow import DAG
from airflow.operators.bash import BashOperator

SECONDS = {
$seconds
}

EDGES = [
$edges
]

with DAG(
    dag_id="$dag_id",
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
'''
)


def generate():
    """Returns the text of every generated file by its path."""
    files = {}
    for size in PARALLEL_SIZES:
        for suffix in SCHEDULES:
            add_parallel(files, "parallel", f"10s_{size}t{suffix}", size, 10, suffix)
    for size in SHORT_SIZES:
        add_parallel(files, "parallel", f"1s_{size}t", size, 1)
    for size in CONTAINER_SIZES:
        dag_id = f"10s_{size}t_container"
        in_container = '\n            queue="container",'
        add_parallel(files, "containers", dag_id, size, 10, queue=in_container)
    for size in CHAIN_SIZES:
        dag_id = f"10s_{size}t_line"
        length = "one task of" if size == 1 else f"{size} tasks, each of"
        text = CHAIN.substitute(dag_id=dag_id, size=size, length=length)
        files[DAGS / "chains" / f"{dag_id}.py"] = text
    for job in json.loads(DATA.read_text(encoding="utf-8"))["dags"]:
        dag_id = f"alibaba_{job['job']}"
        files[DAGS / "alibaba" / f"{dag_id}.py"] = alibaba_dag(dag_id, job)
    return files


def add_parallel(files, folder, dag_id, size, seconds, suffix="", queue=""):
    """Adds the file of a DAG of parallel tasks; `queue` is an argument of these."""
    minutes, cron = SCHEDULES[suffix]
    files[DAGS / folder / f"{dag_id}.py"] = PARALLEL.substitute(
        dag_id=dag_id, size=size, seconds=seconds, minutes=minutes, cron=cron, queue=queue)


def alibaba_dag(dag_id, job):
    """Returns the text of the DAG file of one job."""
    return ALIBABA.substitute(
        dag_id=dag_id,
        job=job["job"],
        count=len(job["tasks"]),
        note=job["note"],
        critical_path=job["critical_path_seconds"],
        seconds="\n".join(f'    "{t["task_id"]}": {t["seconds"]},' for t in job["tasks"]),
        edges="\n".join(f'    ("{first}", "{second}"),' for first, second in job["edges"]),
    )


def find_differences(files):
    """Returns the paths whose file is missing, differs, or should not be there."""
    folders = {path.parent for path in files}
    stray = {path for folder in folders for path in folder.glob("*.py")} - files.keys()
    changed = {
        path
        for path, text in files.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    }
    return sorted(stray | changed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only tell what differs")
    files = generate()
    if parser.parse_args().check:
        differences = find_differences(files)
        for path in differences:
            print(f"{path.relative_to(ROOT)}: differs from what tools/generate_examples.py writes")
        return 1 if differences else 0
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
