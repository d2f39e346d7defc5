"""Template variables, filters and macros, as the Airflow documentation lists them."""

from __future__ import annotations

import datetime as dt
import os
import unittest
from unittest import mock

import harness  # noqa: F401 - makes the package importable
import pendulum

from airflow import DAG, _engine
from airflow.exceptions import AirflowException, ParamValidationError
from airflow.models import DagRun, Param, TaskInstance
from airflow.operators.latest_only import LatestOnlyOperator
from airflow.operators.python import PythonOperator, get_current_context
from airflow.utils.operator_helpers import determine_kwargs
from airflow.utils.template import literal


class FakeEngine:
    """Answers from what a test has put in."""

    def __init__(self) -> None:
        self.xcoms: dict[str, object] = {}
        self.variables: dict[str, str] = {}
        self.skipped: list[str] = []
        self.requests: list[tuple[str, dict]] = []
        self.answers: dict[str, object] = {}

    def xcom_get(self, *, dag_id, run_id, task_id, map_index, key):
        return self.xcoms.get(f"{task_id}.{key}")

    def variable_get(self, key):
        return self.variables.get(key)

    def request(self, method, **params):
        self.requests.append((method, params))
        answer = self.answers.get(method)
        return answer(params) if callable(answer) else answer

    def skip_tasks(self, task_ids):
        self.skipped.extend(task_ids)


class ContextTest(unittest.TestCase):
    def setUp(self) -> None:
        self.engine = FakeEngine()
        _engine.attach(self.engine)
        self.addCleanup(_engine.attach, None)

    def create(self, operator=PythonOperator, run=None, **dag_arguments) -> TaskInstance:
        """Return a task instance in a scheduled run of 2024-01-31."""
        date = pendulum.datetime(2024, 1, 31)
        arguments = {"schedule": "@daily", "start_date": date, **dag_arguments}
        with DAG("d", **arguments):
            extra = {"python_callable": dict} if operator is PythonOperator else {}
            task = operator(task_id="t", **extra)
        fields = {
            "dag_id": "d",
            "run_id": "scheduled__2024-01-31T00:00:00+00:00",
            "logical_date": date,
            "data_interval_start": date,
            "data_interval_end": date.add(days=1),
            "external_trigger": False,
            **(run or {}),
        }
        return TaskInstance(task, DagRun(**fields), try_number=2, max_tries=3)

    def render(self, template: str, ti: TaskInstance | None = None):
        ti = ti or self.create()
        return ti.task.render_template(template, ti.get_template_context())


