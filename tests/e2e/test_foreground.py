"""Commands that have DAG code do something while the user looks on: `dags test`, `tasks test`,
`tasks render`, `connections test`; with a server and without one."""

import json
import os
import signal
import unittest

from engine import REPOSITORY, EngineTest, wait_for

TALKS = """
BashOperator(task_id="talks", bash_command="echo begin {{{{ dag_run.conf.get('word') }}}}; {gate}")
"""
RENDERED = """
from airflow.models import Connection
up = BashOperator(task_id="up", bash_command="echo pulled")
up >> BashOperator(
    task_id="down", params={"size": 3},
    bash_command="{{ ti.xcom_pull('up') }} {{ ds }} {{ params.size }} {{ params.word }} "
                 "{{ var.value.city }} {{ conn.db.host }} {{ dag_run.conf.get('x') }}",
    env={"PASSWORD": "{{ conn.db.password }}"})
BashOperator.partial(task_id="mapped").expand(bash_command=["one {{ ds }}", "two"])
PythonOperator(task_id="broken", python_callable=print, op_args=["{{ nonsense }}"])
"""
RULE = "# " + "-" * 58


class ForegroundCases:
    """What holds with and without a server."""

    def test_dags_test_tells_states_and_log_lines_while_the_run_goes_on(self):
        self.have_dag("live", TALKS.format(gate=self.engine.gate("go")) +
                      'dag.get_task("talks") >> EmptyOperator(task_id="last")\n')
        seen = self.engine.root / "seen"
        with open(seen, "wb") as file:
            command = self.engine.popen("dags", "test", "live", "2024-05-06", "--conf",
                                        '{"word": "hello"}', stdout=file)
        self.addCleanup(command.kill)
        wait_for(lambda: b"- begin hello" in seen.read_bytes() or b"] begin hello" in
                 seen.read_bytes(), "the first line", self.engine)
        text = seen.read_text(encoding="utf-8")
        self.assertIn("task talks: running\n", text)
        self.assertNotIn("talks: success", text)
        self.assertRegex(text, r"\n\[talks\] \[[^\]]+\] begin hello\n")
        self.engine.open_gate("go")
        self.assertEqual(command.wait(60), 0)
        text = seen.read_text(encoding="utf-8")
        self.assertLess(text.index("[talks] "), text.index("task talks: success\n"))
        self.assertLess(text.index("ended: success\n"), text.index("task talks: success\n"))
        self.assertIn("task last: success\n", text)
        self.assertRegex(text, r"run manual__2024-05-06T00:00:00\+00:00: success after \d")

        # Again, for the same date: the earlier run, and what it logged, is not told.
        again = self.engine.cli("dags", "test", "live", "2024-05-06")
        self.assertNotIn("begin hello", again)
        self.assertIn("begin None", again)

    def test_dags_test_of_a_failing_dag(self):
        self.have_dag("fails", """
            BashOperator(task_id="bad", bash_command="echo no luck; exit 3")
        """)
        done = self.engine.run("dags", "test", "fails")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no luck\n", done.stdout)
        self.assertIn("task bad: failed\n", done.stdout)
        self.assertRegex(done.stderr, r"run manual__\S+ of DAG 'fails' failed: task bad\n")

    def test_an_interrupted_dags_test_ends_its_tasks(self):
        self.have_dag("long", TALKS.format(gate=self.engine.gate("never")))
        seen = self.engine.root / "seen"
        with open(seen, "wb") as file:
            command = self.engine.popen("dags", "test", "long", stdout=file)
        self.addCleanup(command.kill)
        wait_for(lambda: b"] begin" in seen.read_bytes(), "the first line", self.engine)
        self.engine.wait(lambda: self.engine.value("SELECT 1 FROM task_instance WHERE state = "
                                                   "'running'"), "the task to run")
        command.send_signal(signal.SIGINT)
        self.assertEqual(command.wait(60), 1)
        self.engine.wait_no_process("never")
        self.assertEqual(self.engine.value("SELECT state FROM dag_run"), "failed")
        self.assertEqual(self.engine.value("SELECT state FROM task_instance"), "failed")

    def test_tasks_test_prints_the_log_while_the_task_runs(self):
        self.have_dag("one", TALKS.format(gate=self.engine.gate("go")))
        seen = self.engine.root / "seen"
        with open(seen, "wb") as file:
            command = self.engine.popen("tasks", "test", "one", "talks", "2024-05-06", stdout=file)
        self.addCleanup(command.kill)
        wait_for(lambda: b"] begin" in seen.read_bytes(), "the first line", self.engine)
        self.engine.open_gate("go")
        self.assertEqual(command.wait(60), 0)
        self.assertTrue(seen.read_text(encoding="utf-8").endswith("task one.talks succeeded\n"))

    def test_an_interrupted_tasks_test_ends_the_task(self):
        self.have_dag("one", TALKS.format(gate=self.engine.gate("never")))
        seen = self.engine.root / "seen"
        with open(seen, "wb") as file:
            command = self.engine.popen("tasks", "test", "one", "talks", stdout=file)
        self.addCleanup(command.kill)
        wait_for(lambda: b"] begin" in seen.read_bytes(), "the first line", self.engine)
        command.send_signal(signal.SIGINT)
        self.assertEqual(command.wait(60), 1)
        self.engine.wait_no_process("never")

    def test_tasks_render(self):
        self.have_dag("shown", RENDERED, params={"word": "default", "size": 1})
        self.engine.cli("variables", "set", "city", "Oslo")
        self.engine.cli("connections", "add", "db", "--conn-uri", "postgres://me:s3cret@host:1/x")
        shown = self.engine.cli("tasks", "render", "shown", "down", "2024-01-02")
        self.assertEqual(shown, "\n".join([
            RULE, "# property: bash_command", RULE, "None 2024-01-02 3 default Oslo host None", "",
            RULE, "# property: env", RULE, "{'PASSWORD': '***'}", "",
            RULE, "# property: cwd", RULE, "None", "", ""]))
        self.assertIn("one 2024-01-02\n", self.engine.cli("tasks", "render", "shown", "mapped",
                                                         "2024-01-02", "--map-index", "0"))
        for words, expected in (
            (["mapped", "2024-01-02"], "--map-index"),
            (["broken", "2024-01-02"], "'nonsense' is undefined"),
            (["nope", "2024-01-02"], "has no task 'nope'"),
            (["down", "no_run"], "no_run"),
        ):
            done = self.engine.run("tasks", "render", "shown", *words)
            self.assertEqual((done.returncode, done.stdout), (1, ""), words)
            self.assertIn(expected, done.stderr)
        self.assertEqual(self.engine.value("SELECT count(*) FROM dag_run"), 0)

    def test_tasks_render_in_a_run_that_there_is(self):
        self.have_dag("small", """
            up = BashOperator(task_id="up", bash_command="echo pulled")
            up >> BashOperator(task_id="down", bash_command="echo {{ ti.xcom_pull('up') }} "
                               "{{ dag_run.conf.get('x') }} {{ run_id }}")
        """)
        self.engine.cli("dags", "test", "small", "2024-05-06", "--conf", '{"x": "y"}')
        run_id = "manual__2024-05-06T00:00:00+00:00"
        for key in (run_id, "2024-05-06"):
            self.assertIn(f"\necho pulled y {run_id}\n",
                          self.engine.cli("tasks", "render", "small", "down", key))

    def test_connections_test(self):
        self.engine.cli("connections", "add", "good", "--conn-type", "sqlite", "--conn-host",
                        ":memory:")
        self.assertIn("Connection success!", self.engine.cli("connections", "test", "good"))
        self.engine.cli("connections", "add", "bad", "--conn-type", "sqlite", "--conn-host",
                        "/nonexistent/x.db")
        done = self.engine.run("connections", "test", "bad")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Connection failed! unable to open database file", done.stderr)
        done = self.engine.run("connections", "test", "goood")
        self.assertIn("did you mean 'good'", done.stderr)
        self.engine.environment["AIRFLOW_CONN_ELSEWHERE"] = "sqlite://%2Fnonexistent%2Fx.db"
        done = self.engine.run("connections", "test", "elsewhere")
        self.assertIn("Connection failed!", done.stderr)

    def test_conf_must_fit_the_params(self):
        self.have_dag("checked", """
            from airflow.models import Param
            dag.params.update({"n": Param(type="integer", minimum=3), "free": 1})
            BashOperator(task_id="t", bash_command="echo {{ params.n }}")
        """)
        for conf, expected in (
            ({"n": 2},
             "DAG 'checked': Invalid input for param 'n': 2 is less than the minimum of 3"),
            ({"n": "x"}, "Invalid input for param 'n': \"x\" is not of type integer"),
            ({}, "Invalid input for param 'n': it has no default"),
        ):
            for verb in (["dags", "trigger"], ["dags", "test"]):
                done = self.engine.run(*verb, "checked", "--conf", json.dumps(conf))
                self.assertEqual((done.returncode, done.stdout), (1, ""), verb)
                self.assertIn(expected, done.stderr)
        self.assertEqual(self.engine.value("SELECT count(*) FROM dag_run"), 0)
        out = self.engine.cli("dags", "test", "checked", "--conf", '{"n": 5, "free": "text"}')
        self.assertIn("] 5\n", out)
        out = self.engine.cli("tasks", "render", "checked", "t", "2024-01-01", "--task-params",
                              '{"n": 6}')
        self.assertIn("\necho 6\n", out)

    def test_the_authors_timetable_infers_the_interval_of_manual_runs(self):
        self.write_timetable()
        self.engine.cli("dags", "trigger", "odd", "--exec-date", "2024-05-06T10:00", "--run-id",
                        "r1")
        row, = self.engine.rows("SELECT execution_date, data_interval_start, data_interval_end "
                                "FROM dag_run")
        self.assertEqual([str(value)[:16] for value in row.values()],
                         ["2024-05-06 10:00", "2024-05-03 10:00", "2024-05-05 10:00"])
        out = self.engine.cli("dags", "test", "odd", "2024-06-10")
        self.assertIn("] 2024-06-07\n", out)
        done = self.engine.run("dags", "trigger", "odd", "--exec-date", "1999-01-01")
        self.assertEqual(done.returncode, 1)
        self.assertIn("too long ago", done.stderr)
        done = self.engine.run("dags", "backfill", "odd", "-s", "2024-05-06", "-e", "2024-05-08")
        self.assertIn("DAG 'odd' has a timetable of its own (", done.stderr)
        self.assertEqual(self.engine.value("SELECT count(*) FROM dag_run"), 2)

    def write_timetable(self):
        """A DAG `odd` whose own timetable gives manual runs the days from the 3rd to the 1st
        before."""
        self.engine.write("odd.py", """
            from datetime import timedelta
            import pendulum
            from airflow import DAG
            from airflow.operators.bash import BashOperator
            from airflow.timetables.base import DataInterval, Timetable

            class Odd(Timetable):
                def infer_manual_data_interval(self, *, run_after):
                    if run_after.year < 2000:
                        raise ValueError("that is too long ago")
                    end = run_after - timedelta(days=1)
                    return DataInterval(end - timedelta(days=2), end)

                def next_dagrun_info(self, *, last_automated_data_interval, restriction):
                    return None

            with DAG("odd", timetable=Odd(), start_date=pendulum.datetime(2024, 1, 1)):
                BashOperator(task_id="t", bash_command="echo {{ data_interval_start | ds }}")
        """)
        self.import_dag("odd")

    def test_clear_one_instance_of_a_mapped_task(self):
        self.have_dag("many", """
            BashOperator.partial(task_id="each").expand(bash_command=["true", "true", "true"])
        """)
        self.engine.cli("dags", "test", "many", "2024-05-06")
        self.engine.cli("dags", "pause", "many")
        out = self.engine.cli("tasks", "clear", "many", "--map-index", "1", "--yes")
        self.assertIn("1 task instances have been cleared", out)
        states = self.engine.rows("SELECT map_index, state FROM task_instance ORDER BY map_index")
        self.assertEqual([row["state"] for row in states], ["success", None, "success"])


