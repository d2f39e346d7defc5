"""The environment: rendering and running tasks over the protocol."""

from __future__ import annotations

import os
import signal
import tempfile
import unittest
from typing import Any

from harness import ZygoteTest, make_attempt

HEADER = """
    import logging, os, sys, threading, time
    from airflow import DAG
    from airflow.exceptions import AirflowException, AirflowFailException, AirflowSkipException
    from airflow.models import BaseOperator, Variable
    from airflow.operators.bash import BashOperator
    from airflow.operators.python import *

    def fail(error):
        def function():
            raise error
        return function

"""


class EnvironmentTest(ZygoteTest):
    """Runs single tasks of a DAG `d`, whose body each test gives."""

    def setUp(self) -> None:
        super().setUp()
        self.environment = self.fork()

    def define(self, body: str) -> str:
        """Write a DAG file with `body` in the `with` block of the DAG; return its path."""
        lines = [f"        {line.strip()}" for line in body.strip().splitlines()]
        return self.write(HEADER + "    with DAG('d', schedule=None) as dag:\n" + "\n".join(lines))

    def run_task(self, body: str, task_id: str = "t", **fields):
        """Run task `t` of such a file; return `finished` and the log."""
        answers = fields.pop("answers", None)
        attempt = make_attempt(self.define(body), task_id, **fields)
        return self.run_attempt(self.environment, attempt, answers)

    def render(self, body: str, **fields):
        """Render task `t` of such a file; return the answer."""
        attempt = make_attempt(self.define(body), "t", **fields)
        self.environment.peer.send({"op": "render", "attempt": attempt})
        return self.environment.peer.receive()


