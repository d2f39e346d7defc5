"""The function runtime: what each attempt took, its limits, and why it ended."""

import csv
import os
import signal
import subprocess
import unittest
from pathlib import Path

from engine import Code, EngineTest, is_alive, wait_for


class AttemptsTest(EngineTest):

    def attempts(self, dag_id, run_id="r1"):
        rows = self.engine.json("tasks", "attempts", dag_id, run_id)
        return {row["task_id"]: row for row in rows}

    def test_cold_warm_and_direct_starts_can_be_told_apart_afterwards(self):
        self.engine.start()
        self.engine.write_dag("starts", """
            direct = BashOperator(task_id="direct", bash_command="exit 7")
            def nothing():
                pass
            cold = PythonOperator(task_id="cold", python_callable=nothing)
            warm = PythonOperator(task_id="warm", python_callable=nothing)
            cold >> warm
            EmptyOperator(task_id="no_attempt")
        """)
        self.engine.complete("starts")
        attempts = self.attempts("starts")
        self.assertEqual({task: row["start_type"] for task, row in attempts.items()},
                         {"direct": "direct", "cold": "cold", "warm": "warm"})
        self.assertEqual(attempts["cold"]["environment"], attempts["warm"]["environment"])
        direct = attempts["direct"]
        self.assertEqual((direct["state"], direct["exit_code"], direct["try_number"]),
                         ("failed", "7", "1"))
        self.assertIn("non-zero exit code 7", direct["reason"])
        for row in attempts.values():
            for column in ("queue_seconds", "start_seconds", "cpu_seconds", "memory_bytes"):
                self.assertGreaterEqual(float(row[column]), 0, (row, column))
        lines = self.engine.cli("export", "--to", str(self.engine.root / "out")).splitlines()
        path, = (line for line in lines if Path(line).stem == "attempt")
        with open(path, newline="", encoding="utf-8") as file:
            exported = {row["task_id"]: row["start_type"] for row in csv.DictReader(file)}
        self.assertEqual(exported, {"direct": "direct", "cold": "cold", "warm": "warm"})
        self.engine.edit("DELETE FROM dag_run")
        self.assertEqual(self.engine.rows("SELECT * FROM attempt"), [])

    def test_every_try_has_its_attempt(self):
        self.engine.start()
        self.engine.write_dag("tries", """
            BashOperator(task_id="t", bash_command="exit 1", retries=1,
                         retry_delay=timedelta(seconds=0))
        """)
        self.engine.complete("tries")
        rows = self.engine.json("tasks", "attempts", "tries", "r1")
        self.assertEqual([(row["try_number"], row["state"]) for row in rows],
                         [("1", "failed"), ("2", "failed")])

    # They were missing: their reports came when the task instance had gone on without them.
    def test_attempts_that_were_ended_from_outside_are_recorded(self):
        self.engine.start()
        self.engine.write_dag("marked", """
            BashOperator(task_id="t", bash_command="sleep 1000")
        """)
        self.engine.write_dag("late", """
            BashOperator(task_id="t", bash_command="sleep 1000")
        """, dagrun_timeout=Code("timedelta(seconds=0.2)"))
        self.engine.trigger("marked", "r1")
        self.engine.wait_task("marked", "r1", "t", "running")
        self.engine.edit("UPDATE task_instance SET state = 'success' WHERE dag_id = 'marked'")
        self.engine.complete("late")
        reasons = {"marked": "its task instance was changed to success",
                   "late": "its task instance was changed to skipped"}
        for dag_id, reason in reasons.items():
            row, = wait_for(lambda d=dag_id: self.engine.json("tasks", "attempts", d, "r1"),
                            f"the attempt of {dag_id}", self.engine)
            self.assertEqual((row["try_number"], row["state"]), ("1", "failed"))
            self.assertIn(reason, row["reason"])
            if dag_id == "marked":  # the other may have been ended before it began
                self.assertEqual(row["start_type"], "direct")
                self.assertGreater(float(row["memory_bytes"]), 0)


