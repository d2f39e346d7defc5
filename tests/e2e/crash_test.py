"""Crash safety: the server is killed again and again while runs go on; nothing is lost or doubled.

The tasks themselves keep the book: each appends a line when it begins and when it ends, so that
what happened is seen from outside and not through the engine's own records. The moments come from a
seed (BEEFLOW_CRASH_SEED), which a failure prints with the engine's state.
"""

import collections
import os
import random
import signal
import time
import unittest

from engine import EngineTest, wait_for

RUNS = 100
RUNS_WITH_LOST_WORKERS = 25
TASKS = 40
SEED = int(os.environ.get("BEEFLOW_CRASH_SEED", "1"))
# The server lives for a random time in this range before it is killed. A run takes about as long,
# so that starts, ends, commits and the server's own start are all hit.
LIFE_SECONDS = (0.02, 0.9)

# Four layers of ten: enough to have many tasks begin, run and end at any moment. Some run long
# enough to be caught alive by a kill. While a task or anything that it started lives, it holds its
# lock: a second attempt at the same time would find it taken.
DAG = """
previous = None
for layer in range(4):
    barrier = EmptyOperator(task_id=f"barrier_{layer}") if previous else None
    if barrier:
        previous >> barrier
    previous = []
    for i in range(10):
        work = "sleep 0.05" if i == 9 else "true"
        task_ = BashOperator(
            task_id=f"t_{layer}_{i}", retries=50, retry_delay=timedelta(seconds=0),
            bash_command=f'me="$AIRFLOW_CTX_DAG_RUN_ID $AIRFLOW_CTX_TASK_ID $$"; '
                         f'exec 9> "{SCRATCH}/lock $AIRFLOW_CTX_DAG_RUN_ID.{layer}.{i}"; '
                         f'flock -n 9 || echo "overlap $me" >> {SCRATCH}/book; '
                         f'echo "begin $me" >> {SCRATCH}/book && {work} && '
                         f'echo "end $me" >> {SCRATCH}/book')
        if barrier:
            barrier >> task_
        previous.append(task_)
"""


class CrashTest(EngineTest):
    SETTINGS = {"core.parallelism": "64", "worker.keep_alive_seconds": "5"}

    def test_no_task_is_lost_or_repeated_when_the_server_is_killed(self):
        kills = self.run_under_fire(RUNS, self.kill_server)
        self.assertGreaterEqual(kills, 10)
        self.check_database(RUNS)
        for key, happened in self.read_book().items():
            self.assertEqual([word for word, _ in happened], ["begin", "end"], (key, happened))
        self.assertEqual(self.second_tries(), [])

    def test_no_task_is_lost_when_the_worker_is_killed_too(self):
        kills = self.run_under_fire(RUNS_WITH_LOST_WORKERS, self.kill_both)
        self.assertGreaterEqual(kills, 3)
        self.check_database(RUNS_WITH_LOST_WORKERS)
        # Here a task may have run more than once, but never twice at a time, and to its end.
        for key, happened in self.read_book().items():
            self.assertEqual(happened[-1][0], "end", (key, happened))
            for (word, pid), (next_word, next_pid) in zip(happened, happened[1:]):
                if next_word == "end":
                    self.assertEqual((word, pid), ("begin", next_pid), (key, happened))

    def run_under_fire(self, runs, kill):
        """Carries out runs while `kill` is called at random moments; returns how often it was."""
        print(f"seed {SEED}", flush=True)
        self.random = random.Random(SEED)
        engine = self.engine
        engine.start()
        engine.write_dag("crash", DAG, max_active_runs=2, max_active_tasks=64)
        engine.wait_dag("crash")
        for number in range(runs):
            engine.edit("INSERT INTO dag_run (dag_id, run_id, execution_date) VALUES "
                        "('crash', ?, datetime('2024-01-01', ?) || '.000000')",
                        f"r{number:03}", f"+{number} minutes")
        kills = 0
        while not self.all_ended():
            # Whatever happens in the meantime, the time of the kill is set.
            moment = time.monotonic() + self.random.uniform(*LIFE_SECONDS)
            wait_for(lambda: time.monotonic() >= moment or self.all_ended(), "the moment")
            kill()
            kills += 1
            engine.start()
        print(f"{kills} kills", flush=True)
        return kills

    def kill_server(self):
        self.engine.kill()

    def kill_both(self):
        """The server, and the worker or its guard, in either order."""
        workers = self.engine.workers()
        if first := self.random.random() < 0.5:
            self.engine.kill()
        if workers:
            try:
                os.kill(self.random.choice(workers), signal.SIGKILL)
            except ProcessLookupError:
                pass  # it was on its way out
        if not first:
            self.engine.kill()

    def all_ended(self):
        return not self.engine.value(
            "SELECT 1 FROM dag_run WHERE state IN ('queued', 'running') LIMIT 1")

    def check_database(self, runs):
        engine = self.engine
        self.assertEqual(engine.rows("SELECT state, count(*) AS n FROM dag_run GROUP BY state"),
                         [{"state": "success", "n": runs}])
        self.assertEqual(
            engine.rows("SELECT state, count(*) AS n FROM task_instance GROUP BY state"),
            [{"state": "success", "n": runs * (TASKS + 3)}])
        self.assertEqual(engine.value("PRAGMA integrity_check"), "ok")
        self.assertEqual(engine.stop(), 0)
        self.assertIn("is fine", engine.cli("db", "check"))

    def second_tries(self):
        """What was tried more than once, and what the engine said of it."""
        return self.engine.rows(
            "SELECT t.run_id, t.task_id, try_number, l.event, l.extra FROM task_instance t "
            "LEFT JOIN log l USING (dag_id, run_id, task_id) WHERE try_number > 1")

    def read_book(self):
        """What each task wrote, in order: {(run, task): [(word, pid), ...]}; all tasks are in."""
        events = collections.defaultdict(list)
        for line in (self.engine.scratch / "book").read_text(encoding="ascii").splitlines():
            word, run_id, task_id, pid = line.split()
            events[run_id, task_id].append((word, pid))
            self.assertNotEqual(word, "overlap", line)
        self.assertEqual(set(events), {
            (row["run_id"], row["task_id"]) for row in self.engine.rows(
                "SELECT run_id, task_id FROM task_instance WHERE operator = 'BashOperator'")})
        return events


if __name__ == "__main__":
    unittest.main()