class VariablesTest(ContextTest):
    def test_dates(self) -> None:
        for template, text in {
            "{{ ds }}": "2024-01-31",
            "{{ ds_nodash }}": "20240131",
            "{{ ts }}": "2024-01-31T00:00:00+00:00",
            "{{ ts_nodash }}": "20240131T000000",
            "{{ ts_nodash_with_tz }}": "20240131T000000+0000",
            "{{ logical_date }}": "2024-01-31T00:00:00+00:00",
            "{{ execution_date }}": "2024-01-31T00:00:00+00:00",
            "{{ data_interval_start }}": "2024-01-31T00:00:00+00:00",
            "{{ data_interval_end }}": "2024-02-01T00:00:00+00:00",
            "{{ data_interval_end | ds }}": "2024-02-01",
            "{{ data_interval_end | ds_nodash }}": "20240201",
            "{{ data_interval_end | ts }}": "2024-02-01T00:00:00+00:00",
            "{{ data_interval_end | ts_nodash }}": "20240201T000000",
            "{{ data_interval_end | ts_nodash_with_tz }}": "20240201T000000+0000",
            "{{ yesterday_ds }} {{ yesterday_ds_nodash }}": "2024-01-30 20240130",
            "{{ tomorrow_ds }} {{ tomorrow_ds_nodash }}": "2024-02-01 20240201",
            "{{ prev_ds }} {{ prev_ds_nodash }}": "2024-01-30 20240130",
            "{{ next_ds }} {{ next_ds_nodash }}": "2024-02-01 20240201",
            "{{ next_execution_date.isoformat() }}": "2024-02-01T00:00:00+00:00",
        }.items():
            with self.subTest(template):
                self.assertEqual(self.render(template).replace(" 00:00:00", "T00:00:00"), text)

    def test_identity(self) -> None:
        for template, text in {
            "{{ task_instance_key_str }}": "d__t__20240131",
            "{{ run_id }} {{ dag_run.run_id }}": " ".join(
                ["scheduled__2024-01-31T00:00:00+00:00"] * 2
            ),
            "{{ dag.dag_id }} {{ task.task_id }}": "d t",
            "{{ ti.try_number }} {{ task_instance.max_tries }}": "2 3",
            "{{ test_mode }}": "False",
            "{{ conf.get('core', 'default_timezone') }}": "utc",
            "{{ prev_start_date_success }}": "None",
        }.items():
            with self.subTest(template):
                self.assertEqual(self.render(template), text)

    def test_previous_successful_run(self) -> None:
        self.engine.answers["run_previous"] = {
            "dag_id": "d",
            "run_id": "before",
            "logical_date": "2024-01-30T00:00:00+00:00",
            "data_interval_start": "2024-01-30T00:00:00+00:00",
            "data_interval_end": "2024-01-31T00:00:00+00:00",
            "start_date": "2024-01-31T00:00:01+00:00",
            "end_date": "2024-01-31T00:00:02+00:00",
            "state": "success",
        }
        ti = self.create()
        for template, text in {
            "{{ prev_data_interval_start_success | ds }}": "2024-01-30",
            "{{ prev_data_interval_end_success | ds }}": "2024-01-31",
            "{{ prev_start_date_success | ts }}": "2024-01-31T00:00:01+00:00",
            "{{ prev_end_date_success | ts }}": "2024-01-31T00:00:02+00:00",
            "{{ prev_execution_date_success | ds }}": "2024-01-30",
            "{{ dag_run.get_previous_dagrun().run_id }}": "before",
        }.items():
            with self.subTest(template):
                self.assertEqual(self.render(template, ti), text)
        self.assertEqual(
            self.engine.requests[0],
            (
                "run_previous",
                {"dag_id": "d", "logical_date": "2024-01-31T00:00:00+00:00", "state": "success"},
            ),
        )

    def test_task_instances_of_the_run(self) -> None:
        self.engine.answers["task_states"] = [
            {"run_id": "r", "task_id": "a", "map_index": -1, "state": "failed", "try_number": 2}
        ]
        run = self.create().dag_run
        self.assertEqual(run.get_task_instance("a").state, "failed")
        self.assertEqual(run.get_task_instances(state="success"), [])
        self.assertIsNone(run.get_task_instance("b"))

    def test_macros(self) -> None:
        for template, text in {
            "{{ macros.ds_add(ds, 5) }}": "2024-02-05",
            "{{ macros.ds_add(ds, -31) }}": "2023-12-31",
            "{{ macros.ds_format(ds, '%Y-%m-%d', '%d.%m.%y') }}": "31.01.24",
            "{{ macros.timedelta(days=2).days }}": "2",
            "{{ macros.datetime(2024, 1, 1).year }}": "2024",
            "{{ logical_date + macros.dateutil.relativedelta.relativedelta(months=1) }}": (
                "2024-02-29T00:00:00+00:00"
            ),
        }.items():
            with self.subTest(template):
                self.assertEqual(self.render(template), text)

    def test_variables_and_connections(self) -> None:
        self.engine.variables = {"a": "text", "j": '{"k": [1]}'}
        environment = {"AIRFLOW_VAR_E": "env", "AIRFLOW_CONN_DB": "postgres://u:p%40@h:5/s?x=1"}
        with mock.patch.dict(os.environ, environment):
            for template, text in {
                "{{ var.value.a }} {{ var.value.e }}": "text env",
                "{{ var.json.j.k[0] }}": "1",
                "{{ var.value.get('none', 'default') }}": "default",
                "{{ conn.db.host }}:{{ conn.db.port }} {{ conn.db.password }}": "h:5 p@",
                "{{ conn.db.extra_dejson.x }} {{ conn.get('none', 'no') }}": "1 no",
            }.items():
                with self.subTest(template):
                    self.assertEqual(self.render(template), text)

    def test_params_are_overridden_by_the_runs_configuration(self) -> None:
        params = {"n": Param(1, type="integer"), "other": "x"}
        ti = self.create(params=params, run={"conf": {"n": 2}})
        self.assertEqual(self.render("{{ params.n }} {{ params.other }}", ti), "2 x")
        self.assertEqual(ti.task.dag.params["n"], 1)
        with self.assertRaisesRegex(ParamValidationError, "'x' is not of type 'integer'"):
            self.create(params=params, run={"conf": {"n": "x"}}).get_template_context()

    def test_run_without_a_logical_date(self) -> None:
        ti = self.create(run={"logical_date": None, "run_id": "r", "external_trigger": True})
        self.assertEqual(self.render("{{ task_instance_key_str }}", ti), "d__t__r")

    def test_rendering_options_of_the_dag(self) -> None:
        native = self.create(render_template_as_native_obj=True)
        self.assertEqual(self.render("{{ [1, 2] }}", native), [1, 2])
        ti = self.create(
            user_defined_macros={"double": lambda x: 2 * x}, user_defined_filters={"up": str.upper}
        )
        self.assertEqual(self.render("{{ double(3) }} {{ 'a' | up }}", ti), "6 A")

    def test_containers_and_literals(self) -> None:
        value = {"a": ["{{ ds }}", ("{{ ds_nodash }}", 1)], "b": literal("{{ ds }}")}
        self.assertEqual(
            self.render(value), {"a": ["2024-01-31", ("20240131", 1)], "b": "{{ ds }}"}
        )


