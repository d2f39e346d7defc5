"""Dynamic task mapping: what may be mapped, and how it is serialized."""

from __future__ import annotations

import unittest

import harness  # noqa: F401 - makes the package importable

from airflow import DAG
from airflow.decorators import task, task_group
from airflow.exceptions import AirflowException
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from beeflow_worker.serialize import serialize_dag


@task
def numbers():
    return [1, 2, 3]


@task
def add(x, y=1, ti=None):
    return x + y


class MappingTest(unittest.TestCase):
    def setUp(self) -> None:
        self.dag = DAG("d", schedule=None)
        self.dag.__enter__()
        self.addCleanup(self.dag.__exit__, None, None, None)

    def task(self, task_id: str) -> dict:
        tasks = {fields["task_id"]: fields for fields in serialize_dag(self.dag)["tasks"]}
        return tasks[task_id]

    def lengths(self, task_id: str) -> list:
        return self.task(task_id)["map"]


class LengthTest(MappingTest):
    def test_literals_make_a_product(self) -> None:
        add.expand(x=[1, 2], y={"a": 1})
        self.assertEqual(self.lengths("add"), [{"literal": 2}, {"literal": 1}])

    def test_results_of_tasks(self) -> None:
        add.partial(y=2).expand(x=numbers())
        self.assertEqual(self.lengths("add"), [{"task": "numbers"}])
        self.assertEqual(self.task("numbers")["downstream"], ["add"])

    def test_empty_literal(self) -> None:
        add.expand(x=[])
        self.assertEqual(self.lengths("add"), [{"literal": 0}])

    def test_map_zip_and_concat(self) -> None:
        one, two, three = (numbers.override(task_id=name)() for name in ("one", "two", "three"))
        mapped = add.expand(x=one.map(str).zip(two, fillvalue=0).concat(three))
        zipped = {"zip": [{"task": "one"}, {"task": "two"}], "longest": True}
        self.assertEqual(self.lengths("add"), [{"concat": [zipped, {"task": "three"}]}])
        self.assertEqual(mapped.operator.upstream_task_ids, {"one", "two", "three"})

    def test_classic_operators(self) -> None:
        BashOperator.partial(task_id="b", env={"A": "1"}, retries=3).expand(
            bash_command=["echo 1", "echo 2"]
        )
        fields = self.task("b")
        self.assertEqual((fields["map"], fields["retries"]), ([{"literal": 2}], 3))
        self.assertEqual(
            (fields["operator"], fields["run"]["kind"]), ("BashOperator", "bash_template")
        )
        PythonOperator.partial(task_id="p", python_callable=print).expand_kwargs(
            [{"op_args": [1]}, {"op_kwargs": {"a": 1}}]
        )
        self.assertEqual(self.lengths("p"), [{"literal": 2}])

    def test_default_args_of_the_dag_count(self) -> None:
        self.dag.default_args = {"retries": 4, "owner": "me"}
        PythonOperator.partial(task_id="p", python_callable=print).expand(op_args=[[1]])
        self.assertEqual((self.task("p")["retries"], self.task("p")["owner"]), (4, "me"))

    def test_bash_whose_output_is_mapped_over_needs_python(self) -> None:
        add.expand(x=BashOperator(task_id="b", bash_command="echo 1").output)
        self.assertEqual(self.task("b").get("run", {"kind": "python"}), {"kind": "python"})

    def test_dependencies_of_a_mapped_operator(self) -> None:
        before, after = EmptyOperator(task_id="before"), EmptyOperator(task_id="after")
        before >> add.expand(x=[1]) >> after
        self.assertEqual(self.task("before")["downstream"], ["add"])
        self.assertEqual(self.task("add")["downstream"], ["after"])

    def test_reference_in_a_fixed_argument_is_a_dependency(self) -> None:
        add.partial(y=numbers()).expand(x=[1])
        self.assertEqual(self.task("numbers")["downstream"], ["add"])


