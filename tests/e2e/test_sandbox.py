"""Tasks of queues that have a sandbox: what they see, and that they work as others do."""

import os
import unittest

from engine import EngineTest, wait_for


class SandboxTest(EngineTest):

    SETTINGS = {"worker:closed.sandbox": "bubblewrap"}

    def setUp(self):
        super().setUp()
        # The worker may be root, and a sandbox nobody.
        self.engine.root.chmod(0o755)
        self.engine.start()

    def test_commands_and_functions_work_and_see_nothing_of_beeflow(self):
        self.engine.cli("variables", "set", "wanted", "a value")
        self.engine.write_dag("boxed", f"""
            home = {str(self.engine.home)!r}
            bash = BashOperator(task_id="bash", queue="closed", bash_command=(
                f"ls {{home}}/beeflow.db {{home}}/logs 2>&1 | grep -c 'No such file'; "
                "touch here && ls && id -u"))
            templated = BashOperator(task_id="templated", queue="closed",
                                     bash_command="echo {{{{ var.value.wanted }}}} of {{{{ ds }}}}")

            @task(queue="closed")
            def python(**context):
                import os
                from airflow.models import Variable
                print("printed in the sandbox")
                seen = [os.path.exists(f"{{home}}/{{name}}") for name in ("beeflow.db", "logs")]
                return [Variable.get("wanted"), os.getuid(), *seen]

            [bash, templated] >> python()
        """)
        state, states = self.engine.complete("boxed")
        self.assertEqual(state, "success", states)
        user = os.getuid() or 65534
        self.assertEqual(self.engine.xcom("boxed", "r1", "bash"), str(user))
        lines = [line.split(" - ")[-1].split("] ")[-1]
                 for line in self.engine.log("boxed", "r1", "bash").splitlines()]
        self.assertIn("2", lines)  # files that are not there
        self.assertIn("here", lines)
        self.assertIn("a value of ", self.engine.xcom("boxed", "r1", "templated"))
        self.assertEqual(self.engine.xcom("boxed", "r1", "python"), ["a value", user, False, False])
        self.assertIn("printed in the sandbox", self.engine.log("boxed", "r1", "python"))

    def test_an_environment_is_warm_for_the_next_task_of_its_file(self):
        self.engine.write_dag("warm", """
            def nothing():
                pass

            PythonOperator(task_id="first", queue="closed", python_callable=nothing) >> \\
                PythonOperator(task_id="second", queue="closed", python_callable=nothing)
        """)
        self.engine.complete("warm")
        self.assertEqual(self.engine.rows(
            "SELECT task_id, start_type FROM attempt ORDER BY start_date"),
            [{"task_id": "first", "start_type": "cold"},
             {"task_id": "second", "start_type": "warm"}])

    def test_a_cancelled_function_cleans_up_and_leaves_no_process(self):
        self.engine.write_dag("ended", """
            class Cleans(PythonOperator):
                def on_kill(self):
                    print("cleaned up")

            def wait():
                import subprocess
                print("waits", flush=True)
                subprocess.run(["sleep", "1000"], start_new_session=True)

            Cleans(task_id="t", queue="closed", python_callable=wait)
        """)
        self.engine.trigger("ended", "r1")
        pid = self.engine.wait_task("ended", "r1", "t", "running")["pid"]
        wait_for(lambda: "waits" in self.engine.log("ended", "r1", "t"), "the function to wait",
                 self.engine)
        self.engine.edit("UPDATE task_instance SET state = 'failed' WHERE dag_id = 'ended'")
        self.engine.wait_gone(pid)
        self.engine.wait_no_process("sleep 1000")
        self.assertIn("cleaned up", self.engine.log("ended", "r1", "t"))


class NoSandboxTest(EngineTest):
    """A machine without bubblewrap."""

    SETTINGS = {"worker:closed.sandbox": "bubblewrap", "worker:tried.sandbox": "auto"}

    def test_what_must_have_a_sandbox_fails_and_the_rest_runs(self):
        programs = self.engine.scratch / "bin"
        programs.mkdir()
        for name in ("bash", "sh", "env", "rm", "true"):
            (programs / name).symlink_to(f"/usr/bin/{name}")
        self.engine.environment["PATH"] = str(programs)
        self.engine.write_dag("mixed", """
            for queue in ("closed", "tried", "default"):
                BashOperator(task_id=queue, queue=queue, bash_command="echo ran")
        """)
        self.engine.start()
        state, states = self.engine.complete("mixed")
        self.assertEqual(states, {"closed": "failed", "tried": "success", "default": "success"})
        log = self.engine.log("mixed", "r1", "closed")
        self.assertIn("[worker:closed]", log)
        self.assertIn("Install the package bubblewrap", log)
        self.assertIn("Not in a sandbox", self.engine.log("mixed", "r1", "tried"))


class MissingTest(EngineTest):
    """What the settings name and is not there is told at start-up, and by the tasks."""

    def test_a_path_that_a_sandbox_is_to_show(self):
        self.engine.set({"worker:closed.sandbox": "bubblewrap",
                         "worker:closed.sandbox_paths": "/nowhere/at/all:rw"})
        self.engine.root.chmod(0o755)
        self.engine.start()
        self.engine.wait_server_log("[worker:closed] sandbox_paths "
                                    "(environment variable "
                                    "BEEFLOW__WORKER:CLOSED__SANDBOX_PATHS) names "
                                    "/nowhere/at/all, which does not exist")
        self.engine.write_dag("lacking", """
            BashOperator(task_id="t", queue="closed", bash_command="true")
            @task(queue="closed")
            def python():
                pass
            python()
        """)
        self.engine.complete("lacking")
        for row in self.engine.json("tasks", "attempts", "lacking", "r1"):
            self.assertIn("is to show /nowhere/at/all, which does not exist", row["reason"])
            self.assertIn("[worker:closed]", row["reason"])

    def test_an_interpreter_that_is_not_there(self):
        self.engine.set({"worker.python": "/nowhere/python3"})
        self.engine.start()
        self.engine.wait_server_log("[worker] python (environment variable "
                                    "BEEFLOW__WORKER__PYTHON) names /nowhere/python3, "
                                    "which is no program")
        self.engine.write_dag("lacking", "EmptyOperator(task_id='t')")
        error = wait_for(lambda: self.engine.value("SELECT stacktrace FROM import_error"),
                         "the import error", self.engine)
        self.assertIn("/nowhere/python3", error)


if __name__ == "__main__":
    unittest.main()
