"""Operators, sensors and example-like DAG files in the worker's environment, over the protocol."""

from __future__ import annotations

import json
import unittest
from typing import Any

from harness import FolderTest, ZygoteTest, make_attempt

SENSORS = """
    import datetime as dt
    from airflow import DAG
    from airflow.operators.trigger_dagrun import TriggerDagRunOperator
    from airflow.providers.standard.sensors.bash import BashSensor
    from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
    from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
    from airflow.providers.standard.sensors.filesystem import FileSensor
    from airflow.providers.standard.sensors.python import PythonSensor

    with DAG("d", schedule=None):
        PythonSensor(task_id="done", python_callable=lambda ds: ds)
        PythonSensor(
            task_id="later", python_callable=lambda: False, mode="reschedule", poke_interval=60
        )
        PythonSensor(task_id="late", python_callable=lambda: False, timeout=0, retries=3)
        PythonSensor(task_id="soft", python_callable=lambda: False, timeout=0, soft_fail=True)
        BashSensor(task_id="bash", bash_command="test {{ ds }} = 2024-01-31")
        FileSensor(task_id="file", filepath="/none/{{ ds }}", deferrable=True)
        DateTimeSensorAsync(task_id="moment", target_time="{{ data_interval_end }}")
        ExternalTaskSensor(
            task_id="external", external_dag_id="o", external_task_id="t", mode="reschedule"
        )
        TriggerDagRunOperator(
            task_id="trigger", trigger_dag_id="o", wait_for_completion=True, deferrable=True
        )
"""


class SensorTest(ZygoteTest):
    def finish(self, task_id: str, answers: Any = None, **fields: Any) -> dict[str, Any]:
        attempt = make_attempt(self.write(SENSORS), task_id, max_tries=3, **fields)
        finished, self.log = self.run_attempt(self.fork(), attempt, answers)
        return finished

    def test_done(self) -> None:
        self.assertEqual(self.finish("done")["state"], "success")
        self.assertEqual(self.finish("bash")["state"], "success")

    def test_rescheduled(self) -> None:
        finished = self.finish("later")
        self.assertEqual(finished["state"], "rescheduled")
        self.assertIn("reschedule_date", finished)

    def test_timeouts_are_not_retried(self) -> None:
        self.assertEqual(self.finish("late")["state"], "fail_without_retry")
        self.assertEqual(self.finish("soft")["state"], "skipped")

    def test_a_reschedule_goes_on_where_it_began(self) -> None:
        begun = {"start_date": "2020-01-01T00:00:00+00:00", "reschedules": 4}
        self.assertEqual(self.finish("later", **begun)["state"], "fail_without_retry")

    def test_deferred_to_the_core_triggers(self) -> None:
        finished = self.finish("file")
        self.assertEqual(finished["state"], "deferred")
        self.assertEqual(finished["next_method"], "execute_complete")
        self.assertEqual(finished["trigger"]["classpath"], "airflow.triggers.file.FileTrigger")
        self.assertEqual(finished["trigger"]["kwargs"]["filepath"], "/none/2024-01-31")
        finished = self.finish("moment")
        moment = finished["trigger"]["kwargs"]["moment"]
        self.assertEqual(moment["__type"], "datetime")
        going_on = {"next_method": "execute_complete", "next_kwargs": {"event": True}}
        self.assertEqual(self.finish("file", **going_on)["state"], "success")

    def test_other_dags(self) -> None:
        def answer(method: str, params: dict[str, Any]) -> Any:
            if method == "task_states":
                return [{"run_id": "r", "task_id": "t", "map_index": -1, "state": "success"}]
            if method in ("trigger_dag", "run_get"):
                return {"run_id": "r", "state": "success", "logical_date": None}
            return None

        self.assertEqual(self.finish("external", answer)["state"], "success")
        finished = self.finish("trigger", answer)
        self.assertEqual(finished["state"], "deferred")
        self.assertEqual(finished["xcoms"]["trigger_run_id"], "r")
        event = {"event": finished["trigger"]["kwargs"]}
        going_on = {"next_method": "execute_complete", "next_kwargs": event}
        self.assertEqual(self.finish("trigger", answer, **going_on)["state"], "success")


