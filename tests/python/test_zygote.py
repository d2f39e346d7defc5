"""The zygote: real processes, forked, reported and taken along when the worker goes."""

from __future__ import annotations

import os
import signal
import unittest

from harness import ZygoteTest, make_attempt, wait_until_gone

DAG_FILE = """
    import os, subprocess, sys
    from airflow import DAG
    from airflow.operators.python import PythonOperator

    def hang(ti):
        child = subprocess.Popen(["sleep", "1000"])
        print(child.pid, flush=True)
        child.wait()

    def leave_child():
        return subprocess.Popen(["sleep", "1000"], start_new_session=False).pid

    def eat():
        return len([bytearray(8 << 20) for _ in range(100)])

    with DAG("d", schedule=None):
        PythonOperator(task_id="hang", python_callable=hang)
        PythonOperator(task_id="leave_child", python_callable=leave_child)
        PythonOperator(task_id="eat", python_callable=eat)
        PythonOperator(task_id="exit_hard", python_callable=os._exit, op_args=[7])
        PythonOperator(
            task_id="descriptors",
            python_callable=lambda: sorted(int(fd) for fd in os.listdir("/proc/self/fd")),
        )
"""


class ZygoteProcessTest(ZygoteTest):
    def test_ready_names_its_pid(self) -> None:
        self.assertEqual(self.ready["pid"], self.process.pid)
        self.assertGreater(self.ready["seconds"], 0)

    def test_environment_leads_its_own_session_and_group(self) -> None:
        environment, pid = self.fork()
        # Once it answers, it has detached itself.
        environment.send({"op": "parse", "file": self.write(DAG_FILE), "timeout": 30})
        environment.expect("parsed")
        _, other = self.fork(name="e2")
        self.assertNotEqual(pid, other)

    def test_end_is_reported_with_usage(self) -> None:
        environment, pid = self.fork()
        environment.close()
        exited = self.zygote.expect("exited")
        self.assertEqual((exited["environment"], exited["pid"]), ("e1", pid))
        self.assertEqual(os.waitstatus_to_exitcode(exited["status"]), 0)
        self.assertGreater(exited["max_rss_kb"], 0)
        self.assertGreaterEqual(exited["cpu_seconds"], 0)

    def test_hard_exit_of_a_task_is_reported_with_its_status(self) -> None:
        environment, _ = self.fork()
        with open(os.devnull, "w") as null:
            attempt = make_attempt(self.write(DAG_FILE), "exit_hard")
            environment.send({"op": "run", "attempt": attempt}, null.fileno())
        self.assertIsNone(environment.receive())
        self.assertEqual(os.waitstatus_to_exitcode(self.zygote.expect("exited")["status"]), 7)

    def test_requests_in_one_burst_each_get_their_environment(self) -> None:
        names = [f"e{number}" for number in range(8)]
        pids = {self.fork(name=name)[1] for name in names}
        self.assertEqual(len(pids), len(names))

    def test_environment_inherits_nothing_but_its_socket(self) -> None:
        self.fork(name="other")
        environment, _ = self.fork()
        finished, _ = self.run_attempt(
            environment, make_attempt(self.write(DAG_FILE), "descriptors")
        )
        # Standard streams, the socket, the saved streams, and the listing itself.
        self.assertLessEqual(len(finished["xcoms"]["return_value"]), 7)

    def test_memory_limit_fails_the_task_but_not_the_environment(self) -> None:
        environment, _ = self.fork(memory_mb=256)
        file = self.write(DAG_FILE)
        finished, log = self.run_attempt(environment, make_attempt(file, "eat"))
        self.assertEqual(finished["state"], "failed")
        self.assertIn("memory limit", finished["reason"])
        self.assertIn("MemoryError", log)
        finished, _ = self.run_attempt(environment, make_attempt(file, "descriptors"))
        self.assertEqual(finished["state"], "success")

    def test_children_of_a_task_end_with_the_environment(self) -> None:
        environment, _ = self.fork()
        finished, _ = self.run_attempt(
            environment, make_attempt(self.write(DAG_FILE), "leave_child")
        )
        environment.close()
        self.zygote.expect("exited")
        wait_until_gone(finished["xcoms"]["return_value"])

    def test_everything_ends_with_the_worker(self) -> None:
        task_pid, child_pid = self._start_hanging_task()
        self.zygote.close()
        self.assertEqual(self.process.wait(30), 0)
        wait_until_gone(task_pid)
        wait_until_gone(child_pid)

    def test_environments_end_with_a_killed_zygote(self) -> None:
        task_pid, child_pid = self._start_hanging_task()
        self.addCleanup(os.kill, child_pid, signal.SIGKILL)
        self.process.kill()
        wait_until_gone(task_pid)

    def _start_hanging_task(self) -> tuple[int, int]:
        environment, pid = self.fork()
        reader, writer = os.pipe()
        with os.fdopen(reader) as log:
            attempt = make_attempt(self.write(DAG_FILE), "hang")
            environment.send({"op": "run", "attempt": attempt}, writer)
            os.close(writer)
            return pid, int(log.readline())


if __name__ == "__main__":
    unittest.main()
