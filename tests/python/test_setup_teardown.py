"""Setup and teardown tasks, as DAG files write them."""

from __future__ import annotations

import unittest

import harness  # noqa: F401 - makes the package importable

from airflow import DAG
from airflow.decorators import setup, task, task_group, teardown
from airflow.operators.empty import EmptyOperator
from airflow.utils.task_group import TaskGroup
from beeflow_worker.serialize import serialize_dag


@task
def work():
    pass


@setup
def prepare():
    pass


@teardown
def clean():
    pass


def edges(of: DAG) -> set[str]:
    return {f"{t.task_id}>{down}" for t in of.tasks for down in t.downstream_task_ids}


class SetupTeardownTest(unittest.TestCase):
    def setUp(self) -> None:
        self.dag = DAG("d", schedule=None)
        self.dag.__enter__()
        self.addCleanup(self.dag.__exit__, None, None, None)

    def test_decorators(self) -> None:
        @teardown(on_failure_fail_dagrun=True)
        @task(retries=2)
        def strict():
            pass

        prepare() >> work() >> [clean(), strict()]
        tasks = {fields["task_id"]: fields for fields in serialize_dag(self.dag)["tasks"]}
        self.assertTrue(tasks["prepare"]["setup"])
        self.assertTrue(tasks["clean"]["teardown"])
        self.assertEqual(tasks["clean"]["trigger_rule"], "all_done_setup_success")
        self.assertNotIn("on_failure_fail_dagrun", tasks["clean"])
        self.assertTrue(tasks["strict"]["on_failure_fail_dagrun"])
        self.assertEqual(tasks["strict"]["retries"], 2)

    def test_classic_operators(self) -> None:
        create = EmptyOperator(task_id="create").as_setup()
        delete = EmptyOperator(task_id="delete")
        create >> EmptyOperator(task_id="run") >> delete.as_teardown(setups=create)
        self.assertEqual(edges(self.dag), {"create>run", "run>delete", "create>delete"})

    def test_block_of_a_teardown(self) -> None:
        create, delete = EmptyOperator(task_id="create"), EmptyOperator(task_id="delete")
        with delete.as_teardown(setups=create):
            first = EmptyOperator(task_id="first")
            first >> EmptyOperator(task_id="second")
            EmptyOperator(task_id="alone")
        self.assertEqual(
            edges(self.dag),
            {
                "create>delete",
                "create>first",
                "first>second",
                "second>delete",
                "create>alone",
                "alone>delete",
            },
        )

    def test_block_of_decorated_tasks_and_of_a_task_from_outside(self) -> None:
        early = EmptyOperator(task_id="early")
        with prepare() >> clean() as scope:
            work()
            scope.add_task(early)
        self.assertEqual(
            edges(self.dag),
            {"prepare>clean", "prepare>work", "work>clean", "prepare>early", "early>clean"},
        )

    def test_what_follows_a_group_does_not_wait_for_its_teardown(self) -> None:
        with TaskGroup("g") as group:
            a, b, c = prepare(), work(), clean()
            a >> b >> c
            a >> c
        group >> EmptyOperator(task_id="after")
        self.assertIn("g.work>after", edges(self.dag))
        self.assertNotIn("g.clean>after", edges(self.dag))

    def test_setup_must_succeed_for_what_follows(self) -> None:
        prepare() >> EmptyOperator(task_id="a", trigger_rule="all_done")
        with self.assertRaisesRegex(ValueError, "Setup tasks must be followed"):
            self.dag.validate()

    def test_groups_are_neither(self) -> None:
        @task_group
        def steps():
            work()

        with self.assertRaisesRegex(Exception, "cannot be marked as setup"):
            setup(steps)

    def test_teardown_keeps_its_trigger_rule(self) -> None:
        with self.assertRaisesRegex(ValueError, "not configurable"):
            teardown(work.override(trigger_rule="all_done"))()


if __name__ == "__main__":
    unittest.main()