class RenderTest(EnvironmentTest):
    def test_template_variables(self) -> None:
        rendered = self.render(
            "BashOperator(task_id='t', bash_command='{{ task_instance_key_str }} {{ ds }} "
            "{{ ts_nodash }} {{ run_id }} {{ ti.try_number }}', env={'A': '{{ dag_run.conf.a }}'})",
            conf={"a": "b"},
        )
        self.assertEqual(
            rendered,
            {
                "op": "rendered",
                "run": {
                    "kind": "bash",
                    "command": "d__t__20240131 2024-01-31 20240131T120000 "
                    "manual__2024-01-31T12:00:00+00:00 1",
                    "env": {"A": "b"},
                },
            },
        )

    def test_script_file_beside_the_dag(self) -> None:
        self.write("echo {{ params.word }}\n", "script.sh")
        rendered = self.render(
            "BashOperator(task_id='t', bash_command='script.sh', params={'word': 'hi'})"
        )
        self.assertEqual(rendered["run"]["command"], "echo hi")

    def test_what_a_template_pushes_goes_along_with_the_plan(self) -> None:
        rendered = self.render(
            "BashOperator(task_id='t', bash_command=\"echo {{ ti.xcom_push('k', [1]) }}\")"
        )
        self.assertEqual(rendered["run"]["command"], "echo None")
        self.assertEqual(rendered["xcoms"], {"k": [1]})

    def test_what_was_pushed_before_a_template_failed_is_kept(self) -> None:
        failed = self.render(
            "BashOperator(task_id='t', bash_command=\"{{ ti.xcom_push('k', 2) }}{{ nonsense }}\")"
        )
        self.assertEqual((failed["state"], failed["xcoms"]), ("failed", {"k": 2}))

    def test_secrets_that_the_rendering_read_go_along(self) -> None:
        attempt = make_attempt(
            self.define("BashOperator(task_id='t', bash_command='{{ var.value.api_key }}')"), "t"
        )
        self.environment.peer.send({"op": "render", "attempt": attempt})
        request = self.environment.peer.expect("request")
        self.environment.peer.send({"op": "response", "id": request["id"], "result": "k1"})
        rendered = self.environment.peer.expect("rendered")
        self.assertEqual((rendered["run"]["command"], rendered["secrets"]), ("k1", ["k1"]))

    def test_an_environment_whose_modules_changed_says_so_and_ends(self) -> None:
        self.write("GREETING = 'hello'", "greeting_of_the_day.py")
        file = self.write(
            HEADER
            + """
    from greeting_of_the_day import GREETING
    with DAG('d', schedule=None) as dag:
        BashOperator(task_id='t', bash_command='echo {{ ds }} ' + GREETING)
            """
        )
        request = {"op": "render", "attempt": make_attempt(file, "t")}
        self.environment.peer.send(request)
        self.assertEqual(self.environment.peer.receive()["op"], "rendered")
        self.write("GREETING = 'good morning'", "greeting_of_the_day.py")
        self.environment.peer.send(request)
        self.assertEqual(self.environment.peer.receive(), {"op": "stale"})
        self.assertIsNone(self.environment.peer.receive())

    def test_undefined_variable_fails_with_its_name(self) -> None:
        finished = self.render("BashOperator(task_id='t', bash_command='{{ nonsense }}')")
        self.assertEqual(finished["state"], "failed")
        self.assertIn("'nonsense' is undefined", finished["reason"])

    def show(self, body: str, answers=None, op="rendered_fields", **fields):
        """Ask for all rendered fields of task `t`; return the answer."""
        file = self.define(body)
        self.environment.peer.send(
            {
                "op": op,
                "file": file,
                "version": "v1",
                "attempt": make_attempt(file, "t", **fields),
            }
        )
        return self.serve_requests(self.environment.peer, answers or {}, op)

    def test_extra_links_are_those_of_the_operator(self) -> None:
        body = """
            from airflow.models.baseoperatorlink import BaseOperatorLink
            def link(name, url): return type(name, (BaseOperatorLink,), {"name": name, \
                "get_link": lambda self, operator, *, ti_key: url and url + ti_key.run_id})()
            class Linked(BashOperator): operator_extra_links = \
                (link("Run", "https://jobs/"), link("Nothing", None))
            Linked(task_id="t", bash_command="true")
        """
        shown = self.show(body, op="extra_links", run_id="r1")
        self.assertIsNone(shown["error"])
        self.assertEqual(shown["links"], [["Nothing", None], ["Run", "https://jobs/r1"]])

    def test_all_fields_are_shown_in_order_without_secrets(self) -> None:
        shown = self.show(
            "BashOperator(task_id='t', bash_command='echo {{ ti.xcom_pull(\"up\") }} {{ ds }} "
            "{{ params.p }}', params={'p': 7}, "
            "env={'PASSWORD': '{{ var.value.token }}', 'A': 'b'})",
            {"up": "pulled", "token": "t1"},
        )
        self.assertIsNone(shown["error"])
        self.assertEqual(
            shown["fields"],
            [
                ["bash_command", "echo pulled 2024-01-31 7", "echo pulled 2024-01-31 7"],
                ["env", "{'PASSWORD': '***', 'A': 'b'}", {"PASSWORD": "***", "A": "b"}],
                ["cwd", "None", None],
            ],
        )

    def test_fields_of_one_instance_of_a_mapped_task(self) -> None:
        body = "BashOperator.partial(task_id='t').expand(bash_command=['a {{ ds }}', 'b'])"
        shown = self.show(body, map_index=0)
        self.assertEqual(shown["fields"][0], ["bash_command", "a 2024-01-31", "a 2024-01-31"])

    def test_fields_that_cannot_be_rendered(self) -> None:
        shown = self.show("BashOperator(task_id='t', bash_command='{{ nonsense }}')")
        self.assertIn("'nonsense' is undefined", shown["error"])
        self.assertEqual(shown["fields"], [])

    def test_xcom_in_a_template(self) -> None:
        attempt = make_attempt(
            self.define("BashOperator(task_id='t', bash_command='{{ ti.xcom_pull(\"up\") }}')"), "t"
        )
        self.environment.peer.send({"op": "render", "attempt": attempt})
        request = self.environment.peer.expect("request")
        self.assertEqual(
            request["params"],
            {
                "dag_id": "d",
                "run_id": "manual__2024-01-31T12:00:00+00:00",
                "task_id": "up",
                "map_index": -1,
                "key": "return_value",
            },
        )
        self.environment.peer.send({"op": "response", "id": request["id"], "result": "value"})
        self.assertEqual(self.environment.peer.expect("rendered")["run"]["command"], "value")


