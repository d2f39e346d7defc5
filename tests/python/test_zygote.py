"""The zygote: real processes, forked, reported and taken along when the worker goes."""

from __future__ import annotations

import os
import signal
import time
import unittest

from harness import DEADLINE_SECONDS, ZygoteTest, make_attempt, wait_until_gone

DAG_FILE = """
    import os, subprocess, sys
    from airflow import DAG
    from airflow.operators.python import PythonOperator

    def hang():
        child = subprocess.Popen(["sleep", "1000"])
        print(child.pid, flush=True)
        child.wait()

    def leave_child():
        return subprocess.Popen(["sleep", "1000"]).pid

    def eat():
        return len([bytearray(8 << 20) for _ in range(100)])

    with DAG("d", schedule=None):
        PythonOperator(task_id="hang", python_callable=hang)
        PythonOperator(task_id="leave_child", python_callable=leave_child)
        PythonOperator(task_id="eat", python_callable=eat)
        PythonOperator(task_id="exit_hard", python_callable=os._exit, op_args=[7])
        PythonOperator(
            task_id="renders", python_callable=lambda: "jinja2.sandbox" in sys.modules
        )
        PythonOperator(
            task_id="session", python_callable=lambda: [os.getsid(0), os.getpgrp()]
        )
        PythonOperator(
            task_id="descriptors", python_callable=lambda: len(os.listdir("/proc/self/fd"))
        )
        PythonOperator(
            task_id="spawned_descriptors",
            python_callable=lambda: subprocess.check_call(["ls", "/proc/self/fd"]),
        )
"""


class ReportTest(ZygoteTest):
    """What the zygote tells of itself and of its environments."""

    def test_ready_names_its_pid(self) -> None:
        self.assertEqual(self.ready["pid"], self.process.pid)
        self.assertGreater(self.ready["seconds"], 0)

    def test_end_is_reported_with_usage(self) -> None:
        environment = self.fork()
        environment.peer.close()
        exited = self.expect_exited(environment)
        self.assertEqual(os.waitstatus_to_exitcode(exited["status"]), 0)
        self.assertGreater(exited["max_rss_kb"], 0)
        self.assertGreaterEqual(exited["cpu_seconds"], 0)

    def test_hard_exit_of_a_task_is_reported_with_its_status(self) -> None:
        environment = self.fork()
        with open(os.devnull, "w") as null:
            attempt = make_attempt(self.write(DAG_FILE), "exit_hard")
            environment.peer.send({"op": "run", "attempt": attempt}, null.fileno())
        self.assertIsNone(environment.peer.receive())
        exited = self.expect_exited(environment)
        self.assertEqual(os.waitstatus_to_exitcode(exited["status"]), 7)

    def test_what_the_first_environment_does_not_need_is_loaded_later(self) -> None:
        attempt = make_attempt(self.write(DAG_FILE), "renders")
        deadline = time.monotonic() + DEADLINE_SECONDS
        loaded = False
        while not loaded and time.monotonic() < deadline:
            environment = self.fork()
            finished, _ = self.run_attempt(environment, attempt)
            loaded = finished["xcoms"]["return_value"]
            environment.peer.close()
            self.expect_exited(environment)
        self.assertTrue(loaded)

    def test_burst_of_requests(self) -> None:
        """Frames that arrive together each get the descriptor that came with them."""
        started = [self.start_fork() for _ in range(8)]
        environments = [self.finish_fork(*each) for each in started]
        for environment in environments:
            environment.peer.close()
            self.expect_exited(environment)


class IsolationTest(ZygoteTest):
    """What an environment is cut off from."""

    def setUp(self) -> None:
        super().setUp()
        self.environment = self.fork()
        self.file = self.write(DAG_FILE)

    def run_task(self, task_id: str):
        attempt = make_attempt(self.file, task_id)
        return self.run_attempt(self.environment, attempt)

    def test_environment_leads_its_own_session_and_group(self) -> None:
        finished, _ = self.run_task("session")
        self.assertEqual(finished["xcoms"]["return_value"], [self.environment.pid] * 2)

    def test_environment_inherits_nothing_but_its_socket(self) -> None:
        finished, _ = self.run_task("descriptors")
        # Standard streams, the socket, the two saved streams, and that of the listing itself.
        self.assertEqual(finished["xcoms"]["return_value"], 7)

    def test_child_of_a_task_inherits_the_standard_streams_only(self) -> None:
        _, log = self.run_task("spawned_descriptors")
        listed = [line for line in log.splitlines() if line.isdigit()]
        self.assertEqual(listed, ["0", "1", "2", "3"])  # 3: of the listing itself

    def test_memory_limit_fails_the_task_but_not_the_environment(self) -> None:
        self.environment = self.fork(memory_mb=256)
        finished, log = self.run_task("eat")
        self.assertEqual(finished["state"], "failed")
        self.assertIn("limit of 256 MB, memory_mb", finished["reason"])
        self.assertIn("MemoryError", log)
        self.assertEqual(self.run_task("session")[0]["state"], "success")

    def test_children_of_a_task_end_with_the_environment(self) -> None:
        finished, _ = self.run_task("leave_child")
        self.environment.peer.close()
        self.expect_exited(self.environment)
        wait_until_gone(finished["xcoms"]["return_value"])


class HangingTaskTest(ZygoteTest):
    """Base of the tests in which a task hangs while its zygote ends."""

    def start_hanging_task(self) -> tuple[int, int]:
        """Return the pids of the environment and of the child of its task."""
        environment = self.fork()
        reader, writer = os.pipe()
        with os.fdopen(reader) as log:
            attempt = make_attempt(self.write(DAG_FILE), "hang")
            environment.peer.send({"op": "run", "attempt": attempt}, writer)
            os.close(writer)
            return environment.pid, int(log.readline())


class WorkerEndTest(HangingTaskTest):
    def test_everything_ends_with_the_worker(self) -> None:
        task_pid, child_pid = self.start_hanging_task()
        self.zygote.close()
        self.assertEqual(self.process.wait(30), 0)
        wait_until_gone(task_pid)
        wait_until_gone(child_pid)


class ZygoteEndTest(HangingTaskTest):
    def test_environments_end_with_a_killed_zygote(self) -> None:
        task_pid, child_pid = self.start_hanging_task()
        self.addCleanup(os.kill, child_pid, signal.SIGKILL)
        self.process.kill()
        wait_until_gone(task_pid)


if __name__ == "__main__":
    unittest.main()