class TriggerProcessTest(ZygoteTest):
    """The core triggers in the trigger process."""

    def start(self, path: str, kwargs: dict[str, Any]) -> Any:
        peer = self.fork().peer
        peer.send({"op": "triggers"})
        trigger = {"classpath": path, "kwargs": kwargs}
        peer.send({"op": "trigger", "attempt_id": "a", "trigger": trigger, "paths": []})
        return peer

    def test_a_moment_in_the_past(self) -> None:
        past = {"__type": "datetime", "__var": "2020-01-01T00:00:00+00:00"}
        fired = self.start(
            "airflow.triggers.temporal.DateTimeTrigger",
            {"moment": past, "end_from_trigger": True},
        ).expect("fired")
        self.assertEqual((fired["attempt_id"], fired["end_state"]), ("a", "success"))

    def test_a_file_that_is_there(self) -> None:
        path = self.write("x", "a.csv")
        kwargs = {"filepath": path, "recursive": False, "poke_interval": 5}
        peer = self.start("airflow.triggers.file.FileTrigger", kwargs)
        logged = peer.expect("log")
        self.assertEqual(logged["attempt_id"], "a")
        self.assertRegex(logged["text"], rf"INFO - Found File {path}$")
        self.assertEqual(peer.expect("fired")["event"], True)

    def test_another_dag(self) -> None:
        kwargs = {"dag_id": "o", "states": ["success", "failed"], "run_ids": ["r"]}
        peer = self.start("airflow.triggers.external_task.DagStateTrigger", kwargs)
        for states, count in ((["success", "failed"], 1), (["failed"], 0)):
            request = peer.expect("request")
            self.assertEqual((request["method"], request["attempt_id"]), ("run_count", "a"))
            self.assertEqual(request["params"]["states"], states)
            peer.send({"op": "response", "id": request["id"], "result": count})
        self.assertEqual(peer.expect("fired")["event"]["state"], "success")


