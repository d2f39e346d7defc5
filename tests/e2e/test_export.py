"""`beeflow export`: CSV files in the layout, with the columns and the times of Airflow's tables."""

import csv
import datetime
import os
import unittest
from pathlib import Path

from engine import EngineTest
from s3_server import CREDENTIALS, S3Server

TABLES = ["dagrun", "taskinstance", "taskfail", "attempt", "dagtask"]


class ExportTest(EngineTest):

    def export(self):
        """The files, by table: lists of rows as dictionaries."""
        lines = self.engine.cli("export", "--to", str(self.engine.root / "out")).splitlines()
        found = {}
        for line in lines:
            path = Path(line)
            relative = path.relative_to(self.engine.root / "out")
            self.assertRegex(str(relative), r"^serverless/export/(\w+)/dt=\d{4}-\d\d-\d\d_\d\d-\d\d"
                                            r"/\1\.csv$")
            with open(path, newline="", encoding="utf-8") as file:
                found[path.stem] = list(csv.DictReader(file))
        self.assertEqual(sorted(found),
                         ["attempt", "dagrun", "dagtask", "taskfail", "taskinstance"])
        return found

    def test_values_and_times(self):
        self.engine.start()
        self.engine.write_dag("exported", """
            BashOperator(task_id="good", bash_command="true")
            BashOperator(task_id="bad", bash_command="exit 1")
        """)
        conf = '{"text": "comma, \\"quote\\" and\\nline", "umlaut": "ü"}'
        self.engine.wait_dag("exported")
        self.engine.cli("dags", "trigger", "exported", "--run-id", "r1", "--conf", conf)
        self.assertEqual(self.engine.wait_run("exported", "r1"), "failed")
        tables = self.export()
        run, = tables["dagrun"]
        self.assertEqual((run["dag_id"], run["run_id"], run["state"], run["run_type"]),
                         ("exported", "r1", "failed", "manual"))
        self.assertEqual(run["external_trigger"], "True")
        self.assertEqual(run["conf"], self.engine.value("SELECT conf FROM dag_run"))
        self.assertIn("ü", run["conf"])
        for column in ("queued_at", "start_date", "end_date", "execution_date"):
            self.assert_time(run[column], self.engine.value(f"SELECT {column} FROM dag_run"))
        tasks = {row["task_id"]: row for row in tables["taskinstance"]}
        self.assertEqual({name: row["state"] for name, row in tasks.items()},
                         {"good": "success", "bad": "failed"})
        for name, row in tasks.items():
            for column in ("start_date", "end_date", "queued_dttm"):
                self.assert_time(row[column], self.engine.task("exported", "r1", name)[column])
            start, end = (datetime.datetime.fromisoformat(row[column])
                          for column in ("start_date", "end_date"))
            self.assertAlmostEqual((end - start).total_seconds(), float(row["duration"]), places=5)
            self.assertEqual(row["trigger_id"], "")  # NULL is an empty cell
        self.assertEqual([row["task_id"] for row in tables["taskfail"]], ["bad"])

    def test_tasks_with_their_upstreams(self):
        self.engine.start()
        self.engine.write_dag("shaped", """
            first = BashOperator(task_id="first", bash_command="true", pool="small")
            second = EmptyOperator(task_id="second", queue="pool")
            last = EmptyOperator(task_id="last")
            first >> second >> last
            first >> last
        """)
        self.engine.write_dag("single", """EmptyOperator(task_id="only")""")
        self.engine.wait_dag("shaped")
        self.engine.wait_dag("single")
        rows = {(row["dag_id"], row["task_id"]): row for row in self.export()["dagtask"]}
        self.assertEqual(
            {key: (row["operator"], row["queue"], row["pool"],
                   sorted(row["upstream_task_ids"].split())) for key, row in rows.items()},
            {("shaped", "first"): ("BashOperator", "default", "small", []),
             ("shaped", "second"): ("EmptyOperator", "pool", "default_pool", ["first"]),
             ("shaped", "last"): ("EmptyOperator", "default", "default_pool",
                                  ["first", "second"]),
             ("single", "only"): ("EmptyOperator", "default", "default_pool", [])})

    def assert_time(self, text, stored):
        """Always with six digits and the offset, so that it sorts and is read without guessing."""
        self.assertRegex(text, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00:00$")
        self.assertEqual(text, stored + "+00:00")

    def test_an_empty_database_gives_headers_only(self):
        self.engine.migrate()
        self.assertEqual(self.export(), {"dagrun": [], "taskinstance": [], "taskfail": [],
                                         "attempt": [], "dagtask": []})

    def test_without_a_database_nothing_is_written(self):
        done = self.engine.run("export", "--to", str(self.engine.root / "out"))
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1))
        self.assertFalse((self.engine.root / "out").exists())
        self.assertFalse(self.engine.database.exists())