class LimitsTest(EngineTest):

    SETTINGS = {"worker.timeout_seconds": 600, "worker:short.timeout_seconds": 0.2,
                "worker:short.memory_mb": 64, "worker:small.memory_mb": 64}

    def test_limits_of_a_queue_and_of_a_task(self):
        self.engine.start()
        self.engine.write_dag("limits", """
            big = "python3 -c 'x = bytes(1) * (200 << 20)'"
            BashOperator(task_id="of_queue", bash_command=big, queue="small")
            BashOperator(task_id="of_task", bash_command=big, queue="small",
                         executor_config={"memory_mb": 1024})
            BashOperator(task_id="too_long", bash_command="sleep 1000", queue="short")
            BashOperator(task_id="foreign", bash_command="true",
                         executor_config={"KubernetesExecutor": {"image": "x"}})
            BashOperator(task_id="wrong", bash_command="true",
                         executor_config={"memory_mb": "lots"})
        """)
        _, states = self.engine.complete("limits")
        self.assertEqual(states, {"of_queue": "failed", "of_task": "success", "foreign": "success",
                                  "too_long": "failed", "wrong": "failed"})
        reasons = {row["task_id"]: row["reason"]
                   for row in self.engine.json("tasks", "attempts", "limits", "r1")}
        self.assertIn("limit of 64 MB, memory_mb; raise it by", reasons["of_queue"])
        self.assertIn("timeout_seconds = 0.2; raise it by", reasons["too_long"])
        self.assertIn('memory_mb is "lots"; write a number', reasons["wrong"])
        self.assertIn('memory_mb is "lots"; write a number',
                      self.engine.log("limits", "r1", "wrong"))
        self.assertIn("Ignored in executor_config, which is for other executors: "
                      "KubernetesExecutor", self.engine.log("limits", "r1", "foreign"))

    # The kernel kills the largest process; the task may go on without it.
    def test_a_process_that_was_killed_for_memory_is_told_of_whatever_came_of_it(self):
        self.engine.start()
        self.engine.write_dag("memory", """
            big = "python3 -c 'x = bytes(1) * (200 << 20)'"
            BashOperator(task_id="piped", bash_command=big + " | cat; echo went on",
                         queue="small")
            BashOperator(task_id="waits", bash_command=big + "; sleep 1000", queue="small",
                         executor_config={"timeout_seconds": 10})
            @task(queue="small")
            def calls():
                import subprocess
                return subprocess.call(big, shell=True)
            @task(queue="small")
            def is_innocent():
                pass
            calls() >> is_innocent()
        """)
        _, states = self.engine.complete("memory")
        self.assertEqual(states, {"piped": "success", "waits": "failed", "calls": "success",
                                  "is_innocent": "success"})
        if "control groups, version" not in self.engine.server_log.read_text():
            self.skipTest("without control groups nobody counts")
        reasons = {row["task_id"]: row["reason"]
                   for row in self.engine.json("tasks", "attempts", "memory", "r1")}
        killed = "The kernel has killed a process of the task: it reached its limit of 64 MB"
        self.assertIn(killed, reasons["piped"])
        self.assertIn(killed, self.engine.log("memory", "r1", "piped"))
        self.assertIn("timeout_seconds = 10", reasons["waits"])
        self.assertIn("Out of memory: it reached its limit of 64 MB", reasons["waits"])
        self.assertIn(killed, reasons["calls"])
        self.assertNotIn("kernel", reasons["is_innocent"])

    def test_settings_of_queues_are_listed_and_checked(self):
        listed = self.engine.cli("config", "list")
        self.assertIn("[worker:short]\nmemory_mb = 64\ntimeout_seconds = 0.2\n", listed)
        self.engine.set({"worker:short.memory_md": 1})
        done = self.engine.run("config", "list")
        self.assertEqual(done.returncode, 1)
        self.assertIn("did you mean", done.stderr)