class MappingTest(ContextTest):
    def test_unpacking_computes_what_is_lazy(self) -> None:
        context = self.create().get_template_context()
        for copy in (dict(context), {**context}, dict(context.items())):
            self.assertEqual(copy["prev_ds"], "2024-01-30")
        self.assertEqual(context.get("prev_ds"), "2024-01-30")
        self.assertIsNone(context.get("none"))


class XComTest(ContextTest):
    def test_pull(self) -> None:
        self.engine.xcoms = {"a.return_value": 1, "b.return_value": 2, "a.key": 3}
        ti = self.create()
        self.assertEqual(ti.xcom_pull("a"), 1)
        self.assertEqual(ti.xcom_pull(task_ids=["b", "a"]), [2, 1])
        self.assertEqual(ti.xcom_pull("a", key="key"), 3)
        self.assertEqual(ti.xcom_pull("none", default="x"), "x")
        self.assertIsNone(ti.xcom_pull("none"))

    def test_missing_values_of_several_tasks_are_left_out(self) -> None:
        self.engine.xcoms = {"a.return_value": 1, "c.return_value": 3}
        self.assertEqual(self.create().xcom_pull(["a", "b", "c"]), [1, 3])

    def test_map_indexes(self) -> None:
        self.engine.answers["xcom_get_all"] = [[0, "x"], [2, "y"]]
        ti = self.create()
        self.assertEqual(ti.xcom_pull("a", dag_id="other"), ["x", "y"])
        self.engine.xcom_get = lambda **where: where["map_index"]
        self.assertEqual(ti.xcom_pull("a", map_indexes=2), 2)
        self.assertEqual(ti.xcom_pull("a", map_indexes=[3, 1]), [3, 1])
        self.assertEqual(ti.xcom_pull(["a", "b"], map_indexes=[1]), [1, 1])

    def test_include_prior_dates(self) -> None:
        self.engine.answers["xcom_get_prior"] = lambda params: params["logical_date"]
        ti = self.create()
        value = ti.xcom_pull("a", include_prior_dates=True)
        self.assertEqual(value, "2024-01-31T00:00:00+00:00")

    def test_any_task_means_the_nearest_upstream(self) -> None:
        ti = self.create()
        with ti.task.dag:
            far, near = (PythonOperator(task_id=i, python_callable=dict) for i in ("far", "near"))
            far >> near >> ti.task
        self.engine.xcoms = {"far.k": 1, "near.k": 2}
        self.assertEqual(ti.xcom_pull(key="k"), 2)
        self.assertEqual(ti.xcom_pull(key="none", default="d"), "d")

    def test_own_push_is_seen_at_once(self) -> None:
        ti = self.create()
        ti.xcom_push("k", [1])
        self.assertEqual(ti.xcom_pull("t", key="k"), [1])
        self.assertEqual(ti.xcom_pull(key="k"), [1])

    def test_push_of_what_is_not_json(self) -> None:
        for value in (object(), b"bytes", [{"a": object()}]):
            with self.assertRaisesRegex(AirflowException, "XCom 'k' of task d.t cannot be stored"):
                self.create().xcom_push("k", value)


