"""SubDagOperator: a DAG that runs as a task of another one."""

from __future__ import annotations

from authoring import LOGICAL_DATE, AuthoringTest, no_sleep
from harness import FolderTest

from airflow import DAG
from airflow.example_dags.subdags.subdag import subdag as create_example
from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.operators.subdag import SkippedStatePropagationOptions, SubDagOperator

SOURCE = """
    from datetime import datetime
    from airflow import DAG
    from airflow.operators.empty import EmptyOperator
    from airflow.operators.subdag_operator import SubDagOperator

    def child(args):
        inner = DAG("parent.section", default_args=args, schedule_interval="@daily")
        EmptyOperator(task_id="inner", dag=inner)
        return inner

    with DAG("parent", start_date=datetime(2024, 1, 1), schedule="@daily") as dag:
        section = SubDagOperator(
            task_id="section", subdag=child({"start_date": datetime(2024, 1, 1)})
        )
        section >> EmptyOperator(task_id="end")
"""


class SubDagFileTest(FolderTest):
    def test_the_sub_dag_is_a_dag_that_only_its_task_starts(self) -> None:
        result = self.parse(SOURCE)
        self.assertIsNone(result["error"])
        parent, child = result["dags"]
        self.assertEqual(parent["schedule"]["kind"], "cron")
        self.assertEqual([task["task_id"] for task in parent["tasks"]], ["section", "end"])
        self.assertEqual(child["dag_id"], "parent.section")
        self.assertNotIn("schedule", child)
        self.assertIs(child["is_paused_upon_creation"], False)
        self.assertIn("SubDagOperator is deprecated", "".join(result["warnings"]))

    def test_its_name_must_be_that_of_the_task(self) -> None:
        error = self.parse(SOURCE.replace('task_id="section"', 'task_id="other"'))["error"]
        self.assertIn("Expected 'parent.other'; received 'parent.section'", error["message"])


class SubDagRunTest(AuthoringTest):
    def setUp(self) -> None:
        super().setUp()
        self.task = SubDagOperator(task_id="s", subdag=create_example("d", "s", {}))

    def answer(self, *states: str | None) -> None:
        runs = [None if s is None else {"run_id": "r", "state": s} for s in states]
        self.attach(run_get=runs, in_turn=("run_get",), task_states=[{"state": "skipped"}])

    def test_it_starts_a_run_of_the_same_date_and_waits(self) -> None:
        self.answer(None, "running", "success", "success")
        with no_sleep() as slept:
            self.execute(self.task)
        self.assertEqual(slept, [60])
        methods = [method for method, _ in self.engine.requests]
        self.assertEqual(methods, ["run_get", "trigger_dag", "run_get", "run_get", "run_get"])
        asked = self.engine.requests[1][1]
        self.assertEqual((asked["dag_id"], asked["reset"]), ("d.s", False))
        self.assertEqual(asked["logical_date"], LOGICAL_DATE.isoformat())

    def test_a_failed_run_fails_the_task_and_is_repeated_by_its_retry(self) -> None:
        self.answer("failed", "failed", "failed")
        with self.assertRaisesRegex(AirflowException, "Actual state: failed"):
            self.execute(self.task)
        self.assertTrue(self.engine.requests[1][1]["reset"])

    def test_skipped_leaves_may_skip_the_task(self) -> None:
        self.answer("success", "success", "success")
        self.execute(self.task)
        self.task.propagate_skipped_state = SkippedStatePropagationOptions.ALL_LEAVES
        self.answer("success", "success", "success")
        with self.assertRaises(AirflowSkipException):
            self.execute(self.task)

    def test_it_needs_a_dag(self) -> None:
        from airflow.models.dag import DagContext

        DagContext.pop_context_managed_dag()
        self.addCleanup(DagContext.push_context_managed_dag, self.dag)
        with self.assertRaisesRegex(AirflowException, "dag"):
            SubDagOperator(task_id="t", subdag=DAG("d.t", schedule=None))


class ExampleTest(FolderTest):
    def test_what_the_example_dags_import_is_there(self) -> None:
        dag = self.parse_dag(
            """
            import pendulum
            from airflow import DAG
            from airflow.configuration import conf
            from airflow.example_dags.libs.helper import print_stuff
            from airflow.example_dags.plugins.workday import AfterWorkdayTimetable
            from airflow.example_dags.plugins.decreasing_priority_weight_strategy import (
                DecreasingPriorityStrategy,
            )
            from airflow.operators.empty import EmptyOperator

            image = conf.get("kubernetes_executor", "worker_container_repository")
            start = pendulum.datetime(2021, 3, 10, tz="UTC")
            with DAG("d", start_date=start, schedule=AfterWorkdayTimetable()):
                EmptyOperator(task_id="t", weight_rule=DecreasingPriorityStrategy())
            """
        )
        self.assertEqual(dag["schedule"]["kind"], "custom")
