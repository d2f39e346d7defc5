"""The server is stopped or killed, the worker is killed: what runs goes on or is tried again, and
nothing is left behind."""

import datetime
import os
import signal
import unittest

from engine import EngineTest, is_alive, wait_for


class ControlTest(EngineTest):

    def setUp(self):
        super().setUp()
        self.engine.start()

    def start_tasks(self):
        """A run with a Bash and a Python task that run until gate `go` opens, and one after
        each."""
        gate = self.engine.gate("go")
        self.engine.write_dag("lives", f"""
            def callable_(dag_run):
                print("before")
                open({str(self.engine.scratch / "go")!r}).close()
                print("after")
                return dag_run.run_id

            bash = BashOperator(task_id="bash", bash_command="echo before; {gate}; echo after")
            python = PythonOperator(task_id="python", python_callable=callable_)
            for first in (bash, python):
                first >> BashOperator(task_id="after_" + first.task_id, bash_command="true")
        """)
        self.engine.trigger("lives", "r1")
        return [self.engine.wait_task("lives", "r1", name, "running")
                for name in ("bash", "python")]

    def assert_all_went_well(self):
        self.assertEqual(self.engine.wait_run("lives", "r1"), "success")
        self.assertEqual(self.engine.xcom("lives", "r1", "bash"), "after")
        self.assertEqual(self.engine.xcom("lives", "r1", "python"), "r1")
        self.assertEqual(set(row["try_number"] for row in self.engine.rows(
            "SELECT try_number FROM task_instance")), {1})
        for name in ("bash", "python"):
            self.assertEqual(self.engine.log("lives", "r1", name).count("before"),
                             2 if name == "bash" else 1)  # the command line is logged, too

    def test_running_tasks_survive_a_stop_and_end_under_the_next_server(self):
        rows = self.start_tasks()
        self.assertEqual(self.engine.stop(), 0)
        for row in rows:
            self.assertTrue(is_alive(row["pid"]))
        self.engine.start()
        self.engine.open_gate("go")
        self.assert_all_went_well()

    def test_tasks_that_end_while_no_server_runs_are_recorded_with_their_own_times(self):
        rows = self.start_tasks()
        self.engine.kill()
        self.engine.open_gate("go")
        for name in ("bash", "python"):
            wait_for(lambda name=name: "ended: success" in self.engine.log("lives", "r1", name),
                     f"{name} to end", self.engine)
        self.assertEqual(self.engine.states("lives", "r1")["bash"], "running")
        # SQLite's clock shows milliseconds only, the rows microseconds.
        before_restart = datetime.datetime.now(datetime.timezone.utc).strftime(
            "%Y-%m-%d %H:%M:%S.%f")
        self.engine.start()
        self.assert_all_went_well()
        for row in rows:
            ended = self.engine.task("lives", "r1", row["task_id"])
            self.assertEqual(ended["start_date"], row["start_date"])
            self.assertLess(ended["end_date"], before_restart)

    def test_a_second_server_on_the_same_home_is_refused(self):
        done = self.engine.run("standalone")
        self.assertEqual(done.returncode, 1)
        self.assertIn("runs already", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_a_server_without_workers_of_its_own_demands_nats(self):
        done = self.engine.run("control")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--nats", done.stderr)

    def test_a_stop_is_quick_and_leaves_an_intact_database(self):
        self.start_tasks()
        self.assertEqual(self.engine.stop(), 0)
        self.assertIn("is fine", self.engine.cli("db", "check"))


class WorkerTest(EngineTest):
    SETTINGS = {"worker.cancel_grace_seconds": "0.5"}

    def setUp(self):
        super().setUp()
        self.engine.start()

    def kill_worker(self, which):
        """Kills the guard (0) or the worker itself (-1)."""
        os.kill(self.engine.workers()[which], signal.SIGKILL)

    def start_run(self):
        gate = self.engine.gate("never")
        self.engine.write_dag("hit", f"""
            def callable_():
                open({str(self.engine.scratch / "never")!r}).close()

            hold = f"echo x >> {{SCRATCH}}/tries; [ $(wc -l < {{SCRATCH}}/tries) -gt 1 ] || "
            BashOperator(task_id="retried", retries=1, retry_delay=timedelta(seconds=0.1),
                         bash_command=hold + "{gate}")
            BashOperator(task_id="bash", bash_command="{gate}")
            PythonOperator(task_id="python", python_callable=callable_)
        """)
        self.engine.trigger("hit", "r1")
        return [self.engine.wait_task("hit", "r1", name, "running")["pid"]
                for name in ("retried", "bash", "python")]

    def assert_failed_with_a_reason(self, pids):
        self.assertEqual(self.engine.wait_run("hit", "r1"), "failed")
        self.assertEqual(self.engine.states("hit", "r1"), {
            "retried": "success", "bash": "failed", "python": "failed"})
        self.assertEqual(self.engine.task("hit", "r1", "retried")["try_number"], 2)
        for pid in pids:
            self.engine.wait_gone(pid)
        for name in ("bash", "python"):
            reasons = [row["extra"] for row in self.engine.rows(
                "SELECT extra FROM log WHERE task_id = ? AND event = 'failed'", name)]
            self.assertEqual(len(reasons), 1, self.engine.rows("SELECT * FROM log"))
            self.assertIn("worker", reasons[0])
        self.engine.wait_no_process("never")

    def test_attempts_of_a_killed_worker_fail_or_are_retried_with_a_reason(self):
        pids = self.start_run()
        self.kill_worker(-1)
        self.assert_failed_with_a_reason(pids)

    def test_the_same_where_the_guard_is_killed(self):
        pids = self.start_run()
        self.kill_worker(0)
        self.assert_failed_with_a_reason(pids)

    def test_a_server_that_starts_without_its_worker_finds_out(self):
        pids = self.start_run()
        self.engine.kill()
        self.kill_worker(-1)
        for pid in pids:
            self.engine.wait_gone(pid)
        self.engine.start()
        self.assert_failed_with_a_reason(pids)

    def test_a_cleared_running_task_is_ended_and_runs_again(self):
        self.engine.write_dag("cleared", f"""
            BashOperator(task_id="t", retry_delay=timedelta(seconds=0.1), bash_command=(
                f"echo x >> {{SCRATCH}}/tries; [ $(wc -l < {{SCRATCH}}/tries) -gt 1 ] || "
                "{self.engine.gate('never')}"))
        """)
        self.engine.trigger("cleared", "r1")
        pid = self.engine.wait_task("cleared", "r1", "t", "running")["pid"]
        self.engine.cli("tasks", "clear", "cleared", "--yes")
        self.assertEqual(self.engine.wait_run("cleared", "r1"), "success")
        self.assertEqual(self.engine.task("cleared", "r1", "t")["try_number"], 2)
        self.engine.wait_gone(pid)


if __name__ == "__main__":
    unittest.main()
