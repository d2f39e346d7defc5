"""`beeflow lab run` with real engines: what it records, how it goes on, what it leaves behind."""

import os
import signal
import unittest

from engine import DEADLINE_SECONDS, Code, wait_for
from lab import Lab, controller
from s3_server import CREDENTIALS, S3Server

PARALLEL = """
first = BashOperator(task_id="first", bash_command="true")
for i in range(3):
    first >> BashOperator(task_id=f"t{i}", bash_command='echo "{{ run_id }}"; sleep 0.2')
"""


class LabRunTest(unittest.TestCase):

    maxDiff = None

    def setUp(self):
        self.lab = Lab()
        self.addCleanup(self.lab.close)

    def run_lab(self, path, *options):
        done = self.lab.run(path, *options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done

    def test_a_warm_and_a_cold_experiment(self):
        self.lab.write_dag("par", PARALLEL, schedule="* * * * *")
        path = self.lab.write([
            self.lab.experiment("three_additional:warm", ["par"], runs=3, period_seconds=0.5),
            self.lab.experiment("three_additional:cold", ["par"], runs=2, period_seconds=0,
                                start="cold", pool_slots=2)])
        done = self.run_lab(path)
        self.assertIn("serverless_three_additional:warm", done.stdout)
        self.assertIn("3 runs in ", done.stdout)

        warm = "serverless_three_additional:warm"
        runs = self.lab.table(warm, "dagrun")
        # The warm-up is not among them, nor what the schedule would have made.
        self.assertEqual([(run["dag_id"], run["state"], run["run_id"][-3:]) for run in runs],
                         [("par", "success", f"__{n}") for n in (1, 2, 3)])
        self.assertEqual(len(self.lab.table(warm, "taskinstance")), 12)
        self.assertEqual({row["upstream_task_ids"] for row in self.lab.table(warm, "dagtask")},
                         {"", "first"})
        attempts = self.lab.table(warm, "attempt")
        self.assertNotIn("cold", {row["start_type"] for row in attempts
                                  if row["run_id"].endswith("__3")})
        record = self.lab.record(warm)
        self.assertEqual(record["system"], warm)
        self.assertEqual(len(record["runs"]), 3)
        self.assertEqual(record["experiment"]["runs"], 3)
        self.assertGreater(record["machine"]["cores"], 0)
        self.assertIn("Beeflow", record["system_version"])

        cold = self.lab.table("serverless_three_additional:cold", "attempt")
        self.assertEqual({row["run_id"][-3:] for row in cold if row["start_type"] == "cold"},
                         {"__0", "__1"})
        self.lab.assert_clean(self)

    def test_by_the_schedule_for_a_time(self):
        self.lab.write_dag("often", "BashOperator(task_id='t', bash_command='true')",
                           schedule=Code("timedelta(seconds=1)"))
        path = self.lab.write([self.lab.experiment("cron", ["often"],
                                                   metrics_collection_time_seconds=4)])
        self.run_lab(path)
        runs = self.lab.table("serverless_cron", "dagrun")
        self.assertGreaterEqual(len(runs), 2)
        self.assertEqual({run["run_type"] for run in runs}, {"scheduled"})

    def test_the_pool_executor(self):
        self.lab.write_dag("par", PARALLEL)
        path = self.lab.write(
            [self.lab.experiment("cold", ["par"], runs=2, period_seconds=0, start="cold")],
            [controller("mwaa", "small", min_workers=1, max_workers=1, tasks_per_worker=1,
                        time_scale=0.1)])
        self.run_lab(path)
        tasks = [row for row in self.lab.table("small_cold", "taskinstance")
                 if row["run_id"].endswith("__1") and row["task_id"] != "first"]
        spans = sorted((row["start_date"], row["end_date"]) for row in tasks)
        for before, after in zip(spans, spans[1:]):
            self.assertLessEqual(before[1], after[0])  # one worker, one slot
        self.lab.assert_clean(self)

    def test_a_failing_experiment_does_not_stop_the_rest(self):
        self.lab.write_dag("good", "BashOperator(task_id='t', bash_command='true')")
        broken = self.lab.root / "broken"
        broken.mkdir()
        (broken / "bad.py").write_text("# DAG of airflow\nno_such_name\n", encoding="utf-8")
        path = self.lab.write([
            self.lab.experiment("import-error", ["bad"], runs=1, period_seconds=0) |
            {"dags_local_path": str(broken)},
            self.lab.experiment("missing", ["nowhere"], runs=1, period_seconds=0),
            self.lab.experiment("good", ["good"], runs=1, period_seconds=0)],
            [controller("serverless", dags_timeout_seconds=3)])
        done = self.lab.run(path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the DAG file bad.py cannot be imported: NameError: name 'no_such_name'",
                      done.stdout)
        self.assertIn(f"DAG nowhere not there 3 s after {self.lab.engine.dags} was published",
                      done.stdout)
        self.assertIn("2 of 3 failed", done.stderr)
        self.assertEqual(len(self.lab.table("serverless_good", "dagrun")), 1)
        self.assertFalse((self.lab.out / "serverless_missing").exists())
        self.lab.assert_clean(self)

    def test_runs_that_fail_are_recorded(self):
        self.lab.write_dag("bad", "BashOperator(task_id='t', bash_command='exit 1')")
        path = self.lab.write([self.lab.experiment("bad", ["bad"], runs=1, period_seconds=0,
                                                   start="cold")])
        self.assertIn("1 run (1 failed)", self.run_lab(path).stdout)
        self.assertEqual(len(self.lab.table("serverless_bad", "taskfail")), 1)

    def test_after_an_interruption_it_goes_on(self):
        self.lab.write_dag("short", "BashOperator(task_id='t', bash_command='true')")
        gate = self.lab.engine.gate("gate")
        self.lab.write_dag("long", f"BashOperator(task_id='t', bash_command={gate!r})")
        path = self.lab.write([
            self.lab.experiment("short", ["short"], runs=1, period_seconds=0),
            self.lab.experiment("long", ["long"], runs=1, period_seconds=0, start="cold")])
        running = self.lab.start(path)
        wait_for(lambda: (self.lab.out / "serverless_short" / "experiment.json").exists(),
                 "the first experiment")
        wait_for(lambda: any("/bin/sh" in command or "bash" in command
                             for command in self.lab.orphans().values()), "the task to run")
        before = (self.lab.out / "serverless_short" / "experiment.json").read_bytes()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=DEADLINE_SECONDS)
        self.assertEqual(running.returncode, 1, out + err)
        self.assertIn("interrupted; 1 of 2 are done", err)
        self.lab.assert_clean(self)

        self.lab.engine.open_gate("gate")
        done = self.run_lab(path)
        self.assertIn("skipped, its results are there", done.stdout)
        self.assertEqual(len(self.lab.table("serverless_long", "dagrun")), 1)
        self.assertEqual((self.lab.out / "serverless_short" / "experiment.json").read_bytes(),
                         before)
        self.lab.assert_clean(self)

    def test_killed_it_leaves_no_process(self):
        gate = self.lab.engine.gate("gate")
        self.lab.write_dag("long", f"BashOperator(task_id='t', bash_command={gate!r})")
        path = self.lab.write([self.lab.experiment("long", ["long"], runs=1, period_seconds=0)])
        running = self.lab.start(path)
        wait_for(lambda: any("bash" in command for command in self.lab.orphans().values()),
                 "the task to run")
        running.kill()
        running.communicate(timeout=DEADLINE_SECONDS)
        wait_for(lambda: not self.lab.orphans(), "the engine and its task to end")

    def test_an_engine_that_dies_is_told(self):
        gate = self.lab.engine.gate("gate")
        self.lab.write_dag("long", f"BashOperator(task_id='t', bash_command={gate!r})")
        path = self.lab.write([self.lab.experiment("long", ["long"], runs=1, period_seconds=0)])
        running = self.lab.start(path)

        def server():
            return next((pid for pid, command in self.lab.orphans().items()
                         if " standalone " in command), None)
        wait_for(lambda: any("bash" in command for command in self.lab.orphans().values()),
                 "the task to run")
        os.kill(server(), signal.SIGKILL)
        out, err = running.communicate(timeout=DEADLINE_SECONDS)
        self.assertEqual(running.returncode, 1)
        self.assertIn("serverless: the engine has ended: signal 9 (Killed)", out + err)
        self.lab.assert_clean(self)

    def test_results_of_another_definition_are_kept(self):
        self.lab.write_dag("good", "BashOperator(task_id='t', bash_command='true')")
        path = self.lab.write([self.lab.experiment("x", ["good"], runs=1, period_seconds=0)])
        self.run_lab(path)
        before = self.lab.table("serverless_x", "dagrun")
        self.lab.write([self.lab.experiment("x", ["good"], runs=2, period_seconds=0)])
        done = self.lab.run(path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("has results of an experiment that was defined otherwise", done.stderr)
        self.assertEqual(self.lab.table("serverless_x", "dagrun"), before)
        self.run_lab(path, "--again")
        self.assertEqual(len(self.lab.table("serverless_x", "dagrun")), 2)

    def test_what_cannot_be_begun(self):
        good = self.lab.write([self.lab.experiment("x", ["d"], runs=1, period_seconds=0)])
        unreadable = self.lab.root / "unreadable.json"
        unreadable.write_text('{\n "controllers": [\n', encoding="utf-8")
        unknown = self.lab.write([self.lab.experiment("x", ["d"], runs=1, period_seconds=0)],
                                 [controller("lambda")], "unknown.json")
        missing = self.lab.write([self.lab.experiment("x", ["d"], runs=1, period_seconds=0) |
                                  {"dags_local_path": "no/such"}], name="missing.json")
        for path, options, message in (
                (unreadable, [], "unreadable.json:3:1: not valid JSON"),
                (unknown, [], "controllers[0].controller_type: \"lambda\" is not known; it is one "
                              "of serverless, mwaa, airflow"),
                (missing, [], f"there is no file or folder {self.lab.root}/no/such"),
                (self.lab.root / "none.json", [], "there is no such file"),
                ("warm-paralel", [], "there are alibaba, autoscaling, chain, "),
                (good, ["--experiment", "y"], "--experiment: the file has no 'y'; it has x"),
                (good, ["--quick"], "has no quick variant")):
            with self.subTest(path=path, options=options):
                done = self.lab.run(path, *options)
                self.assertEqual(done.returncode, 1)
                self.assertIn(message, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1)
        done = self.lab.engine.run("lab", "run", str(good))
        self.assertEqual(done.returncode, 1)
        self.assertIn("Give --out DIR, or core.export_to in the file", done.stderr)
        self.assertFalse(self.lab.out.exists())


class LabBucketTest(unittest.TestCase):
    """Results in a bucket."""

    @classmethod
    def setUpClass(cls):
        cls.server = S3Server()
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        self.lab = Lab()
        self.addCleanup(self.lab.close)
        self.lab.engine.environment.update(CREDENTIALS, HOME=str(self.lab.root))
        self.lab.write_dag("good", "BashOperator(task_id='t', bash_command='true')")

    def run_into(self, bucket, path):
        self.lab.out = f"s3://{bucket}/results"
        return self.lab.run(path, "--endpoint-url", self.server.url)

    def test_results_are_stored_and_found_again(self):
        path = self.lab.write([self.lab.experiment("a:b", ["good"], runs=1, period_seconds=0)])
        done = self.run_into("lab", path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("s3://lab/results/serverless_a:b", done.stdout)
        keys = self.server.keys()
        self.assertIn("results/serverless_a:b/experiment.json", keys)
        self.assertEqual(len([key for key in keys if "/export/" in key]), 5)
        self.assertIn("skipped, its results are there", self.run_into("lab", path).stdout)
        self.assertEqual(self.server.keys(), keys)

    def test_a_bucket_that_refuses_is_told_before_anything_begins(self):
        path = self.lab.write([self.lab.experiment("x", ["good"], runs=1, period_seconds=0)])
        for bucket in ("nowhere", "forbidden"):
            with self.subTest(bucket):
                done = self.run_into(bucket, path)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(f"s3://{bucket}", done.stderr)
        self.lab.assert_clean(self)


if __name__ == "__main__":
    unittest.main()