class LongLogTest(EngineTest):

    SETTINGS = {"logging.attempt_log_mb_max": 1}

    def test_a_task_that_writes_without_end_keeps_its_first_and_last_lines(self):
        self.engine.start()
        gate = self.engine.gate("go")
        self.engine.write_dag("talker", f"""
            BashOperator(task_id="t", bash_command="{gate}; echo first; seq 1000000; "
                         "printf 'a\\\\377b\\\\n'; echo last")
        """)
        self.engine.trigger("talker", "r1")
        self.engine.wait_task("talker", "r1", "t", "running")
        follower = self.engine.popen("tasks", "logs", "talker", "t", "r1", "-f",
                                     stdout=subprocess.PIPE, text=True)
        self.engine.open_gate("go")
        self.engine.wait_run("talker", "r1")
        followed = follower.communicate(timeout=60)[0]
        log = self.engine.log("talker", "r1", "t")
        self.assertLessEqual(len(log), 1 << 20)
        for text in (log, followed):
            lines = [line.partition("] ")[2] for line in text.splitlines()]
            for line in ("first", "1", "1000000", "a\ufffdb", "last"):
                self.assertIn(line, lines)
        self.assertRegex(log, r"WARNING - +\d+ bytes were left out here; \[logging\] ")


class MaskTest(EngineTest):

    # Only what went through Python's own streams was masked.
    def test_secrets_are_masked_in_what_programs_of_a_python_task_print(self):
        self.engine.cli("connections", "add", "c", "--conn-uri", "http://me:top-secret@host:1")
        self.engine.environment["AIRFLOW_VAR_API_KEY"] = "in-the-environment"
        self.engine.start()
        self.engine.write_dag("masked", """
            from airflow.hooks.base import BaseHook

            @task
            def tell(first):
                import os, subprocess
                os.system("echo unread: $AIRFLOW_VAR_API_KEY")
                secret = BaseHook.get_connection("c").password
                print("1", secret, flush=True)
                os.system("echo 2 " + secret)
                os.write(1, f"3 {secret}\\n".encode())
                subprocess.run(["sh", "-c", f"echo 4 {secret} >&2"])
                print("5", secret)
            tell(1) >> tell(2)
        """)
        state, _ = self.engine.complete("masked")
        self.assertEqual(state, "success")
        for task_id in ("tell", "tell__1"):
            log = self.engine.log("masked", "r1", task_id)
            lines = [line.partition("] ")[2] for line in log.splitlines()]
            told = [line for line in lines if line.endswith("***")]
            self.assertEqual(told, ["unread: ***", *(f"{n} ***" for n in range(1, 6))], log)
            self.assertNotIn("top-secret", log)
            self.assertNotIn("in-the-environment", log)


class WorkerDeathTest(EngineTest):

    SETTINGS = {"worker.hang_timeout_seconds": 3}

    def test_a_worker_that_hangs_is_replaced_and_its_attempts_are_retried(self):
        self.engine.start()
        self.engine.write_dag("hang", """
            BashOperator(task_id="t", retries=1, retry_delay=timedelta(seconds=0),
                         bash_command="test $AIRFLOW_CTX_TRY_NUMBER = 2 || sleep 1000")
        """)
        self.engine.trigger("hang", "r1")
        self.engine.wait_task("hang", "r1", "t", "running")
        guard, worker = self.engine.workers()
        os.kill(worker, signal.SIGSTOP)
        self.assertEqual(self.engine.wait_run("hang", "r1"), "success")
        wait_for(lambda: not is_alive(guard), "the guard to end", self.engine)
        first, second = self.engine.json("tasks", "attempts", "hang", "r1")
        self.assertEqual((first["state"], second["state"]), ("failed", "success"))
        self.assertIn("the worker was lost: it did not answer for 3 s", first["reason"])
        self.assertTrue(first["start_date"])
        self.assertLess(first["start_date"], first["end_date"])


if __name__ == "__main__":
    unittest.main()
