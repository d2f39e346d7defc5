"""TaskFlow: the variants of @task, and what their calls become."""

from __future__ import annotations

import unittest
from typing import Any

from harness import FolderTest, ZygoteTest, make_attempt

from airflow import DAG
from airflow.decorators import task, task_group
from airflow.operators.bash import BashOperator
from airflow.operators.python import (
    BranchExternalPythonOperator,
    BranchPythonOperator,
    BranchPythonVirtualenvOperator,
    ExternalPythonOperator,
    PythonOperator,
    PythonVirtualenvOperator,
    ShortCircuitOperator,
)
from airflow.sensors.python import PythonSensor


class DagTaskTest(unittest.TestCase):
    def test_a_dag_has_a_task_decorator_of_its_own(self) -> None:
        dag = DAG("d", schedule=None)

        @dag.task
        def plain():
            return 1

        @dag.task(task_id="named", retries=2)
        def other(value):
            return value

        other(plain())
        self.assertEqual(dag.task_ids, ["plain", "named"])
        self.assertEqual(dag.get_task("named").retries, 2)
        self.assertEqual(dag.get_task("named").upstream_task_ids, {"plain"})


class VariantTest(unittest.TestCase):
    def setUp(self) -> None:
        self.dag = DAG("d", schedule=None)
        self.dag.__enter__()
        self.addCleanup(self.dag.__exit__, None, None, None)

    def test_variants_are_operators_of_their_kind(self) -> None:
        for name, operator_class, arguments in (
            ("python", PythonOperator, {}),
            ("branch", BranchPythonOperator, {}),
            ("short_circuit", ShortCircuitOperator, {"ignore_downstream_trigger_rules": False}),
            ("sensor", PythonSensor, {"poke_interval": 5, "mode": "reschedule"}),
            ("bash", BashOperator, {"env": {"A": "b"}}),
            ("virtualenv", PythonVirtualenvOperator, {"requirements": ["x"]}),
            ("external_python", ExternalPythonOperator, {"python": "/usr/bin/python3"}),
            ("branch_virtualenv", BranchPythonVirtualenvOperator, {"requirements": []}),
            (
                "branch_external_python",
                BranchExternalPythonOperator,
                {"python": "/usr/bin/python3"},
            ),
        ):
            with self.subTest(name):

                @getattr(task, name)(task_id=name, **arguments)
                def function(value, other=2):
                    return value

                operator = function(1).operator
                self.assertIsInstance(operator, operator_class)
                self.assertEqual(
                    (operator.task_id, operator.operator_name), (name, operator.operator_name)
                )
                self.assertEqual(tuple(operator.op_args), (1,))
                self.assertFalse(operator.is_mapped)

    def test_variants_of_missing_packages_name_them(self) -> None:
        for name, package in (("pyspark", "apache-spark"), ("snowpark", "snowflake")):
            with self.assertRaisesRegex(ImportError, f"apache-airflow-providers-{package}"):
                getattr(task, name)
        with self.assertRaisesRegex(AttributeError, "'nothing' not found"):
            task.nothing  # noqa: B018

    def test_mapped_variants(self) -> None:
        @task.branch
        def choose(x):
            return x

        @task.sensor(poke_interval=1)
        def wait(x):
            return True

        for mapped in (choose.expand(x=["a"]), wait.expand(x=[1, 2])):
            self.assertTrue(mapped.operator.is_mapped)
            operator = mapped.operator.unmap({"x": 1})
            self.assertEqual(operator.op_kwargs, {"x": 1})

    def test_multiple_outputs(self) -> None:
        @task
        def typed() -> dict[str, Any]:
            return {}

        @task(multiple_outputs=True)
        def explicit():
            return {}

        @task(multiple_outputs=False)
        def refused() -> dict:
            return {}

        self.assertTrue(typed().operator.multiple_outputs)
        self.assertTrue(explicit().operator.multiple_outputs)
        self.assertFalse(refused().operator.multiple_outputs)
        self.assertTrue(explicit.override(task_id="x")().operator.multiple_outputs)

    def test_results_anywhere_in_arguments(self) -> None:
        @task
        def one():
            return 1

        @task
        def many(values, **kwargs):
            pass

        many([one(), {"a": one()}], key=(one(),))
        self.assertEqual(self.dag.get_task("many").upstream_task_ids, {"one", "one__1", "one__2"})

    def test_classic_operator_takes_results(self) -> None:
        @task
        def one():
            return 1

        BashOperator(task_id="b", bash_command="x", env={"A": one()})
        BashOperator(task_id="c", bash_command=one())
        self.assertEqual(self.dag.get_task("b").upstream_task_ids, {"one"})
        self.assertEqual(self.dag.get_task("c").upstream_task_ids, {"one__1"})

    def test_groups(self) -> None:
        @task
        def step():
            pass

        @task_group(group_id="named", tooltip="tip", default_args={"retries": 3})
        def outer():
            @task_group(prefix_group_id=False)
            def inner():
                return step()

            inner()

        outer()
        groups = self.dag.task_group_dict
        self.assertEqual(groups["named"].tooltip, "tip")
        self.assertEqual(self.dag.get_task("step").retries, 3)

    def test_condition(self) -> None:
        @task.skip_if(lambda context: True)
        @task
        def step():
            pass

        operator = step().operator
        with self.assertRaisesRegex(Exception, "Skipped by the condition"):
            operator.pre_execute({})


