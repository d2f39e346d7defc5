"""DAGs, operators and their dependencies, as DAG files build them."""

from __future__ import annotations

import datetime as dt
import unittest
import zoneinfo

import harness  # noqa: F401 - makes the package importable
import pendulum

from airflow import DAG
from airflow.decorators import dag, task, task_group
from airflow.exceptions import (
    AirflowDagCycleException,
    AirflowException,
    AirflowTimetableInvalid,
    DagInvalidTriggerRule,
    DuplicateTaskIdFound,
    ParamValidationError,
    TaskNotFound,
)
from airflow.models import BaseOperator, Param
from airflow.models.baseoperator import chain, chain_linear, cross_downstream
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from airflow.sdk.definitions.deadline import AsyncCallback, DeadlineAlert, DeadlineReference
from airflow.utils.edgemodifier import Label
from airflow.utils.task_group import TaskGroup


def make_dag(**arguments) -> DAG:
    return DAG("d", **{"schedule": None, **arguments})


def make_tasks(ids: str) -> list[EmptyOperator]:
    return [EmptyOperator(task_id=task_id) for task_id in ids.split()]


def edges(of: DAG) -> set[str]:
    return {f"{t.task_id}>{down}" for t in of.tasks for down in t.downstream_task_ids}


class DagTest(unittest.TestCase):
    def test_naive_start_date_is_utc(self) -> None:
        built = make_dag(start_date=dt.datetime(2024, 1, 1))
        self.assertEqual(built.start_date, dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc))
        self.assertEqual(built.timezone.name, "UTC")

    def test_zone_of_the_start_date_is_that_of_the_dag(self) -> None:
        for tz in (pendulum.timezone("Europe/Warsaw"), zoneinfo.ZoneInfo("Europe/Warsaw")):
            built = make_dag(start_date=dt.datetime(2024, 1, 1, tzinfo=tz), schedule="@daily")
            self.assertEqual(built.timezone.name, "Europe/Warsaw")
            self.assertEqual(built.start_date.isoformat(), "2023-12-31T23:00:00+00:00")
            self.assertEqual(built.timetable.to_schedule()["timezone"], "Europe/Warsaw")

    def test_fixed_offset(self) -> None:
        tz = dt.timezone(dt.timedelta(hours=2))
        built = make_dag(start_date=dt.datetime(2024, 1, 1, tzinfo=tz), schedule="0 0 * * *")
        self.assertEqual(built.timetable.to_schedule()["timezone"], "+02:00")

    def test_bad_ids(self) -> None:
        with self.assertRaisesRegex(AirflowException, "'a b' has to be made of alphanumeric"):
            DAG("a b", schedule=None)
        with self.assertRaisesRegex(AirflowException, "less than 250 characters"):
            DAG("x" * 251, schedule=None)
        with self.assertRaisesRegex(AirflowException, "'a/b'"), make_dag():
            EmptyOperator(task_id="a/b")

    def test_bad_schedules(self) -> None:
        for schedule in ("@dayly", "* * * *", "", object(), dt.timedelta()):
            with self.subTest(schedule), self.assertRaises(AirflowTimetableInvalid):
                make_dag(schedule=schedule)

    def test_only_one_spelling_of_the_schedule(self) -> None:
        with self.assertRaisesRegex(ValueError, "at most one allowed"):
            DAG("d", schedule="@daily", schedule_interval="@daily")

    def test_continuous_needs_one_run_at_a_time(self) -> None:
        with self.assertRaisesRegex(AirflowException, "max_active_runs <= 1"):
            make_dag(schedule="@continuous")
        make_dag(schedule="@continuous", max_active_runs=1)

    def test_cycle_is_named(self) -> None:
        with make_dag() as built:
            a, b, c, d = make_tasks("a b c d")
            a >> b >> c >> b >> d
        with self.assertRaisesRegex(AirflowDagCycleException, "DAG: d.*(b >> c >> b|c >> b >> c)"):
            built.validate()

    def test_duplicate_task_id(self) -> None:
        with make_dag(), self.assertRaisesRegex(DuplicateTaskIdFound, "Task id 'a'"):
            make_tasks("a a")

    def test_missing_task(self) -> None:
        with self.assertRaisesRegex(TaskNotFound, "Task a not found in DAG d"):
            make_dag().get_task("a")

    def test_fail_stop_allows_only_all_success(self) -> None:
        with make_dag(fail_stop=True), self.assertRaises(DagInvalidTriggerRule):
            EmptyOperator(task_id="a", trigger_rule="all_done")

    def test_topological_order(self) -> None:
        with make_dag() as built:
            c, b, a = make_tasks("c b a")
            a >> b >> c
        self.assertEqual([t.task_id for t in built.topological_sort()], ["a", "b", "c"])

    def test_scheduled_dag_needs_valid_params(self) -> None:
        params = {"n": Param(None, type="integer")}
        make_dag(params=params).validate()
        with self.assertRaisesRegex(ParamValidationError, "DAG d is scheduled.*'n'"):
            make_dag(params=params, schedule="@daily").validate()

    def test_decorator(self) -> None:
        @dag(schedule=None, tags=["x"])
        def named(count=3):
            """Documented."""
            BashOperator(task_id="a", bash_command=f"echo {count}")

        built = named()
        self.assertEqual((built.dag_id, built.doc_md, built.tags), ("named", "Documented.", ["x"]))
        self.assertEqual(built.params["count"], 3)
        self.assertEqual(built.task_ids, ["a"])

    def test_deprecated_spellings_warn(self) -> None:
        with self.assertWarnsRegex(DeprecationWarning, "schedule_interval"):
            DAG("d", schedule_interval="@daily")
        with self.assertWarnsRegex(DeprecationWarning, "max_active_tasks"):
            self.assertEqual(make_dag(concurrency=3).max_active_tasks, 3)

    def test_deadline_is_data_and_says_so(self) -> None:
        alert = DeadlineAlert(
            reference=DeadlineReference.FIXED_DATETIME(dt.datetime(2026, 1, 1)),
            interval=dt.timedelta(hours=1),
            callback=AsyncCallback(print, kwargs={"text": "late"}),
        )
        with self.assertWarnsRegex(UserWarning, "DAG d: its deadline is not enforced"):
            self.assertIs(DAG("d", schedule=None, deadline=alert).deadline, alert)
        with self.assertRaisesRegex(TypeError, "must be a timedelta"):
            DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, 60, AsyncCallback("module.function"))

    def test_failures_in_a_row_do_not_pause_it_and_it_says_so(self) -> None:
        with self.assertWarnsRegex(UserWarning, "DAG d: it is not paused after"):
            DAG("d", schedule=None, max_consecutive_failed_dag_runs=3)


