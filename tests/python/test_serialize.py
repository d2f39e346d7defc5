"""The serialized DAG, against the values that docs/formats/serialized-dag.md prescribes."""

from __future__ import annotations

import unittest

from harness import FolderTest

HEADER = """
from datetime import datetime, timedelta
from dateutil.relativedelta import relativedelta
import pendulum
from airflow import DAG
from airflow.models import BaseOperator, Param
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
"""


class SerializeTest(FolderTest):
    def dag_of(self, arguments: str, body: str = "pass") -> dict:
        lines = "\n".join(f"    {line.strip()}" for line in body.strip().splitlines())
        return self.parse_dag(f"{HEADER}with DAG('d', {arguments}) as dag:\n{lines}\n")

    def task_of(self, body: str, arguments: str = "schedule=None") -> dict:
        return self.dag_of(arguments, body)["tasks"][0]

    def run_of(self, body: str, arguments: str = "schedule=None") -> dict:
        return self.task_of(body, arguments).get("run", {"kind": "python"})


class DagFieldsTest(SerializeTest):
    def test_defaults_are_left_out(self) -> None:
        self.assertEqual(self.dag_of("schedule=None"), {"version": 1, "dag_id": "d"})

    def test_everything_set(self) -> None:
        dag = self.dag_of(
            """
            description="about", doc_md="# Title", schedule="@daily", catchup=False,
            start_date=pendulum.datetime(2024, 1, 1, tz="Europe/Warsaw"),
            end_date=datetime(2025, 1, 1), max_active_runs=1, max_active_tasks=200,
            dagrun_timeout=timedelta(hours=1.5), fail_stop=True, is_paused_upon_creation=False,
            tags=["b", "a"], params={"x": 1, "y": Param("z", type="string")},
            default_args={"owner": "me"}""",
            "EmptyOperator(task_id='a', owner='you') >> EmptyOperator(task_id='b')",
        )
        self.assertEqual(
            dag,
            {
                "version": 1,
                "dag_id": "d",
                "description": "about",
                "doc_md": "# Title",
                "schedule": {
                    "kind": "cron",
                    "expression": "@daily",
                    "timezone": "Europe/Warsaw",
                },
                "start_date": "2023-12-31T23:00:00+00:00",
                "end_date": "2024-12-31T23:00:00+00:00",
                "catchup": False,
                "max_active_runs": 1,
                "max_active_tasks": 200,
                "dagrun_timeout": 5400,
                "fail_fast": True,
                "is_paused_upon_creation": False,
                "tags": ["b", "a"],
                "owners": ["me", "you"],
                "params": {"x": 1, "y": "z"},
                "params_schema": {"y": {"type": "string"}},
                "tasks": [
                    {
                        "task_id": "a",
                        "operator": "EmptyOperator",
                        "downstream": ["b"],
                        "run": {"kind": "empty"},
                        "owner": "you",
                        "ui_color": "#e8f7e4",
                    },
                    {
                        "task_id": "b",
                        "operator": "EmptyOperator",
                        "run": {"kind": "empty"},
                        "owner": "me",
                        "ui_color": "#e8f7e4",
                    },
                ],
                "operators": {
                    "EmptyOperator": {
                        "module": "airflow.operators.empty",
                        "template_fields": [],
                        "links": [],
                    },
                },
            },
        )

    def test_operators_are_described_once_mapped_or_not(self) -> None:
        dag = self.dag_of(
            "",
            "BashOperator(task_id='a', bash_command='true')\n"
            "BashOperator.partial(task_id='b').expand(bash_command=['true'])\n"
            "from airflow.operators.trigger_dagrun import TriggerDagRunOperator\n"
            "TriggerDagRunOperator(task_id='c', trigger_dag_id='e')",
        )
        operators = dag["operators"]
        self.assertEqual(sorted(operators), ["BashOperator", "TriggerDagRunOperator"])
        bash = operators["BashOperator"]
        self.assertEqual(bash["module"], "airflow.operators.bash")
        self.assertEqual(bash["template_fields"], ["bash_command", "env", "cwd"])
        self.assertEqual(operators["TriggerDagRunOperator"]["links"], ["Triggered DAG"])

    def test_schedules(self) -> None:
        for argument, schedule in (
            ("schedule='@once'", {"kind": "once"}),
            ("schedule='@continuous', max_active_runs=1", {"kind": "continuous"}),
            ("schedule=timedelta(minutes=90)", {"kind": "delta", "seconds": 5400}),
            ("schedule=timedelta(seconds=0.5)", {"kind": "delta", "seconds": 0.5}),
            (
                "schedule=relativedelta(years=1, months=1, days=1)",
                {"kind": "delta", "seconds": 86400, "months": 13},
            ),
            (
                "schedule='*/5 * * * *'",
                {"kind": "cron", "expression": "*/5 * * * *", "timezone": "UTC"},
            ),
            ("tags=[]", {"kind": "delta", "seconds": 86400}),
        ):
            with self.subTest(argument):
                self.assertEqual(self.dag_of(argument)["schedule"], schedule)

    def test_start_date_of_the_tasks_counts_where_the_dag_has_none(self) -> None:
        dag = self.dag_of(
            "schedule='@daily', default_args={'start_date': datetime(2024, 1, 1)}",
            "EmptyOperator(task_id='a')",
        )
        self.assertEqual(dag["start_date"], "2024-01-01T00:00:00+00:00")
        self.assertNotIn("start_date", dag["tasks"][0])

    def test_access_control_names_roles_and_what_they_may(self) -> None:
        for argument in (
            "{'Sales': {'can_edit', 'can_read'}}",
            "{'Sales': ['can_dag_read', 'can_dag_edit']}",
            "{'Sales': {'DAGs': {'can_read', 'can_edit'}, 'DAG Runs': {'can_create'}}}",
        ):
            with self.subTest(argument):
                dag = self.dag_of(f"schedule=None, access_control={argument}")
                self.assertEqual(dag["access_control"], {"Sales": ["can_edit", "can_read"]})

    def test_access_control_that_means_nothing_is_an_import_error(self) -> None:
        for argument, message in (
            ("{'Sales': {'can_fly'}}", "role 'Sales' has can_fly; the actions are can_delete"),
            ("{'Sales': 'can_read'}", "role 'Sales' must have a set of actions"),
        ):
            with self.subTest(argument):
                result = self.parse(
                    f"{HEADER}dag = DAG('d', schedule=None, access_control={argument})"
                )
                self.assertIn(message, result["error"]["message"])

    def test_params_without_a_default_are_among_the_schemas_alone(self) -> None:
        result = self.parse(
            HEADER + "dag = DAG('d', schedule=None, params={'any': Param(), "
            "'text': Param(type='string'), 'none': Param(None, type='string')})"
        )
        dag = result["dags"][0]
        self.assertEqual(dag["params"], {"none": None})
        self.assertEqual(
            dag["params_schema"],
            {"any": {}, "text": {"type": "string"}, "none": {"type": "string"}},
        )

    def test_param_that_is_not_json(self) -> None:
        result = self.parse(HEADER + "dag = DAG('d', schedule=None, params={'x': object()})")
        self.assertIn("DAG d: the default of param 'x' is not JSON", result["error"]["message"])