class WithServerTest(ForegroundCases, EngineTest):

    def setUp(self):
        super().setUp()
        self.engine.start()

    def import_dag(self, dag_id):
        self.engine.wait_dag(dag_id)

    def have_dag(self, dag_id, body, **arguments):
        self.engine.write_dag(dag_id, body, **arguments)
        self.import_dag(dag_id)

    def test_the_api_and_tasks_check_conf_and_ask_the_timetable(self):
        self.write_timetable()
        self.have_dag("checked", """
            from airflow.models import Param
            dag.params["n"] = Param(1, type="integer")
            EmptyOperator(task_id="t")
        """)
        status, answer = self.post("checked", {"conf": {"n": "x"}})
        self.assertEqual(status, 400)
        self.assertIn("Invalid input for param 'n'", json.dumps(answer))
        self.assertEqual(self.post("checked", {"conf": {"n": 2}})[0], 200)
        status, answer = self.post("odd", {"logical_date": "2024-05-06T00:00:00Z"})
        self.assertEqual((status, answer["data_interval_start"], answer["data_interval_end"]),
                         (200, "2024-05-03T00:00:00+00:00", "2024-05-05T00:00:00+00:00"))
        self.assertEqual(self.post("odd", {"logical_date": "1999-05-06T00:00:00Z"})[0] // 100, 5)

        self.have_dag("caller", """
            from airflow.operators.trigger_dagrun import TriggerDagRunOperator
            TriggerDagRunOperator(task_id="bad", trigger_dag_id="checked", conf={"n": None})
            TriggerDagRunOperator(task_id="good", trigger_dag_id="odd",
                                  execution_date="2024-07-06T00:00:00+00:00")
        """)
        self.assertEqual(self.engine.complete("caller")[1], {"bad": "failed", "good": "success"})
        self.assertIn("DAG 'checked': Invalid input for param 'n': null is not of type integer",
                      self.engine.log("caller", "r1", "bad"))
        self.assertEqual(
            self.engine.value("SELECT count(*) FROM dag_run WHERE dag_id='checked'"), 1)
        self.assertEqual(self.engine.value(
            "SELECT substr(data_interval_start, 1, 10) FROM dag_run WHERE dag_id='odd' AND "
            "execution_date LIKE '2024-07-06%'"), "2024-07-03")

    def post(self, dag_id, body):
        """Triggers a run through the API; returns status and answer."""
        import urllib.error
        import urllib.request
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.engine.port}/api/v1/dags/{dag_id}/dagRuns",
            json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def test_secrets_do_not_reach_the_log_of_bash(self):
        self.engine.stop()
        self.engine.environment["AIRFLOW_VAR_API_KEY"] = "k3y-of-env"
        self.engine.environment["AIRFLOW_CONN_DB"] = "postgres://me:p4ss-of-env@host:1/x"
        self.engine.start()
        self.engine.cli("variables", "set", "token", "t0ken-of-db")
        self.have_dag("leaks", """
            BashOperator(task_id="direct",
                         bash_command="echo $AIRFLOW_VAR_API_KEY $AIRFLOW_CONN_DB")
            BashOperator(task_id="rendered", bash_command="echo {{ var.value.token }}")
        """)
        self.assertEqual(self.engine.complete("leaks")[0], "success")
        direct = self.engine.log("leaks", "r1", "direct")
        self.assertIn("] *** postgres://me:***@host:1/x\n", direct)
        rendered = self.engine.log("leaks", "r1", "rendered")
        self.assertIn("] ***\n", rendered)
        self.assertIn("echo ***", rendered)
        for secret in ("k3y-of-env", "p4ss-of-env", "t0ken-of-db"):
            self.assertNotIn(secret, direct + rendered)
        self.assertEqual(self.engine.xcom("leaks", "r1", "rendered"), "t0ken-of-db")

    def test_an_xcom_that_is_too_large_fails_its_task(self):
        self.engine.stop()
        self.engine.set({"core.max_xcom_bytes": 100})
        self.engine.start()
        self.have_dag("large", """
            BashOperator(task_id="bash", bash_command="printf %200s x")
            PythonOperator(task_id="python", python_callable=lambda: "x" * 200)
            PythonOperator(task_id="small", python_callable=lambda: "x" * 98)
        """)
        self.assertEqual(self.engine.complete("large")[1],
                         {"bash": "failed", "python": "failed", "small": "success"})
        for task_id in ("bash", "python"):
            self.assertIn(f"XCom 'return_value' of task large.{task_id} has 202 bytes of JSON, and "
                          "[core] max_xcom_bytes allows 100; store the data in a file",
                          self.engine.log("large", "r1", task_id))
        self.assertEqual(self.engine.rows("SELECT task_id FROM xcom"), [{"task_id": "small"}])


