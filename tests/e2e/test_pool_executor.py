"""The model of managed Airflow: workers that are always there, or take their time to appear."""

import unittest

from engine import EngineTest

# A minute of the modelled system passes in 60 ms.
SCALE = 0.001


class PoolExecutorTest(EngineTest):

    def start(self, *options):
        self.engine.set({"pool_executor.time_scale": SCALE})
        self.engine.start("--system", "mwaa", *options)

    def overlap_max(self, dag_id):
        """Most task instances that ran at the same moment."""
        rows = self.engine.rows("SELECT start_date, end_date FROM task_instance WHERE dag_id = ?",
                                dag_id)
        changes = sorted([(row["start_date"], 1) for row in rows] +
                         [(row["end_date"], -1) for row in rows])
        running = most = 0
        for _, change in changes:
            running += change
            most = max(most, running)
        return most

    def test_no_more_tasks_run_at_once_than_the_workers_have_slots(self):
        self.engine.write_dag("wide", """
            for i in range(12):
                BashOperator(task_id=f"t{i}", bash_command="true")
        """)
        self.start("--min-workers", "2", "--max-workers", "2", "--tasks-per-worker", "1")
        state, states = self.engine.complete("wide")
        self.assertEqual(state, "success", states)
        self.assertLessEqual(self.overlap_max("wide"), 2)

    def test_workers_are_added_for_the_backlog_and_go_when_it_is_done(self):
        # Each task waits for the other at a pipe, so both must run at once.
        pipe = self.engine.scratch / "pipe"
        self.engine.write_dag("pair", f"""
            BashOperator(task_id="writes", bash_command="echo met > {pipe}")
            BashOperator(task_id="reads", bash_command="cat {pipe}")
        """)
        self.engine.gate("pipe")
        self.start("--min-workers", "1", "--max-workers", "2", "--tasks-per-worker", "1")
        state, states = self.engine.complete("pair")
        self.assertEqual(state, "success", states)
        self.assertEqual(self.engine.xcom("pair", "r1", "reads"), "met")
        self.engine.wait_server_log("the pool executor has 2 workers")
        # Idle for the cool-down, the second one goes.
        self.engine.wait_server_log("the pool executor has 1 workers", times=2)

    def test_attempts_that_wait_for_a_worker_outlive_the_control_process(self):
        gate = self.engine.gate("go")
        self.engine.write_dag("waits", f"""
            for i in range(4):
                BashOperator(task_id=f"t{{i}}", bash_command={gate!r})
        """)
        options = ("--min-workers", "1", "--max-workers", "1", "--tasks-per-worker", "1")
        self.start(*options)
        self.engine.trigger("waits", "r1")
        self.engine.wait(lambda: "running" in self.engine.states("waits", "r1").values(),
                         "the first task to run")
        self.engine.kill()
        self.engine.open_gate("go")
        self.start(*options)
        self.assertEqual(self.engine.wait_run("waits", "r1"), "success")
        self.assertEqual(self.engine.rows("SELECT DISTINCT try_number FROM task_instance"),
                         [{"try_number": 1}])

    def test_a_fleet_that_cannot_be_is_refused(self):
        done = self.engine.run("standalone", "--system", "mwaa", "--min-workers", "3",
                               "--max-workers", "2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("max_workers is less than min_workers", done.stderr)
        done = self.engine.run("standalone", "--system", "celery")
        self.assertIn("'celery' is not one of serverless mwaa", done.stderr)


if __name__ == "__main__":
    unittest.main()
