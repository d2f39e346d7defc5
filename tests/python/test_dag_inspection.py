"""What DAG files and tests ask of a DAG, and params with a schema."""

from __future__ import annotations

import io
import unittest
from contextlib import redirect_stdout

import harness  # noqa: F401 - makes the package importable
import pendulum

from airflow import DAG, _engine
from airflow.exceptions import AirflowDagCycleException, ParamValidationError
from airflow.models import DagRun, Param
from airflow.models.dag import get_last_dagrun
from airflow.operators.empty import EmptyOperator
from airflow.utils.dag_cycle_tester import check_cycle
from airflow.utils.task_group import TaskGroup


class InspectionTest(unittest.TestCase):
    def setUp(self) -> None:
        start = pendulum.datetime(2024, 1, 1)
        with DAG("d", schedule="@daily", start_date=start) as self.dag:
            a, b, c = (EmptyOperator(task_id=task_id) for task_id in "abc")
            with TaskGroup("g"):
                d = EmptyOperator(task_id="d")
            a >> b >> c
            b >> d

    def test_cycles_are_found_by_tests_of_dag_files(self) -> None:
        check_cycle(self.dag)
        self.dag.get_task("c") >> self.dag.get_task("a")
        with self.assertRaisesRegex(AirflowDagCycleException, "a >> b >> c >> a"):
            check_cycle(self.dag)

    def test_partial_subset(self) -> None:
        subset = self.dag.partial_subset("^b$")
        self.assertEqual(subset.task_ids, ["a", "b"])
        self.assertEqual(subset.get_task("b").downstream_task_ids, set())
        self.assertIs(subset.get_task("b").dag, subset)
        self.assertEqual(self.dag.get_task("b").downstream_task_ids, {"c", "g.d"})
        below = self.dag.partial_subset(["b"], include_upstream=False, include_downstream=True)
        self.assertEqual(below.task_ids, ["b", "c", "g.d"])
        self.assertEqual([t.task_id for t in below.task_group_dict["g"]], ["g.d"])
        self.assertEqual(list(self.dag.sub_dag("^a$").task_group_dict), [])

    def test_order_roots_and_leaves(self) -> None:
        self.assertEqual([t.task_id for t in self.dag.roots], ["a"])
        self.assertEqual({t.task_id for t in self.dag.leaves}, {"c", "g.d"})
        self.assertEqual(self.dag.topological_sort()[0].task_id, "a")
        self.assertTrue(self.dag.has_task("a"))
        self.assertTrue(self.dag.has_task_group("g"))

    def test_tree_view(self) -> None:
        with redirect_stdout(io.StringIO()) as printed:
            self.dag.tree_view()
        self.assertTrue(printed.getvalue().startswith("<Task(EmptyOperator): a>\n    <Task"))

    def test_neighbouring_dates(self) -> None:
        date = pendulum.datetime(2024, 1, 31)
        self.assertEqual(self.dag.following_schedule(date), date.add(days=1))
        self.assertEqual(self.dag.previous_schedule(date), date.subtract(days=1))
        dates = self.dag.get_run_dates(date, date.add(days=2))
        self.assertEqual([d.day for d in dates], [31, 1, 2])

    def test_commands_at_the_bottom_of_files_only_warn(self) -> None:
        for call in (self.dag.test, self.dag.cli, self.dag.run):
            with self.assertWarnsRegex(UserWarning, "use: beeflow dags"):
                call()

    def test_weights(self) -> None:
        self.assertEqual(self.dag.get_task("a").priority_weight_total, 4)


class RunsTest(unittest.TestCase):
    def setUp(self) -> None:
        _engine.attach(self)
        self.addCleanup(_engine.attach, None)
        self.days = [1, 2, 3]

    def request(self, method, **params):
        if method == "run_get":
            return self.fields(2) if params["run_id"] == "r2" else None
        self.assertEqual(method, "run_previous")
        earlier = [day for day in self.days if self.date(day) < params["logical_date"]]
        return self.fields(earlier[-1]) if earlier else None

    def date(self, day: int) -> str:
        return f"2024-01-0{day}T00:00:00+00:00"

    def fields(self, day: int) -> dict:
        external = day == 3
        return {
            "dag_id": "d",
            "run_id": f"r{day}",
            "logical_date": self.date(day),
            "state": "success",
            "external_trigger": external,
        }

    def test_find(self) -> None:
        self.assertEqual([run.run_id for run in DagRun.find(dag_id="d")], ["r1", "r2", "r3"])
        self.assertEqual([run.run_id for run in DagRun.find("d", run_id="r2")], ["r2"])
        self.assertEqual(DagRun.find("d", run_id="none"), [])
        self.assertEqual(len(DagRun.find("d", external_trigger=True)), 1)

    def test_last(self) -> None:
        self.assertEqual(get_last_dagrun("d", None, True).run_id, "r3")
        self.assertEqual(get_last_dagrun("d").run_id, "r2")
        self.assertEqual(DAG("d", schedule=None).latest_execution_date.day, 3)


class ParamTest(unittest.TestCase):
    def test_schemas(self) -> None:
        for good, bad, schema in (
            (1, "1", {"type": "integer"}),
            ([1], ["a"], {"type": "array", "items": {"type": "number"}}),
            ([1, 2], [1, 1], {"type": "array", "uniqueItems": True}),
            ([1], [], {"minItems": 1}),
            ("2024-01-31", "31.1.", {"type": "string", "format": "date"}),
            ("2024-01-31", "31 January", {"format": "date-time"}),
            ("12:30:00", "noon", {"format": "time"}),
            (None, 1, {"type": ["null", "string"]}),
            ({"a": 1}, {"b": 1}, {"type": "object", "required": ["a"]}),
            ({"a": 1}, {"a": "x"}, {"properties": {"a": {"type": "integer"}}}),
            ({}, {"z": 1}, {"additionalProperties": False}),
            (5, "x", {"anyOf": [{"type": "integer"}, {"const": "y"}]}),
            (3, 15, {"oneOf": [{"multipleOf": 3}, {"multipleOf": 5}]}),
            ("b", "a", {"not": {"const": "a"}}),
            (10, 11, {"maximum": 10}),
            ("ab", "a", {"minLength": 2}),
            ("a1", "1a", {"pattern": "^[a-z]"}),
            ("x", "y", {"enum": ["x"]}),
        ):
            with self.subTest(schema):
                self.assertEqual(Param(good, schema=schema).resolve(), good)
                with self.assertRaises(ParamValidationError):
                    Param(bad, schema=schema).resolve()

    def test_custom_fields_are_no_schema_errors(self) -> None:
        param = Param(
            3, "about", type="number", title="T", values_display={3: "three"}, section="s"
        )
        self.assertEqual((param.resolve(), param.description), (3, "about"))


if __name__ == "__main__":
    unittest.main()