class WithoutServerTest(ForegroundCases, EngineTest):

    def setUp(self):
        super().setUp()
        self.engine.migrate()

    def import_dag(self, dag_id):
        self.engine.cli("dags", "reserialize")

    def have_dag(self, dag_id, body, **arguments):
        self.engine.write_dag(dag_id, body, **arguments)
        self.import_dag(dag_id)

    def test_dags_test_names_the_file_that_may_define_the_dag(self):
        self.engine.write("any.py", "import no_such_module  # DAG of airflow\n")
        self.assertIn("any.py cannot be imported",
                      self.engine.run("dags", "test", "wanted").stderr)
        self.engine.write("wanted.py", "import no_such_module  # DAG of airflow\n")
        self.assertIn("wanted.py cannot be imported",
                      self.engine.run("dags", "test", "wanted").stderr)
        self.assertIn("; 2 files cannot be imported, see 'beeflow dags list-import-errors'",
                      self.engine.run("dags", "test", "other").stderr)

    # The command ended as soon as the run had, and the callbacks with it, mostly before they began.
    def test_dags_test_calls_the_callbacks_of_the_dag(self):
        for dag_id, command, reason in (("well", "true", "success"),
                                        ("badly", "false", "task_failure")):
            self.engine.write(f"{dag_id}.py", f"""
                from airflow import DAG
                from airflow.operators.bash import BashOperator
                def tell(context):
                    print("told", context["run_id"], context["reason"])
                with DAG("{dag_id}", schedule=None, on_success_callback=tell,
                         on_failure_callback=[tell, tell]):
                    BashOperator(task_id="t", bash_command="{command}")
            """)
            out = self.engine.run("dags", "test", dag_id, "2024-05-06").stdout
            told = f"told manual__2024-05-06T00:00:00+00:00 {reason}\n"
            self.assertIn(f"callback of DAG {dag_id} printed:\n{told}", out)
            self.assertEqual(out.count(told), 1 if dag_id == "well" else 2)

    def test_an_interrupted_dags_test_waits_for_no_callback(self):
        begun = self.engine.scratch / "begun"
        self.engine.write("hangs.py", f"""
            import time
            from airflow import DAG
            from airflow.operators.empty import EmptyOperator
            def hang(context):
                open({str(begun)!r}, "w").close()
                time.sleep(1000)
            with DAG("hangs", schedule=None, on_success_callback=hang):
                EmptyOperator(task_id="t")
        """)
        command = self.engine.popen("dags", "test", "hangs")
        self.addCleanup(command.kill)
        wait_for(begun.exists, "the callback", self.engine)
        command.send_signal(signal.SIGINT)
        self.assertEqual(command.wait(60), 1)
        self.engine.wait_no_process("zygote")

    def test_dags_test_imports_no_more_than_it_needs(self):
        marks = self.engine.scratch / "imported"
        mark = f"open({str(marks)!r}, 'a').write(__file__ + '\\n')\n"
        for number in range(20):
            self.engine.write(f"other_{number}.py", f"""
                {mark}
                from airflow import DAG
                DAG("other_{number}", schedule=None)
            """)
        self.engine.write_dag("mine", "BashOperator(task_id='t', bash_command='echo first')")
        self.engine.cli("dags", "test", "mine")
        self.assertFalse(marks.exists())
        # What is known is imported as it is now.
        self.engine.write_dag("mine", "BashOperator(task_id='t', bash_command='echo second')")
        self.assertIn("] second\n", self.engine.cli("dags", "test", "mine"))
        self.assertFalse(marks.exists())
        # A file that moved, and an id that no file spells out, are found too.
        (self.engine.dags / "mine.py").rename(self.engine.dags / "moved.py")
        self.assertIn("] second\n", self.engine.cli("dags", "test", "mine"))
        self.assertFalse(marks.exists())
        self.engine.write("factory.py", f"""
            {mark}
            from airflow import DAG
            from airflow.operators.empty import EmptyOperator
            with DAG("_".join(["put", "together"]), schedule=None):
                EmptyOperator(task_id="t")
        """)
        self.assertIn("task t: success", self.engine.cli("dags", "test", "put_together"))
        self.assertIn("factory.py", marks.read_text(encoding="utf-8"))

    def test_dags_test_of_a_paused_dag(self):
        self.have_dag("rests", "EmptyOperator(task_id='t')", is_paused_upon_creation=True)
        self.assertIn("task t: success\n", self.engine.cli("dags", "test", "rests"))
        self.assertEqual(self.engine.value("SELECT is_paused FROM dag"), 1)

    def test_dags_test_of_a_file_that_cannot_be_imported(self):
        self.have_dag("mine", "EmptyOperator(task_id='t')")
        self.engine.write("mine.py", "# DAG mine of airflow\nimport no_such_module\n")
        done = self.engine.run("dags", "test", "mine")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no_such_module", done.stderr)
        self.assertEqual(self.engine.value("SELECT count(*) FROM dag_run"), 0)