# The parts of the authoring API that Airflow's example DAGs exercise, area by area.
EXAMPLES = {
    "branches": """
        import datetime
        import pendulum
        from airflow.models.dag import DAG
        from airflow.operators.bash import BashOperator
        from airflow.operators.datetime import BranchDateTimeOperator
        from airflow.operators.empty import EmptyOperator
        from airflow.operators.latest_only import LatestOnlyOperator
        from airflow.operators.python import BranchPythonOperator, ShortCircuitOperator
        from airflow.operators.weekday import BranchDayOfWeekOperator
        from airflow.utils.edgemodifier import Label
        from airflow.utils.trigger_rule import TriggerRule
        from airflow.utils.weekday import WeekDay

        with DAG(
            dag_id="branches",
            start_date=pendulum.datetime(2021, 1, 1, tz="UTC"),
            catchup=False,
            schedule=datetime.timedelta(hours=4),
            tags=["example"],
            dagrun_timeout=datetime.timedelta(minutes=60),
        ):
            latest = LatestOnlyOperator(task_id="latest_only")
            by_date = BranchDateTimeOperator(
                task_id="by_date",
                follow_task_ids_if_true=["a"],
                follow_task_ids_if_false="b",
                target_upper=pendulum.datetime(2020, 10, 10, 15),
                target_lower=datetime.time(10, 0, 0),
            )
            by_day = BranchDayOfWeekOperator(
                task_id="by_day",
                follow_task_ids_if_true="a",
                follow_task_ids_if_false=["b"],
                week_day={WeekDay.TUESDAY, "Friday"},
                use_task_logical_date=True,
            )
            choose = BranchPythonOperator(task_id="choose", python_callable=lambda: ["a"])
            gate = ShortCircuitOperator(
                task_id="gate", python_callable=bool, ignore_downstream_trigger_rules=False
            )
            a, b = EmptyOperator(task_id="a"), BashOperator(task_id="b", bash_command="date")
            join = EmptyOperator(
                task_id="join", trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS
            )
            latest >> [by_date, by_day, choose]
            for branch in (by_date, by_day):
                branch >> [a, b]
            choose >> Label("first") >> a
            choose >> Label("second") >> b
            [a, b] >> join >> gate >> EmptyOperator(task_id="end")
    """,
    "across_dags": """
        import pendulum
        from airflow import DAG
        from airflow.operators.empty import EmptyOperator
        from airflow.operators.trigger_dagrun import TriggerDagRunOperator
        from airflow.sensors.external_task import ExternalTaskMarker, ExternalTaskSensor

        start_date = pendulum.datetime(2021, 1, 1, tz="UTC")
        with DAG("parent", start_date=start_date, schedule="*/5 * * * *", catchup=False) as parent:
            marker = ExternalTaskMarker(
                task_id="marker", external_dag_id="child", external_task_id="wait"
            )
            TriggerDagRunOperator(
                task_id="trigger", trigger_dag_id="child", conf={"message": "{{ ds }}"}
            )
        with DAG("child", start_date=start_date, schedule_interval="*/5 * * * *", catchup=False):
            wait = ExternalTaskSensor(
                task_id="wait",
                external_dag_id=parent.dag_id,
                external_task_id=marker.task_id,
                timeout=600,
                allowed_states=["success"],
                failed_states=["failed", "skipped"],
                mode="reschedule",
            )
            wait >> EmptyOperator(task_id="after")
    """,
    "interpreters": """
        import sys
        import pendulum
        from airflow import DAG
        from airflow.providers.standard.operators.python import (
            BranchExternalPythonOperator,
            BranchPythonVirtualenvOperator,
            ExternalPythonOperator,
            PythonOperator,
            PythonVirtualenvOperator,
            is_venv_installed,
        )

        def show(ds=None, **kwargs):
            print(ds)

        with DAG("interpreters", schedule=None, start_date=pendulum.datetime(2021, 1, 1)):
            assert is_venv_installed()
            first = PythonOperator(task_id="here", python_callable=show, op_kwargs={"n": 1})
            venv = PythonVirtualenvOperator(
                task_id="venv",
                python_callable=show,
                requirements=["colorama==0.4.0"],
                system_site_packages=False,
                use_airflow_context=True,
            )
            external = ExternalPythonOperator(
                task_id="external", python=sys.executable, python_callable=show
            )
            first >> [venv, external]
            external >> BranchExternalPythonOperator(
                task_id="branch", python=sys.executable, python_callable=show
            )
            venv >> BranchPythonVirtualenvOperator(
                task_id="venv_branch", python_callable=show, venv_cache_path="/none"
            )
    """,
    "waiting": """
        from datetime import datetime, time, timedelta, timezone
        from airflow.models.dag import DAG
        from airflow.providers.standard.sensors.bash import BashSensor
        from airflow.providers.standard.sensors.filesystem import FileSensor
        from airflow.providers.standard.sensors.python import PythonSensor
        from airflow.providers.standard.sensors.time import TimeSensor, TimeSensorAsync
        from airflow.providers.standard.sensors.time_delta import (
            TimeDeltaSensor,
            TimeDeltaSensorAsync,
        )
        from airflow.providers.standard.sensors.weekday import DayOfWeekSensor
        from airflow.utils.weekday import WeekDay

        soft = {"timeout": 3, "soft_fail": True}
        with DAG("waiting", schedule=None, start_date=datetime(2021, 1, 1), catchup=False):
            target = (datetime.now(tz=timezone.utc) + timedelta(hours=1)).time()
            sensors = [
                TimeDeltaSensor(task_id="t1", delta=timedelta(seconds=2)),
                TimeDeltaSensorAsync(task_id="t2", delta=timedelta(seconds=2)),
                TimeSensor(task_id="t3", target_time=target, **soft),
                TimeSensorAsync(task_id="t4", target_time=time(12, 0), **soft),
                BashSensor(task_id="t5", bash_command="exit 1", **soft),
                FileSensor(task_id="t6", filepath="/none/file", deferrable=True),
                PythonSensor(task_id="t7", python_callable=lambda: True),
            ]
            sensors >> DayOfWeekSensor(task_id="t8", week_day=WeekDay.MONDAY, **soft)
    """,
    "former_names": """
        from datetime import datetime, timedelta
        from airflow import DAG
        from airflow.contrib.sensors.file_sensor import FileSensor
        from airflow.hooks.base_hook import BaseHook
        from airflow.operators.bash_operator import BashOperator
        from airflow.operators.dagrun_operator import TriggerDagRunOperator
        from airflow.operators.dummy_operator import DummyOperator
        from airflow.operators.email_operator import EmailOperator
        from airflow.operators.http_operator import SimpleHttpOperator
        from airflow.operators.python_operator import BranchPythonOperator, PythonOperator
        from airflow.operators.sensors import ExternalTaskSensor
        from airflow.operators.sqlite_operator import SqliteOperator
        from airflow.sensors.base_sensor_operator import BaseSensorOperator
        from airflow.utils.decorators import apply_defaults

        class Custom(BaseSensorOperator):
            @apply_defaults
            def __init__(self, word, *args, **kwargs):
                super(Custom, self).__init__(*args, **kwargs)
                self.word = word

            def poke(self, context):
                return True

        dag = DAG(
            "former_names",
            default_args={"owner": "me", "start_date": datetime(2020, 1, 1), "word": "w"},
            schedule_interval=timedelta(days=1),
        )
        t1 = DummyOperator(task_id="t1", dag=dag)
        t2 = PythonOperator(
            task_id="t2", python_callable=lambda **kwargs: 1, provide_context=True, dag=dag
        )
        t3 = EmailOperator(task_id="t3", to="a@b", subject="s", html_content="c", dag=dag)
        t4 = SimpleHttpOperator(task_id="t4", endpoint="x", method="GET", dag=dag)
        t5 = SqliteOperator(task_id="t5", sql="select 1", dag=dag)
        t6 = Custom(task_id="t6", dag=dag)
        t1.set_downstream([t2, t3])
        t2 >> t4 >> t5 >> t6
    """,
}

MISSING = """
    from airflow import DAG
    from airflow.providers.snowflake.operators.snowflake import SnowflakeOperator
"""


class ExampleTest(FolderTest):
    def test_files_like_the_examples_parse(self) -> None:
        for name, source in EXAMPLES.items():
            with self.subTest(name):
                result = self.parse(source)
                self.assertIsNone(result["error"])
                self.assertTrue(result["dags"])
                json.dumps(result)

    def test_current_names_of_modules_do_not_warn(self) -> None:
        for name in EXAMPLES.keys() - {"former_names"}:
            with self.subTest(name):
                warned = self.parse(EXAMPLES[name])["warnings"]
                self.assertEqual([text for text in warned if "module" in text], [])

    def test_a_missing_package_says_what_to_do(self) -> None:
        error = self.parse(MISSING)["error"]
        self.assertIn("install apache-airflow-providers-snowflake", error["message"])
        self.assertEqual(error["line"], 2)


if __name__ == "__main__":
    unittest.main()
