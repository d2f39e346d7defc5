"""What DAG files that people have published ask for, beside what other tests cover."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from dataclasses import dataclass
from typing import Any
from unittest import mock

from authoring import LOGICAL_DATE, AuthoringTest
from harness import FolderTest

from airflow import _json, operators, plugins_manager
from airflow.api.common.experimental.get_task_instance import get_task_instance
from airflow.api.common.mark_tasks import set_dag_run_state_to_success
from airflow.datasets.events import DatasetEvent
from airflow.exceptions import AirflowDagCycleException, AirflowException, TaskInstanceNotFound
from airflow.io.path import ObjectStoragePath
from airflow.models.dagrun import DagRun
from airflow.operators.empty import EmptyOperator
from airflow.sensors.external_task import ExternalTaskSensor
from airflow.utils.dag_cycle_tester import check_cycle
from beeflow_worker.missing_modules import find_package
from beeflow_worker.triggers import _create_trigger

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

    def test_task_instances_of_a_run_read_what_tasks_have_stored(self) -> None:
        self.attach(task_states=STATES, xcom_get=lambda task_id, **_: f"of {task_id}")
        known, gone = self.context(self.task)["dag_run"].get_task_instances()
        self.assertEqual(known.xcom_pull(task_ids="t"), "of t")
        self.assertEqual((known.hostname, known.pid), ("", None))
        with self.assertRaisesRegex(AirflowException, "use XCom.get_one"):
            gone.xcom_pull(task_ids="t")

    def test_runs_have_a_number(self) -> None:
        first, again, other = DagRun("d", "a"), DagRun("d", "a"), DagRun("d", "b")
        self.assertEqual(first.id, again.id)
        self.assertNotEqual(first.id, other.id)
        self.assertIsNone(first.note)
        run_id = DagRun.generate_run_id("manual", LOGICAL_DATE)
        self.assertEqual(run_id, f"manual__{LOGICAL_DATE.isoformat()}")

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

    def test_runs_between_two_dates(self) -> None:
        run = {"dag_id": "d", "run_id": "r", "logical_date": LOGICAL_DATE.isoformat()}
        self.attach(run_get=run)
        day = LOGICAL_DATE.add(days=1)
        for first, last, count in ((None, day, 1), (day, None, 0), (LOGICAL_DATE, day, 1)):
            found = DagRun.find(
                dag_id="d", run_id="r", execution_start_date=first, execution_end_date=last
            )
            self.assertEqual(len(found), count)

    def test_the_run_that_has_caused_an_event(self) -> None:
        self.attach(run_get={"dag_id": "a", "run_id": "r1", "logical_date": None})
        event = DatasetEvent("s3://x", source_dag_id="a", source_run_id="r1")
        self.assertEqual(event.source_dag_run.run_id, "r1")
        self.assertIsNone(DatasetEvent("s3://x").source_dag_run)

    def test_when_the_instance_before_started(self) -> None:
        run = {"dag_id": "d", "run_id": "r", "logical_date": None}
        states = [{**STATES[0], "start_date": LOGICAL_DATE.isoformat()}]
        self.attach(run_previous=run, task_states=states)
        ti = self.context(self.task)["ti"]
        self.assertEqual(ti.previous_start_date_success, LOGICAL_DATE)
        self.assertIsNone(ti.previous_execution_date_success)

    def test_all_that_tasks_have_stored(self) -> None:
        stored = {"first": [[-1, 1]], "second": [[-1, 2], [-1, 3]]}
        self.attach(xcom_get_all=lambda task_id, key, **_: stored[task_id])
        ti = self.context(self.task)["ti"]
        self.assertEqual(list(ti.xcom_pull(key=None, task_ids=["first", "second"])), [1, 2, 3])
        self.assertIsNone(self.engine.requests[0][1]["key"])

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
            from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
            from airflow.sdk.types import RuntimeTaskInstanceProtocol
            from airflow.sdk import DAG
            dag = DAG("d", schedule=None)
            """
        )


