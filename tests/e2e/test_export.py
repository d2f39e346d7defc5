"""`beeflow export`: CSV files in the layout, with the columns and the times of Airflow's tables."""

import csv
import datetime
import unittest
from pathlib import Path

from engine import EngineTest


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


if __name__ == "__main__":
    unittest.main()
