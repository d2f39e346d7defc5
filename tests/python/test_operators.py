"""The core operators besides Bash and plain Python ones, which test_environment.py covers."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import tempfile
import unittest
from unittest import mock

import pendulum
from authoring import LOGICAL_DATE, AuthoringTest, frozen_time, no_sleep

from airflow import DAG
from airflow.exceptions import (
    AirflowException,
    AirflowSkipException,
    DagNotFound,
    DagRunAlreadyExists,
    TaskDeferred,
)
from airflow.models.baseoperator import BaseOperator
from airflow.notifications.basenotifier import BaseNotifier
from airflow.operators.datetime import BranchDateTimeOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.generic_transfer import GenericTransfer
from airflow.operators.latest_only import LatestOnlyOperator
from airflow.operators.python import (
    BranchPythonOperator,
    BranchPythonVirtualenvOperator,
    ExternalPythonOperator,
    PythonOperator,
    PythonVirtualenvOperator,
    ShortCircuitOperator,
)
from airflow.operators.smooth import SmoothOperator
from airflow.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.operators.weekday import BranchDayOfWeekOperator
from airflow.utils.weekday import WeekDay


class PythonTest(AuthoringTest):
    def test_templates_dict_and_template_files(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/q.sql", "w", encoding="utf-8") as file:
                file.write("select '{{ ds }}'")
            with DAG("e", schedule=None, template_searchpath=folder):
                task = PythonOperator(
                    task_id="t",
                    python_callable=lambda templates_dict, ds: (templates_dict["q"], ds),
                    templates_dict={"q": "q.sql"},
                    templates_exts=[".sql"],
                )
            self.assertEqual(self.execute(task), ("select '2024-01-31'", "2024-01-31"))

    def test_return_value_is_logged_unless_told_otherwise(self) -> None:
        for shown in (True, False):
            task = PythonOperator(
                task_id=f"t{shown}", python_callable=lambda: 42, show_return_value_in_logs=shown
            )
            with self.assertLogs(level=logging.INFO) as logs:
                self.execute(task)
            self.assertEqual("42" in "".join(logs.output), shown)

    def test_short_circuit_skips_near_and_far_but_no_teardown(self) -> None:
        task = ShortCircuitOperator(task_id="t", python_callable=lambda: False)
        task >> EmptyOperator(task_id="a") >> EmptyOperator(task_id="b")
        teardown = EmptyOperator(task_id="c")
        teardown.is_teardown = True
        task >> teardown
        self.execute(task)
        self.assertEqual(sorted(self.engine.skipped), ["a", "b"])
        near = ShortCircuitOperator(
            task_id="n", python_callable=lambda: 0, ignore_downstream_trigger_rules=False
        )
        near >> EmptyOperator(task_id="x") >> EmptyOperator(task_id="y")
        self.attach()
        self.execute(near)
        self.assertEqual(self.engine.skipped, ["x"])


def add(a, b, *, ds, params, **context):
    import sys

    print("interpreter", sys.executable)
    return {"sum": a + b, "ds": ds, "params": params, "others": sorted(context)[:2]}


def read_strings():
    return virtualenv_string_args  # noqa: F821 - the operator defines it


def ask_for_context():
    from airflow.providers.standard.operators.python import get_current_context

    context = get_current_context()
    return context["ds"], context["logical_date"].isoformat()


def leave(code):
    raise SystemExit(code)


def choose(day):
    return "a" if day else "b"


def fail():
    raise ValueError("something special")


class OtherInterpreterTest(AuthoringTest):
    def test_virtual_environment(self) -> None:
        task = PythonVirtualenvOperator(
            task_id="t",
            python_callable=add,
            op_args=[1],
            op_kwargs={"b": 2},
            params={"p": 3},
            system_site_packages=False,
        )
        with self.assertLogs(level=logging.INFO) as logs:
            result = self.execute(task)
        self.assertEqual((result["sum"], result["ds"]), (3, "2024-01-31"))
        self.assertEqual(result["params"], {"p": 3})
        self.assertTrue(any("interpreter" in line and "venv" in line for line in logs.output))

    def test_environments_are_kept_in_the_cache(self) -> None:
        with tempfile.TemporaryDirectory() as cache:
            for task_id in ("a", "b"):
                task = PythonVirtualenvOperator(
                    task_id=task_id,
                    python_callable=read_strings,
                    string_args=["x", "y"],
                    venv_cache_path=cache,
                )
                with mock.patch("subprocess.run", wraps=__import__("subprocess").run) as run:
                    self.assertEqual(self.execute(task), ["x", "y"])
                self.assertEqual(run.call_count, 1 if task_id == "a" else 0)

    def external(self, **arguments) -> ExternalPythonOperator:
        return ExternalPythonOperator(task_id="e", python=sys.executable, **arguments)

    def test_external_interpreter(self) -> None:
        task = self.external(python_callable=add, op_args=[1, 2])
        self.assertEqual(self.execute(task)["sum"], 3)

    def test_context_of_the_task(self) -> None:
        expected = ("2024-01-31", LOGICAL_DATE.isoformat())
        task = self.external(python_callable=ask_for_context, use_airflow_context=True)
        self.assertEqual(self.execute(task), expected)

    def test_exit_codes_and_errors(self) -> None:
        skipping = self.external(python_callable=leave, op_args=[7], skip_on_exit_code=[7])
        with self.assertRaises(AirflowSkipException):
            self.execute(skipping)
        failing = ExternalPythonOperator(task_id="f", python=sys.executable, python_callable=fail)
        with self.assertRaisesRegex(AirflowException, "something special"):
            self.execute(failing)
        absent = ExternalPythonOperator(task_id="g", python="/none/python", python_callable=fail)
        with self.assertRaisesRegex(ValueError, "must exists"):
            self.execute(absent)

    def test_lambdas_and_unknown_serializers_are_refused(self) -> None:
        with self.assertRaises(ValueError):
            self.external(python_callable=lambda: 1)
        with self.assertRaisesRegex(AirflowException, "Unsupported serializer"):
            self.external(python_callable=fail, serializer="marshal")

    def test_branches(self) -> None:
        task = BranchPythonVirtualenvOperator(task_id="t", python_callable=choose, op_args=[True])
        task >> [EmptyOperator(task_id="a"), EmptyOperator(task_id="b")]
        self.assertEqual(self.execute(task), "a")
        self.assertEqual(self.engine.skipped, ["b"])


class BranchTest(AuthoringTest):
    def setUp(self) -> None:
        super().setUp()
        self.yes, self.no = EmptyOperator(task_id="yes"), EmptyOperator(task_id="no")

    def branch(self, kind, now=LOGICAL_DATE, **arguments) -> str:
        task = kind(
            task_id=f"t{len(self.dag.tasks)}",
            follow_task_ids_if_true="yes",
            follow_task_ids_if_false="no",
            **arguments,
        )
        task >> [self.yes, self.no]
        with frozen_time(now):
            return self.execute(task)

    def test_date_time(self) -> None:
        kind, hour = BranchDateTimeOperator, dt.timedelta(hours=1)
        before, after = LOGICAL_DATE - hour, LOGICAL_DATE + hour
        self.assertEqual(self.branch(kind, target_lower=before, target_upper=after), "yes")
        self.assertEqual(self.engine.skipped, ["no"])
        self.assertEqual(self.branch(kind, target_lower=after, target_upper=None), "no")
        self.assertEqual(self.branch(kind, target_lower=None, target_upper=before), "no")
        times = {"target_lower": dt.time(11), "target_upper": dt.time(13)}
        self.assertEqual(self.branch(kind, **times), "yes")
        late = LOGICAL_DATE.add(hours=3)
        self.assertEqual(self.branch(kind, now=late, **times), "no")
        self.assertEqual(self.branch(kind, now=late, use_task_logical_date=True, **times), "yes")
        over_midnight = {"target_lower": dt.time(11), "target_upper": dt.time(2)}
        self.assertEqual(self.branch(kind, **over_midnight), "yes")
        with self.assertRaises(AirflowException):
            self.branch(kind, target_lower=None, target_upper=None)

    def test_day_of_week(self) -> None:
        kind, friday = BranchDayOfWeekOperator, LOGICAL_DATE.add(days=2)
        self.assertEqual(self.branch(kind, week_day="Wednesday"), "yes")
        self.assertEqual(self.branch(kind, week_day={WeekDay.MONDAY, WeekDay.FRIDAY}), "no")
        self.assertEqual(self.branch(kind, now=friday, week_day="Friday"), "yes")
        by_date = {"use_task_logical_date": True, "now": friday}
        self.assertEqual(self.branch(kind, week_day="Friday", **by_date), "no")

    def test_python_branch_to_a_list_and_to_nothing(self) -> None:
        task = BranchPythonOperator(task_id="t", python_callable=lambda: ["yes"])
        task >> [self.yes, self.no]
        self.execute(task)
        self.assertEqual(self.engine.skipped, ["no"])


class LatestOnlyTest(unittest.TestCase):
    def skipped_at(self, now, **run) -> list[str]:
        test = AuthoringTest()
        test.dag = DAG("d", schedule="@daily", start_date=pendulum.datetime(2024, 1, 1))
        with test.dag:
            task = LatestOnlyOperator(task_id="t")
            task >> EmptyOperator(task_id="a") >> EmptyOperator(task_id="b")
        engine = test.attach()
        start = pendulum.datetime(2024, 1, 1)
        fields = {
            "logical_date": start,
            "data_interval_start": start,
            "data_interval_end": start.add(days=1),
            **run,
        }
        try:
            with frozen_time(now):
                test.execute(task, **fields)
        finally:
            test.doCleanups()
        return engine.skipped

    def test_the_latest_run_goes_on(self) -> None:
        now = pendulum.datetime(2024, 1, 2, 3)
        self.assertEqual(self.skipped_at(now, external_trigger=False), [])

    def test_an_older_run_skips_what_is_directly_downstream(self) -> None:
        now = pendulum.datetime(2024, 1, 5)
        self.assertEqual(self.skipped_at(now, external_trigger=False), ["a"])

    def test_a_run_triggered_by_hand_goes_on(self) -> None:
        now = pendulum.datetime(2024, 1, 5)
        self.assertEqual(self.skipped_at(now, external_trigger=True), [])


class TriggerDagRunTest(AuthoringTest):
    def trigger(self, **arguments) -> TriggerDagRunOperator:
        return TriggerDagRunOperator(
            task_id=f"t{len(self.dag.tasks)}", trigger_dag_id="other", **arguments
        )

    def answer(self, *states: str, trigger=None) -> None:
        run = {"run_id": "r", "logical_date": "2024-01-31T12:00:00+00:00"}
        self.attach(
            trigger_dag=trigger or run,
            run_get=[{**run, "state": state} for state in states],
            in_turn=("run_get",),
        )

    def requested(self) -> dict:
        return next(params for method, params in self.engine.requests if method == "trigger_dag")

    def test_asks_for_the_run_and_pushes_its_id(self) -> None:
        self.answer()
        task = self.trigger(
            conf={"day": "{{ ds }}"},
            execution_date="{{ logical_date }}",
            trigger_run_id="mine",
            reset_dag_run=True,
        )
        self.execute(task)
        self.assertEqual(
            self.requested(),
            {
                "dag_id": "other",
                "run_id": "mine",
                "logical_date": LOGICAL_DATE.isoformat(),
                "conf": {"day": "2024-01-31"},
                "reset": True,
            },
        )
        self.assertEqual(self.ti.pushed["trigger_run_id"], "r")

    def test_waits_for_the_end(self) -> None:
        self.answer("queued", "running", "success")
        with no_sleep() as slept:
            self.execute(self.trigger(wait_for_completion=True, poke_interval=5))
        self.assertEqual(slept, [5, 5])
        self.answer("failed")
        with self.assertRaisesRegex(AirflowException, "failed"):
            self.execute(self.trigger(wait_for_completion=True))
        self.answer("failed")
        self.execute(
            self.trigger(
                wait_for_completion=True, allowed_states=["failed"], failed_states=["success"]
            )
        )

    def test_deferrable(self) -> None:
        self.answer("success", "running")
        task = self.trigger(wait_for_completion=True, deferrable=True, poke_interval=9)
        with self.assertRaises(TaskDeferred) as caught:
            self.execute(task)
        _, kwargs = caught.exception.trigger.serialize()
        self.assertEqual((kwargs["run_ids"], kwargs["poll_interval"]), (["r"], 9))
        task.execute_complete({}, {"run_ids": ["r"]})
        with self.assertRaises(AirflowException):
            task.execute_complete({}, {"run_ids": ["r"]})

    def test_runs_that_exist_and_dags_that_do_not(self) -> None:
        self.answer(trigger=AirflowException("trigger_dag failed: exists: run r of DAG other"))
        with self.assertRaises(DagRunAlreadyExists):
            self.execute(self.trigger())
        with self.assertRaises(AirflowSkipException):
            self.execute(self.trigger(skip_when_already_exists=True))
        self.answer(trigger=AirflowException("not found: DAG other"))
        with self.assertRaises(DagNotFound):
            self.execute(self.trigger())

    def test_conf_must_be_json(self) -> None:
        self.answer()
        with self.assertRaisesRegex(AirflowException, "JSON"):
            self.execute(self.trigger(conf={"a": object()}))

    def test_a_paused_dag(self) -> None:
        self.attach(dag_get={"is_paused": True})
        with self.assertRaisesRegex(AirflowException, "paused"):
            self.execute(self.trigger(fail_when_dag_is_paused=True))


class OthersTest(AuthoringTest):
    def test_generic_transfer(self) -> None:
        source, destination = mock.Mock(), mock.Mock()
        source.get_records.return_value = [(1,), (2,)]
        task = GenericTransfer(
            task_id="t",
            sql="select {{ ds_nodash }}",
            destination_table="x",
            source_conn_id="a",
            destination_conn_id="b",
            preoperator=["delete from x"],
            insert_args={"commit_every": 10},
        )
        hooks = {"a": source, "b": destination}
        with mock.patch(
            "airflow.hooks.base.BaseHook.get_hook", lambda conn_id, hook_params=None: hooks[conn_id]
        ):
            self.execute(task)
        source.get_records.assert_called_once_with("select 20240131")
        destination.run.assert_called_once_with(["delete from x"])
        destination.insert_rows.assert_called_once_with(
            table="x", rows=[(1,), (2,)], commit_every=10
        )

    def test_smooth(self) -> None:
        with self.assertLogs(level=logging.INFO) as logs:
            self.execute(SmoothOperator(task_id="t"))
        self.assertIn("youtube", "".join(logs.output))

    def test_notifiers_render_their_fields_each_time(self) -> None:
        told = []

        class Notifier(BaseNotifier):
            template_fields = ("message",)

            def __init__(self, message):
                super().__init__()
                self.message = message

            def notify(self, context):
                told.append((self.message, context["ti"].task_id))

        notifier = Notifier("{{ ti.task_id }} of {{ ds }}")
        for task_id in ("a", "b"):
            notifier(self.context(EmptyOperator(task_id=task_id)))
        self.assertEqual(told, [("a of 2024-01-31", "a"), ("b of 2024-01-31", "b")])

    def test_a_notifier_that_fails_only_logs(self) -> None:
        class Notifier(BaseNotifier):
            def notify(self, context):
                raise ValueError("no network")

        with self.assertLogs(level=logging.ERROR) as logs:
            Notifier()(self.context(EmptyOperator(task_id="t")))
        self.assertIn("no network", "".join(logs.output))

    def test_lineage_is_pushed(self) -> None:
        from airflow.lineage import apply_lineage, prepare_lineage
        from airflow.lineage.entities import File

        class Writing(BaseOperator):
            @prepare_lineage
            def pre_execute(self, context):
                pass

            @apply_lineage
            def execute(self, context):
                return 1

        task = Writing(task_id="t", outlets=[File(url="/x")])
        self.assertEqual(self.execute(task), 1)
        json.dumps(self.ti.pushed["pipeline_outlets"])


if __name__ == "__main__":
    unittest.main()