class TaskFieldsTest(SerializeTest):
    def test_everything_set(self) -> None:
        task = self.task_of(
            "PythonOperator(task_id='a', python_callable=dict, trigger_rule='all_done', retries=2, "
            "retry_delay=timedelta(seconds=1.5), retry_exponential_backoff=True, "
            "max_retry_delay=60, execution_timeout=timedelta(minutes=1), depends_on_past=True, "
            "wait_for_downstream=True, ignore_first_depends_on_past=False, pool='p', pool_slots=2, "
            "queue='q', priority_weight=5, weight_rule='absolute', max_active_tis_per_dag=3, "
            "max_active_tis_per_dagrun=4, do_xcom_push=False, doc_md='about', "
            "start_date=datetime(2024, 2, 1))",
            "schedule=None, start_date=datetime(2024, 1, 1)",
        )
        self.assertEqual(
            task,
            {
                "task_id": "a",
                "operator": "PythonOperator",
                "trigger_rule": "all_done",
                "retries": 2,
                "retry_delay": 1.5,
                "retry_exponential_backoff": True,
                "max_retry_delay": 60,
                "execution_timeout": 60,
                "depends_on_past": True,
                "wait_for_downstream": True,
                "ignore_first_depends_on_past": False,
                "start_date": "2024-02-01T00:00:00+00:00",
                "pool": "p",
                "pool_slots": 2,
                "queue": "q",
                "priority_weight": 5,
                "weight_rule": "absolute",
                "max_active_tis_per_dag": 3,
                "max_active_tis_per_dagrun": 4,
                "do_xcom_push": False,
                "doc_md": "about",
                "ui_color": "#ffefeb",
            },
        )

    def test_upstream_tasks_come_first(self) -> None:
        dag = self.dag_of(
            "schedule=None",
            """b, a = EmptyOperator(task_id='b'), EmptyOperator(task_id='a')
            a >> b""",
        )
        self.assertEqual([task["task_id"] for task in dag["tasks"]], ["a", "b"])