class ImportTest(FolderTest):
    def problem(self, source: str) -> dict[str, Any]:
        error: dict[str, Any] = self.parse(source)["error"]
        return error

    def test_files_that_look_whether_a_scheduler_imports_them(self) -> None:
        dag = self.parse_dag(
            """
            from airflow import DAG
            if __name__.startswith("unusual_prefix_"):
                dag = DAG("d", schedule=None)
            """
        )
        self.assertEqual(dag["dag_id"], "d")

    def test_an_error_of_syntax_shows_the_line_and_nothing_of_ours(self) -> None:
        problem = self.problem("from airflow import DAG\ndag = DAG('d', \"x\"=1)\n")
        self.assertEqual(problem["line"], 2)
        self.assertIn("dag = DAG('d', \"x\"=1)", problem["traceback"])
        self.assertNotIn("importing.py", problem["traceback"])

    def test_missing_modules_name_their_package(self) -> None:
        problem = self.problem("from airflow import DAG\nimport dagfactory\n")
        self.assertEqual(
            problem["message"],
            "ModuleNotFoundError: No module named 'dagfactory'; install dag-factory beside Beeflow",
        )
        for module, package in (
            ("pandas.io", "pandas"),
            ("google.cloud.storage.blob", "google-cloud-storage"),
            ("google.oauth2", "google-auth"),
            ("my_own_helpers", None),
        ):
            self.assertEqual(find_package(module), package)

    def test_own_modules_are_looked_for_in_folders_that_the_error_names(self) -> None:
        problem = self.problem("from airflow import DAG\nfrom my_own_helpers.slack import alert\n")
        self.assertRegex(
            problem["message"],
            "^ModuleNotFoundError: No module named 'my_own_helpers'; install the package that has "
            rf"it .*put my_own_helpers into .*{re.escape(str(self.folder))}",
        )

    def test_warnings_of_moved_modules_point_at_the_file(self) -> None:
        # A warning is given where the module is imported first.
        sys.modules.pop("airflow.operators.bash_operator", None)
        vars(operators).pop("bash_operator", None)
        source = "from airflow import DAG\nfrom airflow.operators import bash_operator\n"
        result = self.parse(source)
        self.assertEqual([text.split(":")[0] for text in result["warnings"]], ["line 2"])

    def test_dates_that_are_none(self) -> None:
        for text, told in (
            ("'datetime(2023, 9, 6)'", "start_date 'datetime(2023, 9, 6)' is not a date"),
            ("__import__('datetime').date(2023, 9, 6)", "start_date must be a datetime; it is"),
        ):
            problem = self.problem(f"from airflow import DAG\nDAG('d', start_date={text})\n")
            self.assertIn(f"AirflowException: DAG d: {told}", problem["message"])
            self.assertEqual(problem["line"], 2)
            self.assertEqual(problem["traceback"].count("File "), 1)

    def test_due_moments_from_the_first_task_on(self) -> None:
        dag = self.parse_dag(
            """
            from datetime import datetime
            from airflow import DAG
            from airflow.operators.empty import EmptyOperator
            with DAG("d", schedule="@daily") as dag:
                EmptyOperator(task_id="t", start_date=datetime(2024, 1, 1))
            dag.description = str(dag.get_run_dates(dag.start_date, datetime(2024, 1, 3))[-1])
            """
        )
        self.assertEqual(dag["description"], "2024-01-03T00:00:00+00:00")


