"""Every verb of the command line, with a server and without one; wrong input changes nothing."""

import json
import unittest

from engine import EngineTest, wait_for

DIAMOND = """
first = BashOperator(task_id="first", bash_command="echo {{ dag_run.conf.get('word', 'none') }}")
ways = [PythonOperator(task_id=name, python_callable=lambda: "done") for name in ("left", "right")]
first >> ways >> EmptyOperator(task_id="last")
"""
FLAKY = """
BashOperator(task_id="fails_first",
             bash_command=f"echo x >> {SCRATCH}/tries; [ $(wc -l < {SCRATCH}/tries) -gt 1 ]")
"""


class CliCases:
    """The cases that hold with and without a server."""

    def test_dags_list_show_and_details(self):
        self.have_dag("diamond", DIAMOND, tags=["a", "b"], description="a shape")
        listed = self.engine.json("dags", "list")
        self.assertEqual(listed, [{"dag_id": "diamond", "filepath": "diamond.py",
                                   "owner": "airflow", "paused": "False"}])
        self.assertIn("diamond", self.engine.cli("dags", "list"))
        self.assertIn("first", self.engine.cli("dags", "show", "diamond"))
        dot = self.engine.root / "graph.dot"
        self.engine.cli("dags", "show", "diamond", "--save", str(dot))
        self.assertIn('"first" -> "left"', dot.read_text(encoding="utf-8"))
        details = {row["property_name"]: row["property_value"]
                   for row in self.engine.json("dags", "details", "diamond")}
        self.assertEqual((details["description"], details["tags"]), ("a shape", "a, b"))
        self.assertEqual(self.engine.cli("tasks", "list", "diamond").split(),
                         ["first", "left", "right", "last"])
        self.assertIn("first", self.engine.cli("tasks", "list", "diamond", "--tree"))

    def test_next_execution(self):
        self.have_dag("daily", "EmptyOperator(task_id='t')", schedule="@daily", catchup=False,
                      is_paused_upon_creation=True)
        self.engine.cli("dags", "unpause", "daily")
        if not self.SERVER:
            return
        self.engine.wait(lambda: self.engine.value("SELECT next_dagrun FROM dag"), "the next run")
        dates = self.engine.cli("dags", "next-execution", "daily", "-n", "3").split()
        self.assertEqual(len(dates), 3)
        self.assertEqual(dates, sorted(dates))
        for date in dates:
            self.assertRegex(date, r"^\d{4}-\d\d-\d\dT00:00:00\+00:00$")

    def test_pause_and_unpause(self):
        self.have_dag("one", "EmptyOperator(task_id='t')")
        self.assertEqual(self.engine.json("dags", "pause", "one"),
                         [{"dag_id": "one", "is_paused": "True"}])
        self.assertEqual(self.engine.value("SELECT is_paused FROM dag"), 1)
        self.assertEqual(self.engine.json("dags", "unpause", "one"),
                         [{"dag_id": "one", "is_paused": "False"}])
        self.assertEqual(self.engine.value("SELECT is_paused FROM dag"), 0)

    def test_trigger_and_wait_then_look_at_everything(self):
        self.have_dag("diamond", DIAMOND)
        run, = self.engine.json("dags", "trigger", "diamond", "--run-id", "r1", "--wait",
                                "--exec-date", "2024-01-02", "--conf", '{"word": "hello"}')
        self.assertEqual((run["dag_run_id"], run["state"], run["logical_date"]),
                         ("r1", "success", "2024-01-02T00:00:00+00:00"))
        self.assertEqual(json.loads(run["conf"]), {"word": "hello"})
        listed, = self.engine.json("dags", "list-runs", "--dag-id", "diamond")
        self.assertEqual((listed["run_id"], listed["state"]), ("r1", "success"))
        self.assertEqual(self.engine.json("dags", "list-runs", "-d", "diamond", "--state",
                                          "failed"), [])
        for key in ("r1", "2024-01-02"):
            self.assertEqual(self.engine.cli("dags", "state", "diamond", key).strip(),
                             'success, {"word":"hello"}')
            self.assertEqual(self.engine.cli("tasks", "state", "diamond", "first", key).strip(),
                             "success")
        states = self.engine.json("tasks", "states-for-dag-run", "diamond", "r1")
        self.assertEqual({row["task_id"]: row["state"] for row in states}, dict.fromkeys(
            ("first", "left", "right", "last"), "success"))
        self.assertIn("hello", self.engine.cli("tasks", "logs", "diamond", "first", "r1"))
        self.assertIn("hello", self.engine.cli("tasks", "logs", "diamond", "first", "r1", "-f"))

    def test_a_failed_run_that_is_waited_for_fails_and_clear_repeats_it(self):
        self.have_dag("flaky", FLAKY)
        done = self.engine.run("dags", "trigger", "flaky", "--run-id", "r1", "--wait")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("fails_first", done.stderr)
        self.assertIn("attempt=1.log", done.stderr)
        refused = self.engine.run("tasks", "clear", "flaky")
        self.assertEqual(refused.returncode, 1)
        self.assertEqual(self.engine.run_state("flaky", "r1"), "failed")
        self.assertIn("1 task instances", self.engine.cli("tasks", "clear", "flaky", "--yes"))
        if not self.SERVER:
            self.assertEqual(self.engine.run_state("flaky", "r1"), "queued")
            self.engine.start()
        self.assertEqual(self.engine.wait_run("flaky", "r1", "success"), "success")
        self.assertEqual(self.engine.task("flaky", "r1", "fails_first")["try_number"], 2)
        self.assertIn("ended: failed",
                      self.engine.cli("tasks", "logs", "flaky", "fails_first", "r1", "--try", "1"))
        self.assertIn("Nothing to clear",
                      self.engine.cli("tasks", "clear", "flaky", "--only-failed", "--yes"))

    def test_clear_takes_tasks_by_name_and_with_what_follows(self):
        self.have_dag("diamond", DIAMOND)
        self.engine.json("dags", "trigger", "diamond", "--run-id", "r1", "--wait")
        self.engine.cli("dags", "pause", "diamond")
        self.engine.cli("tasks", "clear", "diamond", "-t", "left", "--downstream", "--yes")
        self.assertEqual(self.engine.states("diamond", "r1"), {
            "first": "success", "left": None, "right": "success", "last": None})

    def test_dags_test_and_tasks_test(self):
        self.have_dag("diamond", DIAMOND)
        done = self.engine.run("dags", "test", "diamond", "2024-05-06", "--conf",
                               '{"word": "tested"}')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("first", done.stdout + done.stderr)
        self.assertEqual(self.engine.value("SELECT state FROM dag_run"), "success")
        # Again, for the same date: the earlier run makes place.
        self.engine.cli("dags", "test", "diamond", "2024-05-06")
        self.assertEqual(self.engine.value("SELECT count(*) FROM dag_run"), 1)
        out = self.engine.cli("tasks", "test", "diamond", "first", "2024-07-08")
        self.assertIn("none", out)
        self.assertEqual(self.engine.value("SELECT count(*) FROM dag_run"), 1)

    def test_dags_test_tells_of_a_failure(self):
        self.have_dag("flaky", FLAKY)
        done = self.engine.run("dags", "test", "flaky")
        self.assertEqual(done.returncode, 1)
        self.assertIn("fails_first", done.stderr)

    def test_backfill(self):
        self.have_dag("daily", "BashOperator(task_id='t', bash_command='echo {{ ds }}')",
                      schedule="@daily", catchup=False)
        plan = self.engine.cli("dags", "backfill", "daily", "-s", "2024-02-28", "-e",
                               "2024-03-01", "--dry-run")
        self.assertEqual(plan.count("create"), 3)
        self.assertEqual(self.runs("backfill"), [])
        self.engine.cli("dags", "backfill", "daily", "-s", "2024-02-28", "-e", "2024-03-01")
        self.assertEqual(self.runs("backfill"), [
            ("backfill__2024-02-28T00:00:00+00:00", "success"),
            ("backfill__2024-02-29T00:00:00+00:00", "success"),
            ("backfill__2024-03-01T00:00:00+00:00", "success")])
        self.assertIn("have ended before", self.engine.cli(
            "dags", "backfill", "daily", "-s", "2024-02-28", "-e", "2024-03-01"))

    def runs(self, run_type):
        return [(row["run_id"], row["state"]) for row in self.engine.rows(
            "SELECT run_id, state FROM dag_run WHERE run_type = ? ORDER BY execution_date",
            run_type)]

    def test_delete(self):
        self.have_dag("old", "BashOperator(task_id='t', bash_command='true')")
        self.engine.json("dags", "trigger", "old", "--run-id", "r1", "--wait")
        self.assertEqual(self.engine.run("dags", "delete", "old").returncode, 1)
        self.assertEqual(self.engine.value("SELECT count(*) FROM dag_run"), 1)
        self.assertIn("deleted", self.engine.cli("dags", "delete", "old", "--yes"))
        for table in ("dag", "dag_run", "task_instance", "serialized_dag"):
            self.assertEqual(self.engine.value(f"SELECT count(*) FROM {table}"), 0, table)

    def test_pools(self):
        pool = {"pool": "p", "slots": "3", "description": "some", "include_deferred": "False"}
        self.engine.cli("pools", "set", "p", "3", "some")
        self.assertEqual(self.engine.json("pools", "get", "p"), [pool])
        self.assertEqual([row["pool"] for row in self.engine.json("pools", "list")],
                         ["default_pool", "p"])
        file = self.engine.root / "pools.json"
        self.engine.cli("pools", "export", str(file))
        self.engine.cli("pools", "delete", "p")
        self.assertEqual(self.engine.run("pools", "get", "p").returncode, 1)
        self.engine.cli("pools", "import", str(file))
        self.assertEqual(self.engine.json("pools", "get", "p"), [pool])

    def test_formats(self):
        for output in ("table", "plain", "json", "yaml"):
            text = self.engine.cli("pools", "list", "-o", output)
            self.assertIn("default_pool", text)
        json.loads(self.engine.cli("pools", "list", "-o", "json"))

    def test_db_config_and_version(self):
        self.assertIn("is up to date", self.engine.cli("db", "migrate"))
        self.assertIn("is fine", self.engine.cli("db", "check"))
        self.assertEqual(self.engine.cli("config", "get-value", "core", "dags_folder").strip(),
                         str(self.engine.dags))
        self.assertIn(f"dags_folder = {self.engine.dags}", self.engine.cli("config", "list"))
        self.assertIn("BEEFLOW__CORE__DAGS_FOLDER", self.engine.cli("config"))
        self.assertRegex(self.engine.cli("version"), r"^\d+\.\d+\.\d+\n$")
        self.assertEqual(self.engine.cli("--version"), self.engine.cli("version"))
        self.assertIn("dags", self.engine.cli("--help"))
        self.assertIn("--conf", self.engine.cli("dags", "trigger", "--help"))

    def test_wrong_input_is_one_line_that_helps_and_changes_nothing(self):
        self.have_dag("diamond", DIAMOND)
        before = self.snapshot()
        for words, code, expected in (
            (["dag"], 2, "did you mean 'dags'"),
            (["dags", "lst"], 2, "did you mean"),
            (["dags", "list", "--outptu", "json"], 2, "--output"),
            (["dags", "list", "-o", "xml"], 2, ""),
            (["dags", "trigger"], 2, "dag_id"),
            (["dags", "trigger", "diamnd"], 1, "did you mean 'diamond'"),
            (["dags", "trigger", "diamond", "--conf", "{bad"], 1, "--conf"),
            (["dags", "trigger", "diamond", "--conf", "[1]"], 1, "object"),
            (["dags", "trigger", "diamond", "--exec-date", "yesterday"], 1, "--exec-date"),
            (["dags", "trigger", "diamond", "--run-id", "a/b"], 1, "a/b"),
            (["dags", "trigger", "diamond", "--run-id", "scheduled__x"], 1, "scheduled__"),
            (["dags", "pause", "nope"], 1, "nope"),
            (["dags", "show", "nope"], 1, "nope"),
            (["dags", "state", "diamond", "no_run"], 1, "no_run"),
            (["dags", "list-runs", "-d", "diamond", "--state", "odd"], 1, "odd"),
            (["dags", "backfill", "diamond", "-s", "2024-01-01"], 1, "intervals"),
            (["dags", "backfill", "diamond"], 1, "--start-date"),
            (["dags", "test", "diamond", "--conf", "1"], 1, "--conf"),
            (["tasks", "list", "nope"], 1, "nope"),
            (["tasks", "state", "diamond", "first", "no_run"], 1, "no_run"),
            (["tasks", "clear", "diamond", "-t", "(", "-y"], 1, "--task-regex"),
            (["tasks", "clear", "diamond", "-t", "zzz", "-y"], 1, "zzz"),
            (["tasks", "test", "diamond", "frist"], 1, "did you mean 'first'"),
            (["pools", "set", "p", "many"], 2, ""),
            (["pools", "set", "p", "-2"], 2, ""),
            (["pools", "delete", "default_pool"], 1, "cannot be deleted"),
            (["pools", "delete", "nope"], 1, "nope"),
            (["pools", "import", "/no/such/file"], 1, "/no/such/file"),
            (["db", "reset"], 1, ""),
            (["config", "get-value", "core", "dags_foldr"], 1, "dags_folder"),
        ):
            with self.subTest(" ".join(words)):
                done = self.engine.run(*words)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertTrue(done.stderr.startswith("beeflow: "), done.stderr)
                self.assertIn(expected, done.stderr)
        self.assertEqual(self.snapshot(), before)

    def snapshot(self):
        """All that users have in the database."""
        return {table: self.engine.rows(f"SELECT * FROM {table}")
                for table in ("dag_run", "task_instance", "slot_pool", "log")} | {
            "dag": self.engine.rows("SELECT dag_id, is_paused, is_active FROM dag")}