class RefusalTest(MappingTest):
    def test_wrong_arguments_of_functions(self) -> None:
        for call, error, text in (
            (lambda: add.expand(x=1), ValueError, "unexpected type 'int' for keyword argument 'x'"),
            (lambda: add.expand(x="abc"), ValueError, "unexpected type 'str'"),
            (lambda: add.expand(), TypeError, "no arguments to expand against"),
            (lambda: add.expand(z=[1]), TypeError, "unexpected keyword argument 'z'"),
            (lambda: add.expand(ti=[1]), ValueError, "task context variable 'ti'"),
            (lambda: add.partial(x=1).expand(x=[1]), TypeError, "already specified.*'x'"),
            (lambda: add.expand(x=numbers()["k"]), ValueError, "custom key 'k'"),
            (lambda: add.expand_kwargs(3), TypeError, r"expected XComArg or list\[dict\], not int"),
            (lambda: add.expand_kwargs([3]), TypeError, r"not list\[int\]"),
            (lambda: numbers().map(add), TypeError, "plain function"),
        ):
            with self.subTest(text), self.assertRaisesRegex(error, text):
                call()

    def test_wrong_arguments_of_operators(self) -> None:
        for call, text in (
            (lambda: BashOperator.partial(bash_command="x"), "'task_id'"),
            (lambda: BashOperator.partial(task_id="a", wrong=1), "unexpected keyword.*'wrong'"),
            (
                lambda: BashOperator.partial(task_id="b").expand(wrong=[1]),
                r"BashOperator.expand\(\) got an unexpected keyword argument 'wrong'",
            ),
            (
                lambda: BashOperator.partial(task_id="c").expand(retries=[1, 2]),
                "unmappable or already specified argument: 'retries'",
            ),
        ):
            with self.subTest(text), self.assertRaisesRegex(TypeError, text):
                call()

    def test_fixed_arguments_in_expand_kwargs_fail_when_they_are_known(self) -> None:
        mapped = BashOperator.partial(task_id="b", env={}).expand_kwargs(numbers())
        with self.assertRaisesRegex(TypeError, "already specified argument: 'env'"):
            mapped.unmap({"env": {"A": "1"}, "bash_command": "x"})


class MappedGroupTest(MappingTest):
    def test_tasks_have_the_index_of_the_group(self) -> None:
        @task_group
        def steps(value, other=5):
            """Steps."""
            return add.override(task_id="last")(add(value), other)

        result = steps.partial(other=1).expand(value=numbers())
        numbers.override(task_id="after")() << result
        fields = serialize_dag(self.dag)
        self.assertEqual(
            fields["task_groups"],
            [
                {
                    "group_id": "steps",
                    "tooltip": "Steps.",
                    "label": "steps",
                    "map": [{"task": "numbers"}],
                }
            ],
        )
        self.assertEqual(self.task("steps.add")["group"], "steps")
        self.assertNotIn("map", self.task("steps.add"))
        self.assertEqual(self.task("numbers")["downstream"], ["steps.add"])
        self.assertEqual(self.task("steps.last")["downstream"], ["after"])

    def test_nested_group_in_a_mapped_group(self) -> None:
        @task_group
        def outer(value):
            @task_group
            def inner(x):
                add(x)

            inner(value)

        outer.expand_kwargs([{"value": 1}, {"value": 2}])
        groups = serialize_dag(self.dag)["task_groups"]
        self.assertEqual([g["group_id"] for g in groups], ["outer", "outer.inner"])
        self.assertEqual(groups[0]["map"], [{"literal": 2}])
        self.assertEqual(groups[1]["parent"], "outer")

    def test_what_a_mapped_group_must_not_hold(self) -> None:
        @task_group
        def mapping(value):
            add.expand(x=[1])

        with self.assertRaisesRegex(NotImplementedError, "in an expanded task group"):
            mapping.expand(value=[1])

        @task_group
        def always(value):
            add.override(trigger_rule="always")(value)

        with self.assertRaisesRegex(ValueError, "trigger_rule set to 'ALWAYS'"):
            always.expand(value=[1])
        with self.assertRaisesRegex(TypeError, "unexpected keyword argument 'none'"):
            always.expand(none=[1])


class SequenceTest(unittest.TestCase):
    def test_lazy_sequence_behaves_as_a_list(self) -> None:
        from airflow.models.lazy_xcom import LazyXComSequence

        values = LazyXComSequence(lambda: [1, 2, 3])
        self.assertEqual((len(values), values[-1], values[1:]), (3, 3, [2, 3]))
        self.assertEqual((list(values), sum(values), 2 in values), ([1, 2, 3], 6, True))
        self.assertEqual(values, [1, 2, 3])
        self.assertEqual(str(values), "[1, 2, 3]")

    def test_xcom_arg_kinds(self) -> None:
        from airflow import XComArg

        with DAG("d", schedule=None):
            arg = numbers()
        self.assertIsInstance(arg.map(str).zip(arg), XComArg)
        with self.assertRaisesRegex(ValueError, "non-return XCom"):
            arg["k"].map(str)
        with self.assertRaises(AirflowException):
            EmptyOperator(task_id="a") >> arg.map(str) >> "x"


if __name__ == "__main__":
    unittest.main()
