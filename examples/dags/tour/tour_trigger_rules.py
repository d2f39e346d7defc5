"""Trigger rules: one task for each rule, after a task that succeeds, one that fails, one skipped.

`failed` is meant to fail. The run still succeeds, because what decides are the last tasks, and
`end` runs whatever happened before it.
"""

import pendulum

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.utils.trigger_rule import TriggerRule

RULES = {
    # rule: the tasks upstream of the one that has it, chosen so that it runs
    TriggerRule.ALL_SUCCESS: ["succeeded"],
    TriggerRule.ALL_FAILED: ["failed"],
    TriggerRule.ALL_DONE: ["succeeded", "failed", "skipped"],
    TriggerRule.ALL_SKIPPED: ["skipped"],
    TriggerRule.ONE_SUCCESS: ["succeeded", "failed"],
    TriggerRule.ONE_FAILED: ["failed", "succeeded"],
    TriggerRule.ONE_DONE: ["succeeded", "skipped"],
    TriggerRule.NONE_FAILED: ["succeeded", "skipped"],
    TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS: ["succeeded", "skipped"],
    TriggerRule.NONE_SKIPPED: ["succeeded", "failed"],
    TriggerRule.ALWAYS: ["failed"],
}

with DAG(
    dag_id="tour_trigger_rules",
    schedule=None,
    start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
    catchup=False,
    tags=["tour"],
    doc_md=__doc__,
) as dag:
    outcomes = {
        "succeeded": BashOperator(task_id="succeeded", bash_command="exit 0"),
        "failed": BashOperator(task_id="failed", bash_command="exit 1"),
        "skipped": BashOperator(task_id="skipped", bash_command="exit 99"),
    }
    end = EmptyOperator(task_id="end", trigger_rule=TriggerRule.ALL_DONE)
    for rule, upstream in RULES.items():
        task = EmptyOperator(task_id=rule.value, trigger_rule=rule)
        [outcomes[name] for name in upstream] >> task >> end