class WithServerTest(CliCases, EngineTest):
    SERVER = True

    def setUp(self):
        super().setUp()
        self.engine.start()

    def have_dag(self, dag_id, body, **arguments):
        self.engine.write_dag(dag_id, body, **arguments)
        self.engine.wait_dag(dag_id)

    def test_reset_is_refused(self):
        done = self.engine.run("db", "reset", "--yes")
        self.assertEqual(done.returncode, 1)
        self.assertIn("stop it", done.stderr)

    def test_waiting_for_a_run_of_a_paused_dag_is_refused(self):
        self.have_dag("idle", "EmptyOperator(task_id='t')", is_paused_upon_creation=True)
        done = self.engine.run("dags", "trigger", "idle", "--wait")
        self.assertEqual(done.returncode, 1)
        self.assertIn("unpause", done.stderr)
        self.assertEqual(self.engine.value("SELECT count(*) FROM dag_run"), 0)

    def test_logs_follow_a_running_task_to_its_end(self):
        self.have_dag("talks", f"""
            BashOperator(task_id="t", bash_command="echo begin; {self.engine.gate('go')}; echo end")
        """)
        self.engine.trigger("talks", "r1")
        self.engine.wait_task("talks", "r1", "t", "running")
        seen = self.engine.root / "seen"
        with open(seen, "wb") as file:
            follower = self.engine.popen("tasks", "logs", "talks", "t", "r1", "-f", stdout=file)
        self.addCleanup(follower.kill)
        wait_for(lambda: b"] begin" in seen.read_bytes() or b"- begin" in seen.read_bytes(),
                 "the first line", self.engine)
        self.engine.open_gate("go")
        self.assertEqual(follower.wait(60), 0)
        self.assertEqual(seen.read_text(encoding="utf-8"), self.engine.log("talks", "r1", "t"))


