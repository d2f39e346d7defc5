"""What DAG files that people have published ask for, beside what other tests cover."""

from __future__ import annotations

import os
from dataclasses import dataclass
from unittest import mock

from authoring import LOGICAL_DATE, AuthoringTest
from harness import FolderTest

from airflow import _json
from airflow.api.common.experimental.get_task_instance import get_task_instance
from airflow.exceptions import TaskInstanceNotFound
from airflow.io.path import ObjectStoragePath
from airflow.models.dagrun import DagRun
from airflow.operators.empty import EmptyOperator
from airflow.sensors.external_task import ExternalTaskSensor

STATES = [
    {"run_id": "r", "task_id": "t", "map_index": -1, "state": "failed", "try_number": 1},
    {"run_id": "r", "task_id": "gone", "map_index": -1, "state": "success", "try_number": 1},
]


@dataclass
class Report:
    """A result that is an object."""

    rows: int
    tags: tuple[str, ...] = ()


class RunsAndInstancesTest(AuthoringTest):
    def setUp(self) -> None:
        super().setUp()
        self.task = EmptyOperator(task_id="t")

    def test_task_instances_of_a_run_know_their_run_and_task(self) -> None:
        self.attach(task_states=STATES)
        run = self.context(self.task)["dag_run"]
        failed, other = run.get_task_instances()
        self.assertEqual(failed.execution_date, LOGICAL_DATE)
        self.assertEqual((failed.operator, failed.task), ("EmptyOperator", self.task))
        self.assertIs(failed.get_dagrun(), run)
        self.assertIsNone(other.operator)

    def test_runs_have_a_number(self) -> None:
        first, again, other = DagRun("d", "a"), DagRun("d", "a"), DagRun("d", "b")
        self.assertEqual(first.id, again.id)
        self.assertNotEqual(first.id, other.id)
        self.assertIsNone(first.note)

    def test_what_callbacks_print_of_an_instance(self) -> None:
        ti = self.context(self.task)["ti"]
        self.assertEqual(ti.queued_dttm, ti.start_date)
        self.assertEqual((ti.pool_slots, ti.job_id, ti.note), (1, None, None))
        ti.xcom_push("k", 1)
        ti.clear_xcom_data()
        self.assertEqual(ti.pushed, {})

    def test_the_state_of_a_dag(self) -> None:
        self.attach(
            dag_get={"is_paused": True},
            run_previous=[
                {"dag_id": "d", "run_id": "r", "logical_date": "2024-01-01T00:00:00+00:00"},
                None,
            ],
            in_turn=("run_previous",),
        )
        self.assertIs(self.dag.is_paused, True)
        self.assertEqual([date.year for date in self.dag.get_active_runs()], [2024])

    def test_get_task_instance(self) -> None:
        run = {"dag_id": "d", "run_id": "r", "logical_date": LOGICAL_DATE.isoformat()}
        self.attach(run_get=run, task_states=STATES)
        self.assertEqual(get_task_instance("d", "t", LOGICAL_DATE).current_state(), "failed")
        with self.assertRaises(TaskInstanceNotFound):
            get_task_instance("d", "none", LOGICAL_DATE)

    def test_a_function_of_dates_may_ask_for_the_whole_context(self) -> None:
        sensor = ExternalTaskSensor(
            task_id="s",
            external_dag_id="other",
            execution_date_fn=lambda date, context: context["logical_date"].subtract(hours=1),
        )
        self.attach(run_count=1)
        self.execute(sensor)
        asked = dict(self.engine.requests)["run_count"]
        self.assertEqual(asked["logical_dates"], [LOGICAL_DATE.subtract(hours=1).isoformat()])


class ObjectTest(AuthoringTest):
    def test_paths_travel(self) -> None:
        path = ObjectStoragePath("file:///data/x", conn_id="c")
        again = _json.decode(_json.encode({"path": path}))["path"]
        self.assertEqual((again, again.conn_id), (path, "c"))

    def test_dataclasses_travel_where_they_are_allowed(self) -> None:
        written = _json.encode(Report(3, ("a",)))
        with self.assertRaisesRegex(ImportError, "allowed_deserialization_classes"):
            _json.decode(written)
        setting = {"AIRFLOW__CORE__ALLOWED_DESERIALIZATION_CLASSES": f"airflow.* {__name__}.*"}
        with mock.patch.dict(os.environ, setting):
            self.assertEqual(_json.decode(written), Report(3, ("a",)))

    def test_other_objects_are_refused(self) -> None:
        for value in (object(), Report, b"x"):
            with self.assertRaises(_json.NotJsonError):
                _json.encode(value)


class HomeTest(FolderTest):
    def test_files_find_the_home_folder_in_the_environment(self) -> None:
        source = """
            import os
            from airflow import DAG
            DAG("d", schedule=None, description=os.environ["AIRFLOW_HOME"])
            dag = DAG("e", schedule=None, description=os.environ["AIRFLOW_HOME"])
        """
        with mock.patch.dict(os.environ, {"BEEFLOW_HOME": "/srv/bees"}):
            os.environ.pop("AIRFLOW_HOME", None)
            self.assertEqual(self.parse_dag(source)["description"], "/srv/bees")
            os.environ["AIRFLOW_HOME"] = "/opt/airflow"
            self.assertEqual(self.parse_dag(source)["description"], "/opt/airflow")

    def test_a_group_hands_on_whatever_its_function_returns(self) -> None:
        dag = self.parse_dag(
            """
            from airflow.decorators import dag, task, task_group

            @dag(schedule=None)
            def d():
                @task
                def make(value):
                    return value

                @task
                def use(values):
                    pass

                @task_group
                def pair():
                    return make(1), make(2)

                @task_group
                def table():
                    return {"x": make(3)}

                first, second = pair()
                use(second)
                use(table()["x"])
            d()
            """
        )
        downstream = {t["task_id"]: t["downstream"] for t in dag["tasks"] if "downstream" in t}
        self.assertEqual(downstream, {"pair.make__1": ["use"], "table.make": ["use__1"]})

    def test_names_of_later_versions(self) -> None:
        self.parse_dag(
            """
            from airflow.sdk.definitions.context import Context, get_current_context
            from airflow.sdk.definitions.context import get_parsing_context
            from airflow.sdk.exceptions import AirflowRuntimeError
            from airflow.sdk import DAG
            dag = DAG("d", schedule=None)
            """
        )
