"""The command line on another machine than the server (--server), and what others ask the API for:
events of datasets that start runs, and connections that are tried out."""

import json
import unittest
import urllib.request

from engine import Engine, EngineTest


class RemoteTest(EngineTest):

    def setUp(self):
        super().setUp()
        self.engine.start()
        self.url = f"http://127.0.0.1:{self.engine.port}"
        # Another home, in which nothing ever runs.
        self.elsewhere = Engine()
        self.addCleanup(self.elsewhere.close)
        self.elsewhere.environment["BEEFLOW_SERVER"] = self.url

    def remote(self, *arguments):
        return self.elsewhere.cli(*arguments)

    def remote_json(self, *arguments):
        return self.elsewhere.json(*arguments)

    def post(self, path, body):
        request = urllib.request.Request(f"{self.url}/api/v1{path}", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


class RemoteRunsTest(RemoteTest):

    def test_a_run_is_triggered_watched_and_read_from_elsewhere(self):
        self.engine.write_dag("hello", """
            BashOperator(task_id="greet", bash_command="echo 'hi {{ dag_run.conf.name }}'") >> \\
                EmptyOperator(task_id="done")
        """)
        self.engine.wait_dag("hello")
        self.assertEqual([row["dag_id"] for row in self.remote_json("dags", "list")], ["hello"])
        made = self.remote_json("dags", "trigger", "hello", "--run-id", "r1", "--conf",
                                '{"name": "Ann"}')[0]
        self.assertEqual((made["dag_run_id"], made["state"]), ("r1", "queued"))
        self.assertEqual(self.engine.wait_run("hello", "r1"), "success")
        self.assertTrue(self.remote("dags", "state", "hello", "r1").startswith("success"))
        states = self.remote_json("tasks", "states-for-dag-run", "hello", "r1")
        self.assertEqual({row["task_id"]: row["state"] for row in states},
                         {"greet": "success", "done": "success"})
        self.assertIn("hi Ann", self.remote("tasks", "logs", "hello", "greet", "r1"))
        self.assertEqual(self.remote("tasks", "list", "hello").split(), ["greet", "done"])
        self.assertEqual(self.remote_json("dags", "list-runs", "-d", "hello")[0]["run_id"], "r1")
        self.remote("dags", "pause", "hello")
        self.assertEqual(self.engine.value("SELECT is_paused FROM dag"), 1)
        self.assertFalse(self.elsewhere.database.exists())

    def test_a_backfill_is_made_from_elsewhere(self):
        self.engine.write_dag("daily", "EmptyOperator(task_id='t')", schedule="@daily",
                              is_paused_upon_creation=True)
        self.engine.wait_dag("daily")
        create = ["backfill", "create", "--dag-id", "daily", "--from-date", "2024-02-28",
                  "--to-date", "2024-03-01"]
        self.assertIn("2024-02-29", self.remote(*create, "--dry-run"))
        self.remote(*create, "--max-active-runs", "1")
        self.engine.wait(lambda: self.engine.value(
            "SELECT count(*) FROM backfill WHERE completed_at IS NOT NULL"), "the backfill to end")
        listed = self.remote_json("backfill", "list", "--dag-id", "daily")
        self.assertEqual([(row["id"], row["state"]) for row in listed], [("1", "completed")])
        self.assertEqual(self.engine.value(
            "SELECT count(*) FROM dag_run WHERE run_type = 'backfill' AND state = 'success'"), 3)

    def test_what_is_wrong_is_told_as_it_is_at_home(self):
        done = self.elsewhere.run("dags", "trigger", "helo")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no DAG 'helo'", done.stderr)
        done = self.elsewhere.run("--server", "http://127.0.0.1:1", "dags", "list")
        self.assertEqual(done.returncode, 1)
        self.assertIn("127.0.0.1:1", done.stderr)

    def test_what_works_only_at_the_server_says_so(self):
        for arguments in (["db", "check"], ["dags", "test", "hello"],
                          ["tasks", "attempts", "a", "b"], ["connections", "export", "-"]):
            done = self.elsewhere.run(*arguments)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn("works only on the server's own machine", done.stderr)
        # What concerns no server works with the variable, and is refused with the option.
        self.assertEqual(self.elsewhere.run("version").returncode, 0)
        done = self.elsewhere.run("--server", self.url, "standalone")
        self.assertIn("works only on the server's own machine", done.stderr)
        self.assertFalse(self.elsewhere.database.exists())


class RemoteThingsTest(RemoteTest):

    def test_pools_variables_and_connections_are_those_of_the_server(self):
        self.remote("pools", "set", "gpu", "3", "two cards and a half")
        self.remote("pools", "set", "gpu", "4", "cards")
        self.assertEqual(self.engine.value("SELECT slots FROM slot_pool WHERE pool = 'gpu'"), 4)
        self.remote("variables", "set", "city", "Bonn")
        self.assertEqual(self.engine.cli("variables", "get", "city"), "Bonn\n")
        self.assertEqual(self.remote("variables", "get", "city"), "Bonn\n")
        self.remote("connections", "add", "wh", "--conn-uri", "http://ann:s3cret@host:80/")
        self.assertEqual(self.engine.json("connections", "get", "wh")[0]["password"], "s3cret")
        self.assertNotIn("s3cret", self.remote("connections", "get", "wh", "-o", "json"))
        self.remote("pools", "delete", "gpu")
        self.remote("variables", "delete", "city")
        self.remote("connections", "delete", "wh")
        for verb in ("variables", "connections"):
            self.assertEqual(self.engine.json(verb, "list"), [])
        log = self.engine.rows("SELECT event, owner, extra FROM log WHERE event LIKE '%.%'")
        self.assertIn("connection.create", [row["event"] for row in log])
        self.assertNotIn("s3cret", str(log))

    def test_an_event_of_a_dataset_that_the_api_is_told_of_starts_its_run(self):
        self.engine.write("reads.py", """
            import pendulum
            from airflow import DAG, Dataset
            from airflow.decorators import task

            def seen(*, triggering_dataset_events):
                return {uri: [event.extra for event in events]
                        for uri, events in triggering_dataset_events.items()}

            with DAG("reads", schedule=[Dataset("s3://shop/orders")],
                     start_date=pendulum.datetime(2021, 1, 1)):
                task(seen)()
        """)
        self.engine.wait_dag("reads")
        self.post("/datasets/events", {"dataset_uri": "s3://shop/orders", "extra": {"rows": 5}})
        run_id = self.engine.wait(lambda: self.engine.value("SELECT run_id FROM dag_run"), "a run")
        self.assertEqual(self.engine.wait_run("reads", run_id), "success")
        self.assertEqual(self.engine.xcom("reads", run_id, "seen"),
                         {"s3://shop/orders": [{"rows": 5, "from_rest_api": True}]})


class ConnectionTestsTest(RemoteTest):
    SETTINGS = {"core.test_connection": "Enabled"}

    def test_a_connection_is_tried_out_without_being_stored(self):
        body = {"connection_id": "box", "conn_type": "sqlite",
                "host": str(self.engine.root / "x.db")}
        self.assertTrue(self.post("/connections/test", body)["status"])
        answer = self.post("/connections/test", {**body, "host": "/nowhere/x.db"})
        self.assertFalse(answer["status"])
        self.assertEqual(self.engine.json("connections", "list"), [])


if __name__ == "__main__":
    unittest.main()