class OperatorTest(unittest.TestCase):
    def test_default_args_fill_what_is_not_given(self) -> None:
        defaults = {"retries": 3, "owner": "me", "bash_command": "echo hi", "unknown": 1}
        with make_dag(default_args=defaults):
            filled = BashOperator(task_id="a")
            given = BashOperator(task_id="b", retries=1, default_args={"owner": "you"})
        self.assertEqual((filled.retries, filled.owner, filled.bash_command), (3, "me", "echo hi"))
        self.assertEqual((given.retries, given.owner), (1, "you"))

    def test_subclass_that_fixes_an_argument_keeps_it(self) -> None:
        class Fixed(BashOperator):
            def __init__(self, **kwargs):
                super().__init__(retries=7, bash_command="true", **kwargs)

        with make_dag(default_args={"retries": 1, "bash_command": "false"}):
            fixed = Fixed(task_id="a")
        self.assertEqual((fixed.retries, fixed.bash_command), (7, "true"))

    def test_default_args_of_groups(self) -> None:
        with make_dag(default_args={"retries": 1, "owner": "dag"}):
            with TaskGroup("outer", default_args={"retries": 2}):
                with TaskGroup("inner", default_args={"queue": "q"}):
                    inner = EmptyOperator(task_id="a")
        self.assertEqual((inner.retries, inner.owner, inner.queue), (2, "dag", "q"))

    def test_wrong_arguments_are_named(self) -> None:
        with make_dag():
            with self.assertRaisesRegex(
                AirflowException, "missing keyword argument 'bash_command'"
            ):
                BashOperator(task_id="a")
            with self.assertRaisesRegex(AirflowException, r"task_id: b.*arguments were: retrys"):
                EmptyOperator(task_id="b", retrys=1)
            with self.assertRaisesRegex(AirflowException, "Use keyword arguments"):
                EmptyOperator("c")
            with self.assertRaisesRegex(AirflowException, "task e: trigger_rule must be one of"):
                EmptyOperator(task_id="e", trigger_rule="never")
            with self.assertRaisesRegex(ValueError, "task f: pool_slots cannot be less than 1"):
                EmptyOperator(task_id="f", pool_slots=0)

    def test_retry_delay_in_seconds(self) -> None:
        operator = EmptyOperator(task_id="a", retry_delay=5)
        self.assertEqual(operator.retry_delay, dt.timedelta(seconds=5))

    def test_old_spellings_of_trigger_rules(self) -> None:
        with self.assertWarns(DeprecationWarning):
            operator = EmptyOperator(task_id="a", trigger_rule="dummy")
        self.assertEqual(operator.trigger_rule, "always")
        with self.assertWarns(DeprecationWarning):
            operator = EmptyOperator(task_id="a", trigger_rule="none_failed_or_skipped")
        self.assertEqual(operator.trigger_rule, "none_failed_min_one_success")

    def test_passed_output_is_a_dependency(self) -> None:
        with make_dag() as built:
            a = PythonOperator(task_id="a", python_callable=dict)
            PythonOperator(task_id="b", python_callable=print, op_kwargs={"x": [a.output["k"]]})
            late = BashOperator(task_id="c", bash_command="true")
            late.bash_command = a.output
        self.assertEqual(edges(built), {"a>b", "a>c"})

    def test_output_in_a_string_is_a_template(self) -> None:
        with make_dag():
            a = PythonOperator(task_id="a", python_callable=dict)
        self.assertEqual(
            f"echo {a.output['k']}",
            "echo {{ task_instance.xcom_pull(task_ids='a', dag_id='d', key='k') }}",
        )


