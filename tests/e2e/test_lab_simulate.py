"""`beeflow lab simulate`: days of DAGs on models of platforms, in seconds."""

import csv
import json
import unittest

from engine import EngineTest


class LabSimulateTest(EngineTest):

    def rows(self, *arguments):
        done = self.engine.run("lab", "simulate", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.messages = done.stderr
        return done.stdout

    def test_published_figures_are_met(self):
        cells = json.loads(self.rows("--published", "-o", "json"))
        self.assertEqual(len(cells), 77)
        self.assertEqual({cell["system"] for cell in cells}, {"mwaa-model", "sairflow-aws-model"})
        text = self.rows("--published")
        self.assertRegex(text, r"77 figures: the median deviation is \d\.\d % \(at most 5 %\)")

    def test_a_week_of_own_dags(self):
        self.engine.write_dag("hourly", """
            first = BashOperator(task_id="first", bash_command="sleep 60")
            second = PythonOperator(task_id="second", python_callable=print)
            first >> second
        """, schedule="0 * * * *", catchup=True)
        self.engine.write("broken.py", "from airflow import DAG\nraise ValueError('no')\n")
        out = self.engine.root / "out"
        text = self.rows("--dags", str(self.engine.dags), "--days", "7", "--system",
                         "mwaa,beeflow", "--start", "2023-03-01", "--out", str(out))
        self.assertRegex(text, r"mwaa-model +\| hourly +\| 168 +\| 7\d\.\d\d")
        self.assertRegex(text, r"beeflow-model +\| hourly +\| 168 +\| 70\.\d\d")
        self.assertIn("2 tasks: 0 from history, 1 from what their commands sleep, 1 guessed",
                      self.messages)
        self.assertIn("ValueError: no", self.messages)
        path, = (out / "mwaa-model" / "export" / "dagrun").glob("dt=*/dagrun.csv")
        with open(path, newline="", encoding="utf-8") as file:
            runs = list(csv.DictReader(file))
        self.assertEqual(len(runs), 168)
        self.assertTrue(runs[0]["start_date"].startswith("2023-03-01 00:00"))
        # What was exported serves as a history.
        row, = json.loads(self.rows("--dags", str(self.engine.dags), "--system", "beeflow",
                                    "--days", "1", "--start", "2023-03-01", "-o", "json",
                                    "--history", str(out / "mwaa-model")))
        self.assertEqual((row["dag_id"], row["runs"]), ("hourly", "24"))
        self.assertIn("2 tasks: 2 from history", self.messages)

    def test_an_experiment_file(self):
        self.engine.write_dag("two", """
            BashOperator(task_id="a", bash_command="sleep 10")
            BashOperator(task_id="b", bash_command="echo 1")
        """)
        path = self.engine.root / "experiment.json"
        path.write_text(json.dumps({
            "controllers": [
                {"controller_type": "serverless", "core": {"controller_id": "serverless"}},
                {"controller_type": "mwaa", "core": {"controller_id": "mwaa"}}],
            "experiments": [
                {"experiment_id": "short", "dags_local_path": str(self.engine.dags),
                 "dag_ids": ["two"], "runs": 3, "period_seconds": 60, "start": "warm"}]}))
        rows = json.loads(self.rows(str(path), "-o", "json"))
        self.assertEqual([(row["system"], row["runs"]) for row in rows],
                         [("serverless-beeflow-model_short", "3"),
                          ("serverless-sairflow-aws-model_short", "3"),
                          ("mwaa-model_short", "3")])

    def test_bad_input(self):
        for arguments, message in [
                ([], "name what to simulate"),
                (["--published", "--dags", "x"], "name what to simulate"),
                (["--dags", "/nowhere"], "/nowhere is neither a DAG file nor a folder"),
                (["--dags", str(self.engine.dags)], "has no DAG"),
                (["/nowhere.json"], "/nowhere.json")]:
            done = self.engine.run("lab", "simulate", *arguments)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn(message, done.stderr)
        self.engine.write_dag("one", 'EmptyOperator(task_id="a")')
        done = self.engine.run("lab", "simulate", "--dags", str(self.engine.dags),
                               "--system", "gcp")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no model of 'gcp'", done.stderr)


if __name__ == "__main__":
    unittest.main()
