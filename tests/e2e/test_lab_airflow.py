"""`beeflow lab run` on an Airflow, which is a server with its REST API; see airflow_server.py."""

import signal
import subprocess
import unittest

from airflow_server import AirflowServer, dag_file
from engine import DEADLINE_SECONDS, wait_for
from lab import Lab, controller

FORK = [("first", 0.05, ["a", "b"]), ("a", 0.2, []), ("b", 0.1, [])]


class LabAirflowTest(unittest.TestCase):

    maxDiff = None

    def setUp(self):
        self.lab = Lab()
        self.addCleanup(self.lab.close)
        self.airflow_dags = self.lab.root / "airflow-dags"
        self.airflow_dags.mkdir()
        self.lab.engine.environment["AIRFLOW_SECRET"] = "secret"

    def serve(self, **options):
        server = AirflowServer(self.airflow_dags, **options)
        self.addCleanup(server.close)
        return server

    def airflow(self, server, **specific):
        """A controller that logs in with the password, unless `specific` says otherwise."""
        login = {} if "token" in specific or "mwaa_web_token_env" in specific else {
            "user": "admin", "password_env": "AIRFLOW_SECRET"}
        return controller("airflow", "ours", base_url=server.url, poll_seconds=0.05, **login,
                          **specific)

    def there(self, dag_id, tasks):
        """A DAG that Airflow has already."""
        (self.airflow_dags / f"{dag_id}.py").write_text(dag_file(dag_id, tasks), encoding="utf-8")

    def experiment(self, dag_ids, runs=2, **members):
        return self.lab.experiment("fork", dag_ids, **{"runs": runs, "period_seconds": 0,
                                                       **members})

    def test_runs_of_a_dag_that_is_there(self):
        self.there("fork", FORK)
        server = self.serve()
        server.scan()
        server.add_run("fork", "scheduled__former", began=1767225600)
        path = self.lab.write([self.experiment(["fork"], pool_slots=50)], [self.airflow(server)])
        done = self.lab.run(path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("2 runs in ", done.stdout)
        runs = self.lab.table("ours_fork", "dagrun")
        self.assertEqual([(r["dag_id"], r["state"], r["run_id"][-3:]) for r in runs],
                         [("fork", "success", "__1"), ("fork", "success", "__2")])
        tasks = self.lab.table("ours_fork", "taskinstance")
        self.assertEqual(len(tasks), 6)
        self.assertRegex(tasks[0]["start_date"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00:00$")
        self.assertEqual({r["task_id"]: r["upstream_task_ids"]
                          for r in self.lab.table("ours_fork", "dagtask")},
                         {"first": "", "a": "first", "b": "first"})
        self.assertEqual(self.lab.record("ours_fork")["system_version"], "Airflow 2.10.5")
        # All is as it was.
        self.assertEqual([run.run_id for run in server.dags["fork"].runs], ["scheduled__former"])
        self.assertTrue(server.dags["fork"].is_paused)
        self.assertEqual(server.pool_slots, 128)
        self.assertIn("PATCH /pools/default_pool", server.requests)

    def test_pages_tries_and_mapped_tasks(self):
        self.there("wide", [("many", 0.1, [], {"mapped": 230}),
                            ("flaky", 0.1, [], {"tries": 3})])
        server = self.serve()
        path = self.lab.write([self.experiment(["wide"], runs=1, start="cold")],
                              [self.airflow(server)])
        done = self.lab.run(path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        tasks = self.lab.table("ours_fork", "taskinstance")
        self.assertEqual(sorted(int(t["map_index"]) for t in tasks if t["task_id"] == "many"),
                         list(range(230)))
        self.assertEqual([t["try_number"] for t in tasks if t["task_id"] == "flaky"], ["3"])
        self.assertEqual([t["task_id"] for t in self.lab.table("ours_fork", "taskfail")],
                         ["flaky", "flaky"])

    def test_an_airflow_without_tries(self):
        self.there("flaky", [("t", 0.1, [], {"tries": 2})])
        server = self.serve()
        server.version = "2.4.3"
        server.lists_tries = False
        path = self.lab.write([self.experiment(["flaky"], runs=1, start="cold")],
                              [self.airflow(server)])
        self.assertEqual(self.lab.run(path).returncode, 0)
        self.assertEqual(self.lab.table("ours_fork", "taskfail"), [])

    def test_a_token_and_the_login_of_mwaa(self):
        self.there("fork", FORK)
        server = self.serve(token="t0ken", web_token="we+b/token")
        self.lab.engine.environment["WEB_TOKEN"] = "we+b/token"
        for name, login in (("bearer", {"token": "t0ken"}),
                            ("mwaa", {"mwaa_web_token_env": "WEB_TOKEN"})):
            with self.subTest(name):
                path = self.lab.write([self.experiment(["fork"], runs=1) |
                                       {"experiment_id": name}], [self.airflow(server, **login)])
                done = self.lab.run(path)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertNotIn("t0ken", str(self.lab.record(f"ours_{name}")))

    def test_what_may_pass_is_tried_again(self):
        self.there("fork", FORK)
        server = self.serve()
        server.failures = [503, 429, 502]
        path = self.lab.write([self.experiment(["fork"], runs=1)], [self.airflow(server)])
        done = self.lab.run(path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_errors_say_what_to_do(self):
        server = self.serve()
        self.there("fork", FORK)
        closed = AirflowServer(self.airflow_dags)
        closed.close()
        wrong = self.airflow(server) | {"type_specific": {
            "base_url": server.url, "user": "admin", "password": "wrong"}}
        elsewhere = self.airflow(server)
        elsewhere["type_specific"] = dict(elsewhere["type_specific"], base_url=server.url + "/x")
        unset = controller("airflow", "ours", base_url=server.url, token_env="NOT_SET")
        for system, dag_id, message in (
                (wrong, "fork", "does not accept the login (401)"),
                (elsewhere, "fork", "there is no REST API of Airflow 2.x at "
                                    f"{server.url}/x/api/v1"),
                (unset, "fork", "the environment variable NOT_SET is not set"),
                (self.airflow(server, dags_timeout_seconds=1), "gone", "DAG gone not there 1 s"),
                (self.airflow(closed), "fork", f"{closed.url}: cannot connect")):
            with self.subTest(message):
                path = self.lab.write([self.experiment([dag_id])], [system])
                done = self.lab.run(path)
                self.assertEqual(done.returncode, 1)
                self.assertIn(message, done.stdout)

    def test_tls(self):
        pem = self.lab.root / "server.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", pem, "-out", self.lab.root / "cert.pem"], check=True,
                       capture_output=True)
        with open(pem, "ab") as file:
            file.write((self.lab.root / "cert.pem").read_bytes())
        self.there("fork", FORK)
        server = self.serve(certificate=pem)
        path = self.lab.write([self.experiment(["fork"], runs=1)], [self.airflow(server)])
        done = self.lab.run(path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("its certificate is not trusted", done.stdout)
        path = self.lab.write([self.experiment(["fork"], runs=1)],
                              [self.airflow(server, ca_file=str(self.lab.root / "cert.pem"))])
        done = self.lab.run(path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_files_are_published_and_taken_away(self):
        source = self.lab.engine.dags / "fork.py"
        source.write_text(dag_file("fork", FORK), encoding="utf-8")
        server = self.serve()
        server.scan_delay = 0.3
        publish = self.airflow(server, publish_to=str(self.airflow_dags))
        path = self.lab.write([self.experiment(["fork"], runs=1)], [publish])
        done = self.lab.run(path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(len(self.lab.table("ours_fork", "dagrun")), 1)
        self.assertEqual(list(self.airflow_dags.rglob("*.py")), [])
        self.assertIn("DELETE /dags/fork", server.requests)

        source.write_text("# DAG of airflow\noops\n", encoding="utf-8")
        done = self.lab.run(path, "--again")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot be imported: NameError: name 'oops' is not defined", done.stdout)
        self.assertEqual(list(self.airflow_dags.rglob("*.py")), [])

        server.scan_delay = 0
        self.there("fork", FORK)
        done = self.lab.run(path, "--again")
        self.assertIn("the DAG fork is there already", done.stdout)
        self.assertTrue((self.airflow_dags / "fork.py").exists())

    def test_an_interrupted_one_is_cleaned_up(self):
        self.there("slow", [("t", 3600, [])])
        server = self.serve()
        path = self.lab.write([self.experiment(["slow"], runs=1)], [self.airflow(server)])
        running = self.lab.start(path)
        wait_for(lambda: server.dags.get("slow") and server.dags["slow"].runs, "the run")
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=DEADLINE_SECONDS)
        self.assertEqual(running.returncode, 1, out + err)
        self.assertEqual(server.dags["slow"].runs, [])
        self.assertTrue(server.dags["slow"].is_paused)


if __name__ == "__main__":
    unittest.main()