class WithoutServerTest(CliCases, EngineTest):
    SERVER = False

    def setUp(self):
        super().setUp()
        self.engine.migrate()

    def have_dag(self, dag_id, body, **arguments):
        self.engine.write_dag(dag_id, body, **arguments)
        self.assertIn("1 DAGs, 0 import errors", self.engine.cli("dags", "reserialize"))

    def test_a_triggered_run_waits_for_a_server(self):
        self.have_dag("plain", "BashOperator(task_id='t', bash_command='true')")
        self.engine.cli("dags", "trigger", "plain", "--run-id", "r1")
        self.assertEqual(self.engine.run_state("plain", "r1"), "queued")
        self.engine.start()
        self.assertEqual(self.engine.wait_run("plain", "r1"), "success")

    # Runs that were due began, and were left behind when the command ended.
    def test_reserialize_starts_no_run(self):
        self.have_dag("due", "BashOperator(task_id='t', bash_command='true')", schedule="@once",
                      is_paused_upon_creation=False)
        self.assertEqual(self.engine.value("SELECT is_paused FROM dag"), 0)
        self.assertEqual(self.engine.value("SELECT count(*) FROM dag_run"), 0)

    def test_reset_drops_everything(self):
        self.have_dag("plain", "EmptyOperator(task_id='t')")
        self.engine.cli("db", "reset", "--yes")
        self.assertEqual(json.loads(self.engine.cli("dags", "list", "-o", "json")), [])

    def test_import_errors_are_listed(self):
        self.engine.write("broken.py", "import no_such_module  # DAG of airflow\n")
        self.assertIn("1 import errors", self.engine.cli("dags", "reserialize"))
        error, = self.engine.json("dags", "list-import-errors")
        self.assertIn("no_such_module", error["error"])
        self.assertIn("list-import-errors", self.engine.run("dags", "list").stderr)

    def test_a_damaged_database_is_told(self):
        self.engine.database.write_bytes(b"not a database" * 1000)
        done = self.engine.run("dags", "list")
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1))
        self.assertIn("is not an SQLite database", done.stderr)

    def test_a_mistyped_setting_is_told(self):
        self.engine.set({"core.parallelism": "lots"})
        done = self.engine.run("dags", "list")
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1))
        self.assertIn("parallelism", done.stderr)


if __name__ == "__main__":
    unittest.main()
