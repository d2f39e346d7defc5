"""Attempts at instances of mapped tasks and of tasks in mapped groups."""

from __future__ import annotations

import unittest

from harness import ZygoteTest, make_attempt

HEADER = """
from airflow import DAG
from airflow.decorators import dag, task, task_group
from airflow.exceptions import AirflowSkipException
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator, get_current_context

@task
def numbers():
    return [10, 20, 30]

@task
def echo(x, y=None, ti=None):
    return [x, y, ti.map_index]

"""


class MappedAttemptTest(ZygoteTest):
    def run_task(self, body: str, task_id: str = "echo", map_index: int = 0, xcoms=None, **fields):
        """Run one instance; `xcoms` has values by task id, of mapped tasks [index, value] pairs."""
        lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
        file = self.write(f"{HEADER}with DAG('d', schedule=None):\n{lines}\n")
        self.requests: list = []

        def answer(method, params):
            self.requests.append((method, params))
            value = (xcoms or {}).get(params.get("task_id"))
            if method == "xcom_get_all" or value is None:
                return value
            if params["map_index"] >= 0:
                return dict(map(tuple, value)).get(params["map_index"])
            return value

        attempt = make_attempt(file, task_id, map_index=map_index, **fields)
        return self.run_attempt(self.fork(), attempt, answer)

    def value(self, *args, **kwargs):
        finished, log = self.run_task(*args, **kwargs)
        self.assertEqual(finished["state"], "success", log)
        return finished["xcoms"]["return_value"]

    def test_product_of_literals(self) -> None:
        body = "echo.expand(x=[1, 2], y=['a', 'b', 'c'])"
        values = [self.value(body, map_index=i)[:2] for i in (0, 1, 3, 5)]
        self.assertEqual(values, [[1, "a"], [1, "b"], [2, "a"], [2, "c"]])

    def test_result_of_a_task(self) -> None:
        body = "echo.partial(y=numbers.override(task_id='other')()).expand(x=numbers())"
        value = self.value(body, map_index=1, xcoms={"numbers": [10, 20], "other": "o"})
        self.assertEqual(value, [20, "o", 1])

    def test_items_of_a_dict(self) -> None:
        value = self.value(
            "echo.expand(x=numbers())", map_index=1, xcoms={"numbers": {"a": 1, "b": 2}}
        )
        self.assertEqual(value[0], {"__type": "tuple", "__var": ["b", 2]})

    def test_map_zip_concat(self) -> None:
        body = """
a, b = numbers.override(task_id='a')(), numbers.override(task_id='b')()
echo.expand(x=a.map(lambda v: v + 1).zip(b, fillvalue=0).concat(b))
"""
        xcoms = {"a": [1, 2], "b": [5]}
        tuples = [self.value(body, map_index=i, xcoms=xcoms)[0] for i in (0, 1, 2)]
        self.assertEqual(
            [getattr(t, "get", lambda _: t)("__var") for t in tuples], [[2, 5], [3, 0], 5]
        )

    def test_skip_in_a_map_function(self) -> None:
        body = """
def check(v):
    if v == 20:
        raise AirflowSkipException('not this one')
    return v
echo.expand(x=numbers().map(check))
"""
        finished, _ = self.run_task(body, map_index=1, xcoms={"numbers": [10, 20]})
        self.assertEqual((finished["state"], finished["reason"]), ("skipped", "not this one"))

    def test_expand_kwargs(self) -> None:
        body = "echo.partial().expand_kwargs(numbers())"
        xcoms = {"numbers": [{"x": 1, "y": 2}, {"x": 3}]}
        self.assertEqual(self.value(body, xcoms=xcoms), [1, 2, 0])
        self.assertEqual(self.value(body, map_index=1, xcoms=xcoms), [3, None, 1])

    def test_classic_operator(self) -> None:
        body = """
PythonOperator.partial(task_id='p', python_callable=lambda *a, **k: [a, k['name']],
    op_kwargs={'name': '{{ ds }}'}).expand(op_args=[['{{ ds_nodash }}'], ['b']])
"""
        value = self.value(body, task_id="p")
        self.assertEqual(value, [{"__type": "tuple", "__var": ["20240131"]}, "2024-01-31"])

    def test_values_of_tasks_are_never_rendered(self) -> None:
        value = self.value("echo.expand(x=numbers())", xcoms={"numbers": ["{{ ds }}"]})
        self.assertEqual(value[0], "{{ ds }}")

    def test_results_of_mapped_upstreams_are_a_sequence(self) -> None:
        body = """
@task
def total(values, ti=None):
    return [sum(values), values[-1], values[:1], list(values), sum(ti.xcom_pull('echo'))]
total(echo.expand(x=[1, 2]))
"""
        value = self.value(body, task_id="total", map_index=-1, xcoms={"echo": [[0, 1], [2, 5]]})
        self.assertEqual(value, [6, 5, [1], [1, 5], 6])

    def test_mapping_over_mapped_results(self) -> None:
        body = "echo.override(task_id='next').expand(x=echo.expand(x=[1, 2]))"
        value = self.value(body, task_id="next", map_index=1, xcoms={"echo": [[0, "a"], [2, "c"]]})
        self.assertEqual(value[0], "c")

    def test_group_hands_out_values_of_the_same_index(self) -> None:
        body = """
@task_group
def steps(v, w):
    return echo.override(task_id='second')(echo(v, w))
echo.override(task_id='after')(steps.partial(w='w').expand(v=numbers()))
"""
        xcoms = {
            "numbers": [10, 20],
            "steps.echo": [[0, "zero"], [1, "one"]],
            "steps.second": [[0, "a"], [1, "b"]],
        }
        self.assertEqual(self.value(body, "steps.echo", 1, xcoms), [20, "w", 1])
        self.assertEqual(self.value(body, "steps.second", 1, xcoms)[0], "one")
        self.assertEqual(self.value(body, "after", -1, xcoms)[0], ["a", "b"])

    def test_length_is_reported_where_tasks_depend_on_it(self) -> None:
        finished, _ = self.run_task("echo.expand(x=numbers())", "numbers", -1)
        self.assertEqual(finished["map_length"], 3)
        finished, _ = self.run_task("echo(numbers())", "numbers", -1)
        self.assertNotIn("map_length", finished)

    def test_results_that_cannot_be_mapped_over(self) -> None:
        for returned, text in (
            ("None", "returned nothing"),
            ("3", "unmappable return type 'int'"),
            ("'abc'", "unmappable return type 'str'"),
            ("list(range(1025))", "1025 > 1024"),
        ):
            body = f"""
@task
def bad():
    return {returned}
echo.expand(x=bad())
"""
            with self.subTest(returned):
                finished, _ = self.run_task(body, "bad", -1)
                self.assertEqual(finished["state"], "failed")
                self.assertIn(text, finished["reason"])

    def test_empty_result_is_a_length_too(self) -> None:
        body = """
@task
def nothing():
    return []
echo.expand(x=nothing())
"""
        finished, _ = self.run_task(body, "nothing", -1)
        self.assertEqual((finished["state"], finished["map_length"]), ("success", 0))

    def test_name_of_an_instance(self) -> None:
        body = """
@task(map_index_template='{{ task.op_kwargs["x"] }}/{{ word }}')
def named(x):
    get_current_context()['word'] = f'w{x}'
named.expand(x=[7, 8])
"""
        finished, _ = self.run_task(body, "named", 1)
        self.assertEqual(finished["rendered_map_index"], "8/w8")

    def test_bash_is_rendered_for_its_index(self) -> None:
        file = self.write(
            HEADER + "with DAG('d', schedule=None):\n    BashOperator.partial(task_id='b', "
            "env={'A': '{{ ds }}'}).expand(bash_command=['echo 1', 'echo {{ ti.map_index }}'])\n"
        )
        environment = self.fork()
        environment.peer.send({"op": "render", "attempt": make_attempt(file, "b", map_index=1)})
        self.assertEqual(
            environment.peer.expect("rendered")["run"],
            {"kind": "bash", "command": "echo 1", "env": {"A": "2024-01-31"}},
        )

    def test_number_of_instances_is_in_the_context(self) -> None:
        body = """
@task
def count(x, **context):
    return context['expanded_ti_count'] + 0
count.expand(x=[1, 2, 3])
"""
        self.assertEqual(self.value(body, "count"), 3)


if __name__ == "__main__":
    unittest.main()