class ExportToS3Test(EngineTest):

    @classmethod
    def setUpClass(cls):
        cls.server = S3Server()
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        super().setUp()
        self.server.arrange()
        self.engine.environment = {name: value for name, value in self.engine.environment.items()
                                   if not name.startswith("AWS_")}
        self.engine.environment.update(CREDENTIALS, HOME=str(self.engine.root))
        self.engine.migrate()
        # A test's keys are below a prefix of its own.
        self.prefix = self.id().rpartition(".")[2]

    def export(self, *options, bucket="lab"):
        """Runs `beeflow export` into the test's prefix of the bucket."""
        return self.engine.run("export", "--to", f"s3://{bucket}/{self.prefix}", "--endpoint-url",
                               self.server.url, *options)

    def stored(self):
        """The tables below the test's prefix."""
        return [Path(key).stem for key in self.server.keys() if key.startswith(self.prefix + "/")]

    def test_the_same_files_as_in_a_folder(self):
        self.engine.write_dag("exported", 'BashOperator(task_id="good", bash_command="true")')
        self.engine.start()
        self.engine.complete("exported")
        done = self.export("--system", "mwaa")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        keys = [line.removeprefix("s3://lab/") for line in done.stdout.splitlines()]
        self.assertEqual([Path(key).stem for key in keys], TABLES)
        self.engine.cli("export", "--to", str(self.engine.root / "out"))
        for key in keys:
            self.assertRegex(key, rf"^{self.prefix}/mwaa/export/(\w+)/dt=[\d_-]+/\1\.csv$")
            local, = (self.engine.root / "out").rglob(Path(key).name)
            self.assertEqual(self.server.read(key), local.read_bytes())

    def test_a_profile_gives_credentials_and_endpoint(self):
        for name in CREDENTIALS:
            del self.engine.environment[name]
        folder = self.engine.root / ".aws"
        folder.mkdir()
        (folder / "credentials").write_text(
            "[lab]\naws_access_key_id = AKIATEST\naws_secret_access_key = secret/with+signs=\n",
            encoding="utf-8")
        (folder / "config").write_text(
            f"[profile lab]\nregion = us-east-1\nendpoint_url = {self.server.url}\n",
            encoding="utf-8")
        self.engine.environment["AWS_PROFILE"] = "lab"
        self.engine.cli("export", "--to", f"s3://lab/{self.prefix}")
        self.assertEqual(sorted(self.stored()), sorted(TABLES))
        del self.engine.environment["AWS_PROFILE"]
        done = self.engine.run("export", "--to", "s3://lab/other")
        self.assertEqual(done.returncode, 1)
        self.assertIn("set AWS_ACCESS_KEY_ID", done.stderr)

    def test_a_failure_keeps_what_was_stored(self):
        # The second table fails for good; the first is there, and is told.
        self.server.arrange("pass", 503, 503, 503, 503, 503)
        done = self.export()
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (1, 1))
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertRegex(done.stderr, r"s3://lab/.*/taskinstance\.csv: .*SlowDown")
        self.assertEqual(self.stored(), ["dagrun"])

    def test_passing_faults_are_overcome(self):
        self.server.arrange(503, "cut", "pass", "cut-after")
        self.assertEqual(self.export().returncode, 0)
        self.assertEqual(sorted(self.stored()), sorted(TABLES))

    def test_refusals_say_what_to_do(self):
        self.assertIn("there is no bucket 'nowhere'", self.export(bucket="nowhere").stderr)
        self.assertIn("need s3:PutObject", self.export(bucket="forbidden").stderr)
        self.assertIn("set AWS_REGION=eu-west-1", self.export(bucket="far").stderr)
        self.assertIn("region us-east-1, not in eu-west-3 (--region)",
                      self.export("--region", "eu-west-3").stderr)
        self.engine.environment["AWS_SECRET_ACCESS_KEY"] = "not-the-one"
        done = self.export()
        self.assertIn("does not accept the credentials of AWS_ACCESS_KEY_ID", done.stderr)
        self.assertNotIn("not-the-one", done.stderr)
        self.assertEqual(self.stored(), [])

    def test_no_temporary_file_is_left(self):
        scratch = self.engine.root / "tmp"
        scratch.mkdir()
        self.engine.environment["TMPDIR"] = str(scratch)
        self.assertEqual(self.export().returncode, 0)
        self.assertEqual(self.export(bucket="forbidden").returncode, 1)
        self.assertEqual(os.listdir(scratch), [])


if __name__ == "__main__":
    unittest.main()