class SlowDiskTest(EngineTest):
    """Commits take long, and the command begins to watch the database at any moment of one."""

    SYNC_MS = 150

    def test_the_end_of_a_run_is_not_missed(self):
        self.engine.write_dag("fails", "BashOperator(task_id='t', bash_command='exit 3')")
        self.engine.start()
        self.engine.wait(lambda: self.engine.value("SELECT count(*) FROM dag"), "the import")
        self.engine.stop()
        delays = os.environ.get("BEEFLOW_TEST_DELAYS",
                                str(REPOSITORY / "build/tests/e2e/libe2e_delays.so"))
        self.engine.environment.update(LD_PRELOAD=delays,
                                       BEEFLOW_TEST_SYNC_MS=str(self.SYNC_MS))
        self.engine.start()
        del self.engine.environment["BEEFLOW_TEST_SYNC_MS"]
        # The last commit of the run takes as long as one sync: some of these meet it.
        for i, late in enumerate(range(self.SYNC_MS // 2, 5 * self.SYNC_MS, self.SYNC_MS // 2)):
            self.engine.environment["BEEFLOW_TEST_WATCH_MS"] = str(late)
            done = self.engine.run("dags", "test", "fails", f"2024-01-{i + 1:02d}")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("failed: task t", done.stderr)


if __name__ == "__main__":
    unittest.main()
