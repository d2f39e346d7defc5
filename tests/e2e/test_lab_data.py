"""What the lab reads: exports in data frames, costs of a history, DAGs of the Alibaba trace."""

import datetime
import json
import os
import re
import subprocess
import unittest

from engine import REPOSITORY, EngineTest

try:
    import pandas
except ImportError:
    pandas = None

MEMORY_KB_MAX = 80 * 1024


def job_rows(name, seconds):
    """Rows of batch_task.csv: ten tasks, of which J3_1_2 depends on two."""
    tasks = ["M1", "M2", "J3_1_2"] + [f"R{i}_{i - 1}" for i in range(4, 10)] + ["task_Nzg4OA=="]
    return [f"{task},1,{name},1,Terminated,1000,{1000 + seconds},100.00,0.39" for task in tasks]


class LabDataTest(EngineTest):

    def run_something(self):
        self.engine.start()
        self.engine.write_dag("work", """
            first = BashOperator(task_id="first", bash_command="sleep 0.2")
            second = BashOperator(task_id="second", bash_command="true")
            first >> second
        """)
        self.engine.wait_dag("work")
        self.engine.cli("dags", "trigger", "work", "--run-id", "r1")
        self.assertEqual(self.engine.wait_run("work", "r1"), "success")

    def totals(self, *arguments):
        rows = json.loads(self.engine.cli("lab", "cost", "-o", "json", *arguments))
        return {row["option"]: float(row["usd_per_day"]) for row in rows
                if row["part"] == "total"}

    def test_published_costs_agree(self):
        rows = json.loads(self.engine.cli("lab", "cost", "--published", "-o", "json"))
        self.assertEqual(len(rows), 30)
        for row in rows:
            self.assertEqual(row["agrees"], "True", row)
            self.assertEqual(row["published_usd_per_day"], row["computed_usd_per_day"])

    def test_an_idle_week_costs_what_is_always_on(self):
        self.engine.migrate()
        totals = self.totals()
        self.assertEqual(totals["mwaa_small"], 11.76)
        self.assertEqual(totals["serverless_faas"], 6.04)
        self.assertEqual(totals["beeflow_server"], 0.55)

    def test_history_and_its_export_cost_the_same(self):
        self.run_something()
        self.engine.cli("export", "--to", "results")
        history = self.engine.cli("lab", "cost", "--days", "1", "--parts", "-o", "json")
        exported = self.engine.cli("lab", "cost", "results", "--parts", "-o", "json")
        history, exported = json.loads(history), json.loads(exported)
        self.assertEqual([row.pop("system") for row in exported], ["serverless"] * len(exported))
        self.assertEqual({row.pop("system") for row in history}, {"history"})
        self.assertEqual(history, exported)
        executor, = [row for row in history
                     if (row["option"], row["part"]) == ("serverless_faas", "executor")]
        self.assertEqual(executor["quantity_per_day"], "2")

    def test_what_cannot_be_read_is_told(self):
        done = self.engine.run("lab", "cost", "nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("nowhere: is no folder", done.stderr)
        bad = self.engine.root / "results" / "mwaa" / "export" / "dagrun" / "dagrun.csv"
        bad.parent.mkdir(parents=True)
        bad.write_text("dag_id,run_id,state,execution_date,start_date,end_date\n"
                       "d,r,success,2024-01-01,then,\n", encoding="utf-8")
        done = self.engine.run("lab", "cost", "results")
        self.assertEqual(done.returncode, 1)
        self.assertIn("dagrun.csv:2: column start_date: 'then' is not a time", done.stderr)

    @unittest.skipIf(pandas is None, "needs pandas")
    def test_the_documented_lines_of_pandas(self):
        self.run_something()
        self.engine.cli("export", "--to", "results")
        text = (REPOSITORY / "docs" / "lab-data.md").read_text(encoding="utf-8")
        code, = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        code += ("\nprint(runs.makespan[0])\n"
                 "print(tasks.set_index('task_id').wait.to_json())\n")
        done = subprocess.run(["/usr/bin/python3", "-c", code], cwd=self.engine.root, check=True,
                              capture_output=True, text=True)
        makespan, waits = done.stdout.splitlines()
        self.assertGreater(float(makespan), 0.2)
        tasks = {name: self.engine.task("work", "r1", name) for name in ("first", "second")}
        waits = json.loads(waits)
        self.assertEqual(sorted(waits), ["first", "second"])
        expected = (self.seconds(tasks["second"]["start_date"])
                    - self.seconds(tasks["first"]["end_date"]))
        self.assertAlmostEqual(waits["second"], expected, places=3)
        self.assertGreaterEqual(waits["first"], 0)

    def seconds(self, stored):
        return datetime.datetime.fromisoformat(stored).timestamp()

    def test_dags_of_the_alibaba_trace_run(self):
        rows = []
        for number in range(20):
            rows.extend(job_rows(f"j_{number}", 0))
        rows.extend(job_rows("j_small", 0)[:3])
        rows.insert(7, "broken,row")
        trace = self.engine.root / "batch_task.csv"
        trace.write_text("\n".join(rows) + "\n", encoding="utf-8")
        arguments = ("lab", "import-alibaba", str(trace), "--jobs", "2", "--seed", "5")
        done = self.engine.run(*arguments, "--to", str(self.engine.dags))
        self.assertEqual(done.returncode, 0, done.stderr)
        files = done.stdout.splitlines()
        self.assertEqual(len(files), 2)
        self.assertIn("read 204 rows, of which 1 are wrong", done.stderr)
        self.assertIn("batch_task.csv:8: has 2 cells", done.stderr)
        again = self.engine.cli(*arguments, "--to", str(self.engine.dags))
        self.assertEqual(again.splitlines(), files)
        self.engine.start()
        dag_id = os.path.basename(files[0]).removesuffix(".py")
        self.engine.wait_dag(dag_id)
        self.engine.cli("dags", "trigger", dag_id, "--run-id", "r1")
        self.assertEqual(self.engine.wait_run(dag_id, "r1"), "success")
        count = f"SELECT count(*) FROM task_instance WHERE dag_id = '{dag_id}' AND run_id = 'r1'"
        self.assertEqual(self.engine.value(count), 10)

    def test_no_jobs_in_another_table(self):
        other = self.engine.root / "other.csv"
        other.write_text("a,b\n1,2\n", encoding="utf-8")
        done = self.engine.run("lab", "import-alibaba", str(other), "--to", "dags")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is it batch_task.csv?", done.stderr)

    def test_a_long_trace_takes_bounded_memory(self):
        """More bytes than it may have memory, from a pipe: it has to be read in one go."""
        program = subprocess.Popen(
            [str(self.engine._program), "lab", "import-alibaba", "-", "--to", "dags"],
            env=self.engine.environment, cwd=self.engine.root, stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
        for start in range(0, 200_000, 100):
            for number in range(start, start + 100):
                program.stdin.write("\n".join(job_rows(f"job_of_the_trace_{number}", 5)) + "\n")
        program.stdin.close()
        _, status, usage = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(program.returncode, 0)
        self.assertLess(usage.ru_maxrss, MEMORY_KB_MAX)


if __name__ == "__main__":
    unittest.main()