class DependencyTest(unittest.TestCase):
    def test_shifts_and_lists(self) -> None:
        with make_dag() as built:
            a, b, c, d = make_tasks("a b c d")
            a >> [b, c] >> d
        self.assertEqual(edges(built), {"a>b", "a>c", "b>d", "c>d"})
        with make_dag() as built:
            a, b, c = make_tasks("a b c")
            a << [b, c]
            [b] << c
        self.assertEqual(edges(built), {"b>a", "c>a", "c>b"})

    def test_chain(self) -> None:
        with make_dag() as built:
            a, b, c, d, e, f = make_tasks("a b c d e f")
            chain(a, [b, c], [d, e], Label("then"), f)
        self.assertEqual(edges(built), {"a>b", "a>c", "b>d", "c>e", "d>f", "e>f"})
        self.assertEqual(built.get_edge_info("d", "f"), {"label": "then"})
        with self.assertRaisesRegex(AirflowException, "different length"):
            chain([a, b], [c])

    def test_chain_linear_and_cross_downstream(self) -> None:
        for link in (lambda x, y: chain_linear(x, y), cross_downstream):
            with make_dag() as built:
                a, b, c, d = make_tasks("a b c d")
                link([a, b], [c, d])
            self.assertEqual(edges(built), {"a>c", "a>d", "b>c", "b>d"})

    def test_label(self) -> None:
        with make_dag() as built:
            a, b, c = make_tasks("a b c")
            a >> Label("yes") >> [b, c]
        self.assertEqual(edges(built), {"a>b", "a>c"})
        self.assertEqual(built.get_edge_info("a", "c"), {"label": "yes"})

    def test_task_without_a_dag_joins_that_of_its_neighbour(self) -> None:
        with make_dag() as built:
            (a,) = make_tasks("a")
        stray = EmptyOperator(task_id="stray")
        a >> stray
        self.assertIs(stray.dag, built)
        self.assertEqual(built.task_ids, ["a", "stray"])

    def test_two_dags_cannot_be_linked(self) -> None:
        a = EmptyOperator(task_id="a", dag=DAG("one", schedule=None))
        b = EmptyOperator(task_id="b", dag=DAG("two", schedule=None))
        with self.assertRaisesRegex(AirflowException, "more than one DAG: one.a and two.b"):
            a >> b

    def test_nonsense_on_one_side(self) -> None:
        with make_dag():
            (a,) = make_tasks("a")
            with self.assertRaisesRegex(AirflowException, "received str: 'b'"):
                a >> "b"