class RunTest(EnvironmentTest):
    def test_an_xcom_that_is_too_large_fails_the_attempt_and_nothing_is_stored(self) -> None:
        body = """
            from airflow.configuration import conf
            conf.set('core', 'max_xcom_bytes', '100')
            def told(context): print('told of the failure')
            PythonOperator(task_id='t', python_callable=lambda: RESULT, on_failure_callback=told,
            on_success_callback=fail(ValueError), multiple_outputs=True)
        """
        finished, log = self.run_task(body.replace("RESULT", "{'a': 1, 'big': 'x' * 100}"))
        self.assertEqual(finished["state"], "failed")
        self.assertIn(
            "XCom 'big' of task d.t has 102 bytes of JSON, and [core] max_xcom_bytes allows 100; "
            "store the data in a file",
            finished["reason"],
        )
        self.assertNotIn("xcoms", finished)
        self.assertIn("told of the failure", log)

    def test_return_value_is_pushed(self) -> None:
        finished, _ = self.run_task("PythonOperator(task_id='t', python_callable=lambda: [1, 2])")
        self.assertGreater(finished.pop("began"), 0)
        self.assertEqual(finished.pop("usage").keys(), {"cpu_seconds", "memory_bytes"})
        self.assertEqual(
            finished, {"op": "finished", "state": "success", "xcoms": {"return_value": [1, 2]}}
        )

    def test_return_value_is_not_pushed_when_not_wanted(self) -> None:
        finished, _ = self.run_task(
            "PythonOperator(task_id='t', python_callable=lambda: 1, do_xcom_push=False)"
        )
        self.assertNotIn("xcoms", finished)

    def test_value_that_is_not_json_fails_by_name(self) -> None:
        finished, _ = self.run_task("PythonOperator(task_id='t', python_callable=object)")
        self.assertEqual(finished["state"], "failed")
        self.assertIn("XCom 'return_value' of task d.t", finished["reason"])

    def test_context_by_parameter_name(self) -> None:
        finished, _ = self.run_task(
            "PythonOperator(task_id='t', op_args=['{{ ds }}'], op_kwargs={'x': 2}, "
            "python_callable=lambda a, x, ds, ti, **rest: [a, x, ds, ti.task_id, rest['run_id']])"
        )
        self.assertEqual(
            finished["xcoms"]["return_value"],
            ["2024-01-31", 2, "2024-01-31", "t", "manual__2024-01-31T12:00:00+00:00"],
        )

    def test_result_of_another_task(self) -> None:
        finished, _ = self.run_task(
            """up = PythonOperator(task_id='up', python_callable=dict)
            PythonOperator(task_id='t', python_callable=lambda a: a, op_args=[up.output['k']])""",
            answers={"up": "from up"},
        )
        self.assertEqual(finished["xcoms"]["return_value"], "from up")

    def test_output_and_logging_go_to_the_log(self) -> None:
        finished, log = self.run_task(
            "PythonOperator(task_id='t', python_callable=lambda: "
            "(print('printed'), os.system('echo spawned'), logging.warning('logged'), None)[-1])"
        )
        self.assertEqual(finished["state"], "success")
        lines = log.splitlines()
        self.assertEqual(lines[:2], ["printed", "spawned"])
        self.assertRegex(
            lines[2],
            r"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}\] \{dag_file\.py:\d+\} "
            r"WARNING - logged$",
        )

    def test_exception_fails_with_the_users_lines(self) -> None:
        finished, log = self.run_task(
            "PythonOperator(task_id='t', python_callable=fail(ValueError('no such thing')))"
        )
        self.assertEqual(finished["state"], "failed")
        self.assertEqual(finished["reason"], "ValueError: no such thing")
        self.assertIn("dag_file.py", log)
        self.assertNotIn("beeflow_worker", log)

    def test_exceptions_with_a_meaning(self) -> None:
        for error, state in (
            ("AirflowSkipException('no data')", "skipped"),
            ("AirflowFailException('give up')", "fail_without_retry"),
            ("AirflowException('again')", "failed"),
            ("SystemExit(0)", "success"),
            ("SystemExit(3)", "failed"),
            ("KeyboardInterrupt()", "failed"),
        ):
            with self.subTest(error):
                environment = self.fork()
                file = self.define(f"PythonOperator(task_id='t', python_callable=fail({error}))")
                finished, _ = self.run_attempt(environment, make_attempt(file, "t"))
                self.assertEqual(finished["state"], state)

    def test_environment_is_reused_and_keeps_its_module(self) -> None:
        file = self.define(
            """calls = []
            PythonOperator(task_id='t', python_callable=lambda: calls.append(1) or len(calls))"""
        )
        values = [
            self.run_attempt(self.environment, make_attempt(file, "t"))[0]["xcoms"]["return_value"]
            for _ in range(3)
        ]
        self.assertEqual(values, [1, 2, 3])

    def test_attempts_do_not_see_each_others_rendered_fields(self) -> None:
        file = self.define(
            "PythonOperator(task_id='t', python_callable=lambda a, k: [a, k], "
            "op_args=['{{ run_id }}'], op_kwargs={'k': ['{{ run_id }}']})"
        )
        for run_id in ("first", "second"):
            attempt = make_attempt(file, "t", run_id=run_id)
            finished, _ = self.run_attempt(self.environment, attempt)
            self.assertEqual(finished["xcoms"]["return_value"], [run_id, [run_id]])

    def test_variables_that_describe_the_attempt(self) -> None:
        """They are those of this attempt alone, and its callbacks see them too."""
        body = """
            described = lambda: {k: v for k, v in os.environ.items() if k.startswith("AIRFLOW_CTX")}
            tell = lambda context: print("callback of", described().get("AIRFLOW_CTX_TASK_ID"))
            PythonOperator(task_id="a", python_callable=described)
            PythonOperator(task_id="b", python_callable=described, on_success_callback=tell)
        """
        file = self.define(body)
        finished, _ = self.run_attempt(self.environment, make_attempt(file, "a"))
        first = finished["xcoms"]["return_value"]
        self.assertEqual(first["AIRFLOW_CTX_TASK_ID"], "a")
        self.assertEqual(first["AIRFLOW_CTX_EXECUTION_DATE"], "2024-01-31T12:00:00+00:00")
        attempt = make_attempt(file, "b", logical_date=None, try_number=2)
        finished, log = self.run_attempt(self.environment, attempt)
        del first["AIRFLOW_CTX_EXECUTION_DATE"]
        self.assertEqual(
            finished["xcoms"]["return_value"],
            {**first, "AIRFLOW_CTX_TASK_ID": "b", "AIRFLOW_CTX_TRY_NUMBER": "2"},
        )
        self.assertIn("callback of b", log)

    def test_endless_recursion_is_an_ordinary_failure(self) -> None:
        finished, _ = self.run_task(
            """def dive(): return dive()
            PythonOperator(task_id='t', python_callable=dive)"""
        )
        self.assertEqual(finished["state"], "failed")
        self.assertIn("RecursionError", finished["reason"])

    def test_replaced_streams_are_restored(self) -> None:
        file = self.define(
            """def swallow(): sys.stdout = sys.stderr = open(os.devnull, 'w')
            PythonOperator(task_id='t', python_callable=swallow)
            PythonOperator(task_id='u', python_callable=lambda: print('heard'))"""
        )
        self.run_attempt(self.environment, make_attempt(file, "t"))
        _, log = self.run_attempt(self.environment, make_attempt(file, "u"))
        self.assertIn("heard", log)

    def test_forked_child_that_returns_does_not_answer(self) -> None:
        finished, _ = self.run_task(
            """def wait(pid): return pid and os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            PythonOperator(task_id='t', python_callable=lambda: wait(os.fork()))"""
        )
        self.assertEqual(finished["xcoms"], {"return_value": 0})

    def test_environment_survives_to_serve_the_next_attempt_after_a_failure(self) -> None:
        file = self.define(
            """PythonOperator(task_id='t', python_callable=fail(ValueError()))
            PythonOperator(task_id='u', python_callable=lambda: 1)"""
        )
        self.run_attempt(self.environment, make_attempt(file, "t"))
        finished, _ = self.run_attempt(self.environment, make_attempt(file, "u"))
        self.assertEqual(finished["state"], "success")

    def test_sigterm_calls_on_kill_and_fails(self) -> None:
        file = self.write(
            HEADER
            + """
    class Waiting(BaseOperator):
        def execute(self, context):
            print("ready", flush=True)
            time.sleep(1000)
        def on_kill(self):
            print("killed", flush=True)

    with DAG("d", schedule=None):
        Waiting(task_id="t")
    """
        )
        reader, writer = os.pipe()
        with os.fdopen(reader) as log:
            attempt = make_attempt(file, "t")
            self.environment.peer.send({"op": "run", "attempt": attempt}, writer)
            os.close(writer)
            self.assertEqual(log.readline(), "ready\n")
            os.kill(self.environment.pid, signal.SIGTERM)
            finished = self.environment.peer.expect("finished")
            self.assertIn("killed\n", log.read())
        self.assertEqual(finished["state"], "failed")
        self.assertIn("SIGTERM", finished["reason"])

    def test_execution_timeout(self) -> None:
        finished, _ = self.run_task(
            "PythonOperator(task_id='t', python_callable=lambda: time.sleep(1000))",
            execution_timeout=0.05,
        )
        self.assertEqual(finished["state"], "failed")
        self.assertIn("execution_timeout of 0.05 s", finished["reason"])

    def test_task_that_the_file_no_longer_defines(self) -> None:
        finished, _ = self.run_task("PythonOperator(task_id='u', python_callable=dict)")
        self.assertEqual(finished["state"], "failed")
        self.assertIn("no longer defines task 't' of DAG 'd'", finished["reason"])

    def test_file_that_no_longer_imports(self) -> None:
        finished, log = self.run_task("1/0")
        self.assertEqual(finished["state"], "failed")
        self.assertIn("ZeroDivisionError", finished["reason"])
        self.assertIn("ZeroDivisionError", log)

    def test_a_module_that_is_missing_in_a_task_names_its_package(self) -> None:
        finished, _ = self.run_task(
            "PythonOperator(task_id='t', python_callable=lambda: __import__('dagfactory'))"
        )
        self.assertTrue(finished["reason"].endswith("; install dag-factory beside Beeflow"))

    def test_the_traceback_of_a_callback_shows_the_lines_of_the_user_only(self) -> None:
        _, log = self.run_task(
            "PythonOperator(task_id='t', python_callable=print, on_success_callback=lambda c: 1/0)"
        )
        self.assertIn("Callback <lambda> failed; the task is not affected", log)
        told = log.split("is not affected")[1]
        self.assertIn("ZeroDivisionError", told)
        self.assertNotIn("attempt.py", told)

    def test_retry_and_failure_callbacks(self) -> None:
        file = self.define(
            "PythonOperator(task_id='t', python_callable=fail(ValueError('why')), "
            "on_retry_callback=lambda c: print('retry', c['exception']), "
            "on_failure_callback=lambda c: print('failure', c['ti'].state))"
        )
        _, log = self.run_attempt(
            self.environment, make_attempt(file, "t", try_number=1, max_tries=1)
        )
        self.assertIn("retry why\n", log)
        _, log = self.run_attempt(
            self.environment, make_attempt(file, "t", try_number=2, max_tries=1)
        )
        self.assertIn("failure failed\n", log)

    def test_variables(self) -> None:
        finished, _ = self.run_task(
            "PythonOperator(task_id='t', op_args=['{{ var.json.v.a }}'], python_callable=lambda a: "
            "[a, Variable.get('v'), Variable.get('none', 'default')])",
            answers={"v": '{"a": "b"}'},
        )
        self.assertEqual(finished["xcoms"]["return_value"], ["b", '{"a": "b"}', "default"])

    def test_passwords_are_masked_in_the_log_and_in_the_reason(self) -> None:
        file = self.define(
            """from airflow.hooks.base import BaseHook
            def tell(p): print('printed', p); logging.warning('logged %s', p); raise ValueError(p)
            PythonOperator(task_id='t',
            python_callable=lambda: tell(BaseHook.get_connection('db').password))"""
        )
        connection = {"conn_id": "db", "conn_type": "http", "password": "top-secret"}

        connection |= dict.fromkeys(("description", "host", "schema", "login", "port", "extra"))

        for _ in range(2):
            finished, log = self.run_attempt(
                self.environment, make_attempt(file, "t"), lambda *_: connection
            )
            self.assertIn("printed ***", log)
            self.assertIn("logged ***", log)
            self.assertNotIn("top-secret", log + str(finished))

    # It masks what programs print that the task starts: that must not be too late.
    def test_the_worker_learns_of_a_secret_before_the_task_has_it(self) -> None:
        file = self.define(
            """from airflow.hooks.base import BaseHook
            def tell(): os.system('echo ' + BaseHook.get_connection('db').password)
            PythonOperator(task_id='t', python_callable=tell)"""
        )
        connection = {"conn_id": "db", "conn_type": "http", "password": "top-secret"}
        connection |= dict.fromkeys(("description", "host", "schema", "login", "port", "extra"))
        for _ in range(2):
            with tempfile.TemporaryFile() as log:
                told: list[str] = []
                printed: list[bytes] = []

                def answer(method: str, params: Any) -> Any:
                    if method == "mask":
                        told.extend(params["secrets"])
                        printed.append(os.pread(log.fileno(), 4096, 0))
                    return connection

                self.environment.peer.send(
                    {"op": "run", "attempt": make_attempt(file, "t")}, log.fileno()
                )
                self.serve_requests(self.environment.peer, answer)
                self.assertIn("top-secret", told)
                self.assertNotIn(b"top-secret", b"".join(printed))
                self.assertIn(b"top-secret", os.pread(log.fileno(), 4096, 0))

    def test_a_password_is_masked_as_it_stands_in_a_uri(self) -> None:
        file = self.define(
            """from airflow.hooks.base import BaseHook
            PythonOperator(task_id='t',
            python_callable=lambda: print(BaseHook.get_connection('db').get_uri()))"""
        )
        connection = {"conn_id": "db", "conn_type": "http", "host": "h", "password": "a/top:secret"}
        connection |= dict.fromkeys(("description", "schema", "login", "port", "extra"))
        _, log = self.run_attempt(self.environment, make_attempt(file, "t"), lambda *_: connection)
        self.assertIn("http://:***@h", log)

    def test_threads_may_pull(self) -> None:
        finished, _ = self.run_task(
            """from concurrent.futures import ThreadPoolExecutor
            def pull(ti): return list(ThreadPoolExecutor(4).map(ti.xcom_pull, 'abcd'))
            PythonOperator(task_id='t', python_callable=pull)""",
            answers={"a": 1, "b": 2, "c": 3, "d": 4},
        )
        self.assertEqual(finished["xcoms"]["return_value"], [1, 2, 3, 4])


