"""One part at a time dies or runs out of something. What it was doing fails or is tried again, with
a reason that people understand; everything else goes on. test_restarts.py kills the server and the
worker."""

import os
import signal
import subprocess
import tempfile
import unittest
from contextlib import contextmanager
from pathlib import Path

from engine import EngineTest, wait_for


class DeathTest(EngineTest):

    def setUp(self):
        super().setUp()
        self.engine.start()

    def reason(self, task_id):
        """Why the attempt failed, as the audit log has it."""
        return self.engine.value("SELECT extra FROM log WHERE task_id = ? AND event = 'failed'",
                                 task_id)

    def start_run(self):
        """Two Python tasks and a Bash task that wait at a gate; returns their pids."""
        gate = self.engine.gate("go")
        self.engine.write_dag("hit", f"""
            def wait():
                open({str(self.engine.scratch / "go")!r}).close()

            for name in ("one", "two"):
                PythonOperator(task_id=name, python_callable=wait)
            BashOperator(task_id="bash", bash_command={gate!r})
        """)
        self.engine.trigger("hit", "r1")
        return {name: self.engine.wait_task("hit", "r1", name, "running")["pid"]
                for name in ("one", "two", "bash")}

    def test_a_killed_environment_takes_its_own_attempt_along_and_no_other(self):
        pids = self.start_run()
        os.kill(pids["one"], signal.SIGKILL)
        self.engine.wait_task("hit", "r1", "one", "failed")
        self.assertIn("signal 9", self.reason("one"))
        self.engine.open_gate("go")
        self.assertEqual(self.engine.wait_run("hit", "r1"), "failed")
        self.assertEqual(self.engine.states("hit", "r1"),
                         {"one": "failed", "two": "success", "bash": "success"})

    def test_a_killed_zygote_is_replaced_and_the_attempts_of_its_environments_fail(self):
        self.start_run()
        zygotes = [pid for pid, command in self.engine.processes().items()
                   if "beeflow_worker.zygote" in command]
        os.kill(min(zygotes), signal.SIGKILL)  # the parent of its environments
        for name in ("one", "two"):
            self.engine.wait_task("hit", "r1", name, "failed")
            self.assertIn("zygote", self.reason(name))
        self.engine.open_gate("go")
        self.engine.wait_task("hit", "r1", "bash", "success")
        state, states = self.engine.complete("hit", "r2")
        self.assertEqual(state, "success", states)

    def test_a_killed_child_of_a_task_is_the_task_s_own_affair(self):
        self.engine.write_dag("parent", """
            BashOperator(task_id="t", cwd=SCRATCH, bash_command=(
                "sleep 1000 & echo $! > child; mv child pid; wait $!; echo child ended with $?"))
        """)
        self.engine.trigger("parent", "r1")
        told = self.engine.scratch / "pid"
        wait_for(told.exists, "the task to start its child", self.engine)
        os.kill(int(told.read_text()), signal.SIGKILL)
        self.assertEqual(self.engine.wait_run("parent", "r1"), "success")
        self.assertEqual(self.engine.xcom("parent", "r1", "t"), "child ended with 137")


class ShortageTest(EngineTest):

    @contextmanager
    def small_log_volume(self):
        """A volume of a few kB for the logs. It takes the rights of an administrator."""
        self.engine.logs.mkdir()
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none",
                                str(self.engine.logs)], capture_output=True, check=False)
        if mount.returncode != 0:
            self.skipTest("a full volume needs the right to mount one")
        try:
            yield
        finally:
            subprocess.run(["umount", "--lazy", str(self.engine.logs)], check=True)

    def test_a_full_log_volume_costs_the_log_and_not_the_task(self):
        with self.small_log_volume():
            self.engine.write_dag("talks", """
                bash = BashOperator(task_id="bash", bash_command="yes | head -c 100000; echo end")

                @task
                def python():
                    for i in range(10000):
                        print("line", i)
                    return "end"

                bash >> python() >> BashOperator(task_id="last", bash_command="echo end")
            """)
            self.engine.start()
            state, states = self.engine.complete("talks")
            self.assertEqual(state, "success", states)
            for name in ("bash", "python", "last"):
                self.assertEqual(self.engine.xcom("talks", "r1", name), "end")

    @contextmanager
    def process_limit(self, room):
        """Lets the engine's processes start only so many more. It takes control groups."""
        groups = [path for path in (Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup"))
                  if (path / "cgroup.procs").exists()]
        try:
            group = Path(tempfile.mkdtemp(prefix="beeflow-test-", dir=groups[0]))
            (group / "pids.max").write_text("max")
        except (IndexError, OSError):
            self.skipTest("a full process table needs the right to make a control group")
        try:
            for pid in self.engine.processes():
                (group / "cgroup.procs").write_text(str(pid))
            now = int((group / "pids.current").read_text())
            (group / "pids.max").write_text(str(now + room))
            yield lambda: (group / "pids.max").write_text("max")
        finally:
            self.engine.close()
            wait_for(lambda: not (group / "cgroup.procs").read_text(), "the group to empty")
            group.rmdir()

    def test_a_full_process_table_fails_or_retries_what_cannot_start(self):
        self.engine.write_dag("first", "BashOperator(task_id='t', bash_command='true')")
        self.engine.write_dag("many", """
            for i in range(8):
                BashOperator(task_id=f"t{i}", retries=1000, retry_delay=timedelta(seconds=0.05),
                             bash_command="true")
        """)
        self.engine.start()
        self.engine.complete("first")  # the worker is there
        with self.process_limit(room=0) as lift:
            self.engine.trigger("many", "r1")
            self.engine.wait(lambda: self.engine.value(
                "SELECT 1 FROM log WHERE dag_id = 'many' AND "
                "extra LIKE '%temporarily unavailable%'"),
                "the reason of a failed start")
            lift()
            self.assertEqual(self.engine.wait_run("many", "r1"), "success")


class BacklogTest(EngineTest):

    ATTEMPTS = 10_000
    SETTINGS = {
        "core.parallelism": 2 * ATTEMPTS,
        "core.default_pool_task_slot_count": 2 * ATTEMPTS,
        "core.max_active_tasks_per_dag": 2 * ATTEMPTS,
        "core.max_map_length": ATTEMPTS,
        "worker.max_concurrency": 4,
    }

    def test_ten_thousand_queued_attempts_outlive_a_killed_server(self):
        gate = self.engine.gate("go")
        self.engine.write_dag("backlog", f"""
            BashOperator.partial(task_id="t").expand(bash_command=[{gate!r}] * {self.ATTEMPTS})
        """)
        self.engine.start()
        self.engine.trigger("backlog", "r1")
        self.engine.wait(lambda: self.engine.value(
            "SELECT count(*) FROM task_instance WHERE state IN ('queued', 'running')") ==
            self.ATTEMPTS, "all to be queued")
        self.engine.kill()
        self.engine.open_gate("go")
        self.engine.start()
        self.assertEqual(self.engine.wait_run("backlog", "r1"), "success")
        self.assertEqual(self.engine.rows("SELECT state, try_number, count(*) AS n FROM "
                                          "task_instance GROUP BY 1, 2"),
                         [{"state": "success", "try_number": 1, "n": self.ATTEMPTS}])


if __name__ == "__main__":
    unittest.main()