class TaskGroupTest(unittest.TestCase):
    def test_ids_and_edges(self) -> None:
        with make_dag() as built:
            before, after = make_tasks("before after")
            with TaskGroup("g") as group:
                a, b = make_tasks("a b")
                a >> b
                with TaskGroup("h"):
                    make_tasks("c")
            before >> group >> after
        self.assertEqual(set(built.task_ids), {"before", "after", "g.a", "g.b", "g.h.c"})
        self.assertEqual(
            edges(built),
            {"before>g.a", "g.a>g.b", "before>g.h.c", "g.b>after", "g.h.c>after"},
        )
        self.assertEqual(set(built.task_group_dict), {"g", "g.h"})
        self.assertEqual(built.get_task("g.h.c").label, "c")

    def test_group_after_group_and_without_prefix(self) -> None:
        with make_dag() as built:
            with TaskGroup("g", prefix_group_id=False) as g:
                make_tasks("a")
            with TaskGroup("h") as h:
                make_tasks("b")
            g >> h
        self.assertEqual(edges(built), {"a>h.b"})

    def test_duplicates(self) -> None:
        with make_dag():
            TaskGroup("g")
            with self.assertRaisesRegex(DuplicateTaskIdFound, "group_id 'g'"):
                TaskGroup("g")
            with self.assertRaisesRegex(DuplicateTaskIdFound, "'g'"):
                EmptyOperator(task_id="g")

    def test_decorator_makes_a_new_group_at_each_call(self) -> None:
        @task_group
        def steps(value):
            return double(value)

        @task
        def double(value):
            return 2 * value

        with make_dag() as built:
            steps(steps(1))
        self.assertEqual(edges(built), {"steps.double>steps__1.double"})


class TaskFlowTest(unittest.TestCase):
    def test_calls_make_tasks_and_results_make_edges(self) -> None:
        @task
        def extract():
            """Reads."""

        @task(retries=2)
        def load(value, ti=None, other=1):
            pass

        with make_dag() as built:
            load(extract())
            load.override(task_id="again", retries=5)(extract(), other=2)
        self.assertEqual(edges(built), {"extract>load", "extract__1>again"})
        self.assertEqual(built.get_task("load").retries, 2)
        self.assertEqual(built.get_task("again").retries, 5)
        self.assertEqual(built.get_task("extract").doc_md, "Reads.")

    def test_wrong_call_fails_at_once(self) -> None:
        @task
        def load(value, ds):
            pass

        with make_dag():
            load(1)
            with self.assertRaisesRegex(TypeError, "missing a required argument: 'value'"):
                load()
            with self.assertRaisesRegex(TypeError, "unexpected keyword argument 'x'"):
                load(1, x=2)

    def test_multiple_outputs_from_the_annotation(self) -> None:
        @task
        def many() -> dict[str, int]:
            return {}

        @task
        def one() -> list:
            return []

        with make_dag():
            self.assertTrue(many().operator.multiple_outputs)
            self.assertFalse(one().operator.multiple_outputs)

    def test_result_cannot_be_iterated(self) -> None:
        @task
        def several():
            return [1, 2]

        with make_dag(), self.assertRaisesRegex(TypeError, "known only at run time"):
            list(several())


class CustomOperatorTest(unittest.TestCase):
    def test_operator_in_the_style_of_the_documentation(self) -> None:
        class HelloOperator(BaseOperator):
            template_fields = ("name",)

            def __init__(self, name: str, **kwargs) -> None:
                super().__init__(**kwargs)
                self.name = name

            def execute(self, context):
                return f"Hello {self.name}"

        with make_dag(default_args={"name": "{{ ds }}"}):
            hello = HelloOperator(task_id="hello")
        attempt_copy = hello.prepare_for_execution()
        attempt_copy.render_template_fields({"ds": "2024-01-31"})
        self.assertEqual(attempt_copy.execute({}), "Hello 2024-01-31")
        self.assertEqual(hello.name, "{{ ds }}")


if __name__ == "__main__":
    unittest.main()