class BashTest(EnvironmentTest):
    """BashOperators that need Python, because of a callback."""

    def run_bash(self, arguments: str):
        return self.run_task(
            f"BashOperator(task_id='t', on_success_callback=lambda c: None, {arguments})"
        )

    def test_last_line_is_pushed_and_output_logged(self) -> None:
        finished, log = self.run_bash("bash_command='echo one; echo $AIRFLOW_CTX_TASK_ID'")
        self.assertEqual(finished["xcoms"], {"return_value": "t"})
        self.assertIn("INFO - one\n", log)

    def test_exit_codes(self) -> None:
        finished, _ = self.run_bash("bash_command='exit 99'")
        self.assertEqual(finished["state"], "skipped")
        finished, _ = self.run_attempt(
            self.fork(),
            make_attempt(self.define("BashOperator(task_id='t', bash_command='exit 3')"), "t"),
        )
        self.assertEqual(finished["state"], "failed")
        self.assertIn("exit code 3", finished["reason"])


class BranchTest(EnvironmentTest):
    DAG_BODY = """
        a, b, join = [BashOperator(task_id=i, bash_command='true') for i in ('a', 'b', 'join')]
        t >> [a, b] >> join
    """

    def test_branch_skips_the_others_but_not_the_join(self) -> None:
        finished, _ = self.run_task(
            "t = BranchPythonOperator(task_id='t', python_callable=lambda: 'a')" + self.DAG_BODY
        )
        self.assertEqual(finished["skip_tasks"], ["b"])
        self.assertEqual(finished["xcoms"]["return_value"], "a")

    def test_unknown_branch_fails(self) -> None:
        finished, _ = self.run_task(
            "t = BranchPythonOperator(task_id='t', python_callable=lambda: 'c')" + self.DAG_BODY
        )
        self.assertEqual(finished["state"], "failed")
        self.assertIn("Invalid tasks found: c", finished["reason"])

    def test_short_circuit_skips_all_downstream(self) -> None:
        finished, _ = self.run_task(
            "t = ShortCircuitOperator(task_id='t', python_callable=lambda: False)" + self.DAG_BODY
        )
        self.assertEqual(sorted(finished["skip_tasks"]), ["a", "b", "join"])

    def test_short_circuit_that_leaves_trigger_rules_alone(self) -> None:
        finished, _ = self.run_task(
            "t = ShortCircuitOperator(task_id='t', python_callable=lambda: False, "
            "ignore_downstream_trigger_rules=False)" + self.DAG_BODY
        )
        self.assertEqual(sorted(finished["skip_tasks"]), ["a", "b"])


if __name__ == "__main__":
    unittest.main()