class LazyValueTest(unittest.TestCase):
    def test_stands_for_its_value(self) -> None:
        from airflow.utils.lazy_value import LazyValue

        calls: list[int] = []
        value = LazyValue(lambda: calls.append(1) or pendulum.datetime(2024, 1, 31))
        self.assertEqual(calls, [])
        self.assertEqual(value.year, 2024)
        self.assertIsInstance(value, dt.datetime)
        self.assertEqual(value + dt.timedelta(days=1), pendulum.datetime(2024, 2, 1))
        self.assertEqual(pendulum.datetime(2024, 2, 1) - value, dt.timedelta(days=1))
        self.assertEqual(
            (str(value)[:10], f"{value:%Y}", bool(value)), ("2024-01-31", "2024", True)
        )
        self.assertFalse(LazyValue(lambda: None))
        self.assertEqual(calls, [1])


class CallTest(unittest.TestCase):
    def test_arguments_by_signature(self) -> None:
        available = {"ds": 1, "ti": 2, "x": 3}
        for function, args, kwargs in (
            (lambda ds: 0, (), {"ds": 1}),
            (lambda a, ti: 0, ("a",), {"ti": 2}),
            (lambda **rest: 0, (), available),
            (lambda *args, x: 0, (1, 2), {"x": 3}),
            (lambda: 0, (), {}),
        ):
            self.assertEqual(determine_kwargs(function, args, available), kwargs)
        with self.assertRaisesRegex(ValueError, "'ti' in args is a part of kwargs"):
            determine_kwargs(lambda ti: 0, ("a",), available)

    def test_no_context_outside_of_a_task(self) -> None:
        with self.assertRaisesRegex(AirflowException, "no context was found"):
            get_current_context()


class LatestOnlyTest(ContextTest):
    def choose(self, now: dt.datetime, **run) -> list[str]:
        ti = self.create(LatestOnlyOperator, run=run)
        with ti.task.dag:
            ti.task >> PythonOperator(task_id="next", python_callable=dict)
        with mock.patch("airflow.operators.latest_only.pendulum.now", return_value=now):
            ti.task.execute(ti.get_template_context())
        return self.engine.skipped

    def test_latest_run_goes_on(self) -> None:
        self.assertEqual(self.choose(pendulum.datetime(2024, 2, 1, 12)), [])

    def test_older_run_skips(self) -> None:
        self.assertEqual(self.choose(pendulum.datetime(2024, 2, 2, 12)), ["next"])

    def test_triggered_run_goes_on(self) -> None:
        self.assertEqual(self.choose(pendulum.datetime(2025, 1, 1), external_trigger=True), [])


if __name__ == "__main__":
    unittest.main()