class AirflowOneTest(FolderTest):
    """What Airflow 1 offered, and public files still use."""

    PLUGIN = """
        from airflow.models import BaseOperator
        from airflow.operators.sensors import BaseSensorOperator
        from airflow.plugins_manager import AirflowPlugin
        from airflow.utils import apply_defaults

        class CountOperator(BaseOperator):
            @apply_defaults
            def __init__(self, table, *args, **kwargs):
                super().__init__(*args, **kwargs)

        class ReadySensor(BaseSensorOperator):
            pass

        class Warehouse(AirflowPlugin):
            name = "warehouse"
            operators = [CountOperator, ReadySensor]
    """

    def setUp(self) -> None:
        super().setUp()
        plugins = self.folder / "plugins"
        plugins.mkdir()
        (plugins / "warehouse_plugin.py").write_text(textwrap.dedent(self.PLUGIN))
        setting = {"AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins)}
        self.enterContext(mock.patch.dict(os.environ, setting))
        self.enterContext(mock.patch.object(plugins_manager, "plugins", []))
        self.enterContext(mock.patch.object(plugins_manager, "import_errors", {}))

    def test_operators_and_sensors_of_plugins(self) -> None:
        for place in ("airflow.operators", "airflow.operators.warehouse"):
            with self.subTest(place):
                dag = self.parse_dag(
                    f"""
                    from airflow import DAG
                    from {place} import CountOperator, ReadySensor
                    dag = DAG("d", schedule=None)
                    count = CountOperator(table="x", task_id="t", dag=dag)
                    ReadySensor(task_id="s", dag=dag) >> count
                    """
                )
                self.assertEqual({task["task_id"] for task in dag["tasks"]}, {"s", "t"})

    def test_a_plugin_that_cannot_be_imported_is_named(self) -> None:
        broken = self.folder / "plugins" / "broken.py"
        broken.write_text("from airflow.plugins_manager import AirflowPlugin\nimport pandazz\n")
        with self.assertLogs("airflow.plugins_manager", "ERROR"):
            result = self.parse(
                "from airflow import DAG\nfrom airflow.operators.shop import ShopOperator\n"
            )
        self.assertIn(
            f"No module named 'airflow.operators.shop'; plugin {broken} cannot be imported: "
            "ModuleNotFoundError: No module named 'pandazz'",
            result["error"]["message"],
        )

    def test_names_of_its_packages(self) -> None:
        self.parse_dag(
            """
            from airflow import DAG
            from airflow.contrib.utils.weekday import WeekDay
            from airflow.operators import BaseOperator, BaseSensorOperator, SimpleHttpOperator
            from airflow.utils import AirflowException, State, TriggerRule, apply_defaults
            from airflow.utils.log.LoggingMixin import LoggingMixin
            dag = DAG("d", schedule=None)
            """
        )


class DatabaseTest(FolderTest):
    def test_maintenance_files_name_columns_when_they_are_imported(self) -> None:
        dag = self.parse_dag(
            """
            from airflow import DAG
            from airflow.jobs import BaseJob
            from airflow.models import DagModel, DagRun, Log, SlaMiss, TaskInstance, XCom
            CHECKED = [
                BaseJob.latest_heartbeat < 1,
                DagRun.external_trigger.is_(False),
                DagRun.execution_date.desc(),
                TaskInstance.start_date >= 1,
                XCom.timestamp <= 1,
                Log.dttm, SlaMiss.execution_date, DagModel.last_parsed_time,
            ]
            dag = DAG("d", schedule=None, description=repr(TaskInstance.state))
            """
        )
        self.assertEqual(dag["description"], "Column(TaskInstance.state)")


class TriggerFolderTest(FolderTest):
    """Triggers used to be looked for beside the DAG file only."""

    def create(self, classpath: str) -> Any:
        plugins = self.folder / "plugins"
        (plugins / "waits").mkdir(parents=True)
        (plugins / "waits" / "for_mail.py").write_text(
            "from airflow.triggers.base import BaseTrigger\n"
            "class MailTrigger(BaseTrigger):\n"
            "    def __init__(self, box): self.box = box\n"
            "    def serialize(self): return 'waits.for_mail.MailTrigger', {'box': self.box}\n"
            "    async def run(self): yield\n"
        )
        frame = {"attempt_id": "a", "paths": [str(self.folder / "dags")]}
        frame["trigger"] = {"classpath": classpath, "kwargs": {"box": "in"}}
        setting = {"AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins)}
        with mock.patch.dict(os.environ, setting), mock.patch.object(sys, "path", [*sys.path]):
            return _create_trigger(frame)

    def test_a_trigger_of_the_plugins_folder(self) -> None:
        self.assertEqual(self.create("waits.for_mail.MailTrigger").box, "in")

    def test_a_trigger_that_is_not_there(self) -> None:
        told = "^cannot import trigger waits.for_post.Trigger: No module named 'waits.for_post'$"
        with self.assertRaisesRegex(AirflowException, told):
            self.create("waits.for_post.Trigger")


class RefusalTest(AuthoringTest):
    def test_states_cannot_be_set_from_a_task(self) -> None:
        with self.assertRaisesRegex(AirflowException, "use `beeflow tasks clear`"):
            set_dag_run_state_to_success(dag=self.dag)

    def test_looking_for_cycles(self) -> None:
        first, second = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
        check_cycle(self.dag)
        first >> second >> first
        with self.assertRaises(AirflowDagCycleException):
            check_cycle(self.dag)