class RunPlanTest(SerializeTest):
    def test_bash_without_templates_is_spawned_directly(self) -> None:
        self.assertEqual(
            self.run_of("BashOperator(task_id='a', bash_command='echo 1')"),
            {"kind": "bash", "command": "echo 1"},
        )
        self.assertEqual(
            self.run_of(
                "BashOperator(task_id='a', bash_command='echo 1', env={'A': 'b'}, "
                "append_env=True, cwd='/tmp', skip_on_exit_code=[3, 2])"
            ),
            {
                "kind": "bash",
                "command": "echo 1",
                "env": {"A": "b"},
                "append_env": True,
                "cwd": "/tmp",
                "skip_exit_codes": [2, 3],
            },
        )

    def test_no_exit_code_skips(self) -> None:
        run = self.run_of("BashOperator(task_id='a', bash_command='x', skip_on_exit_code=None)")
        self.assertEqual(run["skip_exit_codes"], [])

    def test_bash_with_templates_is_rendered_first(self) -> None:
        for arguments in (
            "bash_command='echo {{ ds }}'",
            "bash_command='{% if True %}x{% endif %}'",
            "bash_command='x {# comment #}'",
            "bash_command='script.sh'",
            "bash_command='script.bash'",
            "bash_command='x', env={'A': '{{ ds }}'}",
            "bash_command='x', cwd='/tmp/{{ ds }}'",
        ):
            with self.subTest(arguments):
                run = self.run_of(f"BashOperator(task_id='a', {arguments})")
                self.assertEqual(run["kind"], "bash_template")

    def test_other_delimiters_make_everything_a_template(self) -> None:
        run = self.run_of(
            "BashOperator(task_id='a', bash_command='echo [[ ds ]]')",
            "schedule=None, jinja_environment_kwargs={'variable_start_string': '[['}",
        )
        self.assertEqual(run["kind"], "bash_template")

    def test_python_hooks_need_python(self) -> None:
        for arguments in (
            "on_success_callback=print",
            "on_failure_callback=[print]",
            "on_execute_callback=print",
            "on_retry_callback=print",
            "on_skipped_callback=print",
            "pre_execute=print",
            "post_execute=print",
            "output_processor=str.upper",
            "output_encoding='latin-1'",
        ):
            with self.subTest(arguments):
                run = self.run_of(f"BashOperator(task_id='a', bash_command='x', {arguments})")
                self.assertEqual(run, {"kind": "python"})

    def test_subclass_of_bash_operator_needs_python(self) -> None:
        run = self.run_of(
            """class Mine(BashOperator): pass
            Mine(task_id='a', bash_command='x')"""
        )
        self.assertEqual(run, {"kind": "python"})

    def test_empty_operators(self) -> None:
        for body, kind in (
            ("EmptyOperator(task_id='a')", "empty"),
            ("EmptyOperator(task_id='a', on_success_callback=print)", "python"),
            ("type('Mark', (EmptyOperator,), {})(task_id='a')", "empty"),
            ("type('Mark', (EmptyOperator,), {'execute': print})(task_id='a')", "python"),
        ):
            with self.subTest(body):
                self.assertEqual(self.run_of(body)["kind"], kind)


if __name__ == "__main__":
    unittest.main()
