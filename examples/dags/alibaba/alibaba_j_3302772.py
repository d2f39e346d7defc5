"""Job j_3302772 of the Alibaba cluster trace: 77 tasks, 76 tasks start at once.

Its longest path takes 93 s. Shapes and durations are those that "sAirflow: Adopting
Serverless in a Legacy Workflow Scheduler" (Euro-Par 2024) shows in its figure 2.
"""

import pendulum

from airflow import DAG
from airflow.operators.bash import BashOperator

SECONDS = {
    "p1": 4,
    "p2": 4,
    "p3": 4,
    "p4": 5,
    "p5": 4,
    "p6": 6,
    "p7": 5,
    "p8": 5,
    "p9": 4,
    "p10": 5,
    "p11": 4,
    "p12": 3,
    "p13": 5,
    "p14": 6,
    "p15": 3,
    "p16": 33,
    "p17": 4,
    "p18": 7,
    "p19": 3,
    "p20": 5,
    "p21": 16,
    "p22": 10,
    "p23": 4,
    "p24": 27,
    "p25": 5,
    "p26": 19,
    "p27": 3,
    "p28": 10,
    "p29": 4,
    "p30": 10,
    "p31": 48,
    "p32": 5,
    "p33": 6,
    "p34": 28,
    "p35": 4,
    "p36": 15,
    "p37": 14,
    "p38": 4,
    "p39": 5,
    "p40": 4,
    "p41": 4,
    "p42": 24,
    "p43": 8,
    "p44": 6,
    "p45": 10,
    "p46": 4,
    "p47": 9,
    "p48": 6,
    "p49": 7,
    "p50": 9,
    "p51": 3,
    "p52": 8,
    "p53": 5,
    "p54": 4,
    "p55": 8,
    "p56": 4,
    "p57": 4,
    "p58": 4,
    "p59": 3,
    "p60": 15,
    "p61": 6,
    "p62": 4,
    "p63": 3,
    "p64": 7,
    "p65": 3,
    "p66": 4,
    "p67": 5,
    "p68": 4,
    "p69": 3,
    "p70": 4,
    "p71": 4,
    "p72": 3,
    "p73": 3,
    "p74": 5,
    "p75": 8,
    "p76": 6,
    "sink": 60,
}

EDGES = [
    ("p3", "sink"),
    ("p4", "sink"),
    ("p5", "sink"),
    ("p6", "sink"),
    ("p7", "sink"),
    ("p8", "sink"),
    ("p9", "sink"),
    ("p10", "sink"),
    ("p11", "sink"),
    ("p12", "sink"),
    ("p13", "sink"),
    ("p14", "sink"),
    ("p15", "sink"),
    ("p16", "sink"),
    ("p17", "sink"),
    ("p18", "sink"),
    ("p19", "sink"),
    ("p20", "sink"),
]

with DAG(
    dag_id="alibaba_j_3302772",
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