class SourceTest(FolderTest):
    def test_function_without_its_decorators(self) -> None:
        from airflow.decorators.base import source_without_decorators

        @task.bash(
            task_id="x",
        )
        def function(a):
            return a + 1

        source = source_without_decorators(function.function)
        self.assertTrue(source.startswith("def function(a):"), source)


class RunTest(ZygoteTest):
    def run_task(self, body: str, task_id: str, **fields):
        file = self.write(
            "from airflow import DAG\nfrom airflow.decorators import task\n"
            "from airflow.operators.python import get_current_context\n"
            f"with DAG('d', schedule=None):\n{body}"
        )
        return self.run_attempt(self.fork(), make_attempt(file, task_id), fields.get("answers"))

    def test_external_python(self) -> None:
        finished, log = self.run_task(
            """
    @task.external_python(python='/usr/bin/python3')
    def double(x):
        return 2 * x
    double(4)
""",
            "double",
        )
        self.assertEqual(finished.get("xcoms"), {"return_value": 8}, log)

    def test_bash(self) -> None:
        finished, log = self.run_task(
            """
    @task.bash
    def say(word, ds):
        return f'echo {word} {ds} {{{{ run_id[:6] }}}}'
    say('hi')
""",
            "say",
        )
        self.assertEqual(finished.get("xcoms"), {"return_value": "hi 2024-01-31 manual"}, log)

    def test_multiple_outputs_are_pushed_one_by_one(self) -> None:
        finished, _ = self.run_task(
            """
    @task
    def both() -> dict:
        return {'a': get_current_context()['ds'], 'b': 2}
    both()
""",
            "both",
        )
        self.assertEqual(finished["xcoms"]["a"], "2024-01-31")
        self.assertEqual(finished["xcoms"]["return_value"], {"a": "2024-01-31", "b": 2})

    def test_sensor_hands_over_its_value(self) -> None:
        finished, log = self.run_task(
            """
    from airflow.sensors.base import PokeReturnValue
    @task.sensor(poke_interval=0)
    def wait():
        return PokeReturnValue(is_done=True, xcom_value='there')
    wait()
""",
            "wait",
        )
        self.assertEqual(finished.get("xcoms"), {"return_value": "there"}, log)

    def test_whole_context_asks_nothing_of_the_engine(self) -> None:
        def refuse(method, params):
            raise AssertionError(f"{method} was asked for")

        finished, log = self.run_task(
            """
    @task
    def read(**context):
        return sorted(context)[:2] + [context['ds']]
    read()
""",
            "read",
            answers=refuse,
        )
        self.assertEqual(finished["xcoms"]["return_value"], ["conf", "conn", "2024-01-31"], log)


if __name__ == "__main__":
    unittest.main()
