"""Tasks in real containers, of a root file system that is made of the machine's own programs."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import container_image
from engine import EngineTest, is_alive, wait_for


def containers():
    """The names of the containers of this program that any engine knows, running or not."""
    found = []
    for command in (["podman", "ps", "--all", "--filter", "label=beeflow.attempt", "--format",
                     "{{.Names}}"], ["runc", "list", "--quiet"], ["crun", "list", "--quiet"]):
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            found += [name for name in done.stdout.split() if name.startswith("beeflow-")]
    return found


class ContainerTest(EngineTest):
    SETTINGS = {"worker.cancel_grace_seconds": "2"}

    def setUp(self):
        if not container_image.engines():
            self.skipTest("no container engine works here")
        super().setUp()
        self.engine.set({"container.image": container_image.image(),
                         "container.engine": container_image.engines()[0]})
        self.addCleanup(self.remove_containers)
        self.engine.start()

    def remove_containers(self):
        """Ends the server and its worker first, and with them what a failed test has left."""
        for pid in self.engine.workers()[-1:]:
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not self.engine.workers(), "the guard to end", self.engine)

    def reason(self, task_id, run_id="r1"):
        """Why a task has failed, as people are told."""
        return self.engine.value("SELECT extra FROM log WHERE task_id = ? AND run_id = ? AND "
                                 "event = 'failed'", task_id, run_id)

    def mount(self):
        """The executor_config that shows a container the folder of the test."""
        scratch = str(self.engine.scratch)
        return {"mounts": [f"{scratch}:{scratch}"]}

    def hold(self, dag_id, command=None):
        """A run whose only task waits in its container, and the task's row."""
        command = command or f"echo before; {self.engine.gate('go')}; echo after"
        self.engine.write_dag(dag_id, f"""
            BashOperator(task_id="t", queue="container", bash_command={command!r},
                         executor_config={self.mount()!r})
        """)
        self.engine.trigger(dag_id, "r1")
        row = self.engine.wait_task(dag_id, "r1", "t", "running")
        wait_for(lambda: "before\n" in self.engine.log(dag_id, "r1", "t").partition("with ")[2],
                 "the container to write", self.engine)
        return row


    def check_recorded(self):
        """Runs tasks that need a known amount at least, and looks at what was recorded of them."""
        if os.getuid() != 0 or not list(Path("/sys/fs/cgroup").glob("**/memory.*"))[:1]:
            self.skipTest("nobody counts what a container takes")
        image = container_image.image()
        self.engine.write_dag("took", f"""
            from airflow.providers.beeflow.operators.container import ContainerOperator
            WORK = "x = bytes(1) * (40 << 20)\\nfor i in range(3_000_000): pass"
            BashOperator(task_id="bash", queue="container",
                         bash_command="sleep 0.3; python3 -c '" + WORK + "'")

            @task(queue="container")
            def python():
                exec(WORK)
            python()

            ContainerOperator(task_id="asked", image={image!r}, command=["python3", "-c", WORK],
                              on_success_callback=print)
        """)
        _, states = self.engine.complete("took")
        self.assertEqual(set(states.values()), {"success"}, states)
        for row in self.engine.json("tasks", "attempts", "took", "r1"):
            self.assertGreater(int(row["memory_bytes"]), 40 << 20, row)
            self.assertGreater(float(row["cpu_seconds"]), 0.01, row)
            self.assertGreater(float(row["start_seconds"]), 0, row)
        workers = self.engine.workers()[-1:]
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):  # it may end by itself
                os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not self.engine.workers(), "the worker to end", self.engine)
        left = [str(path) for pid in workers
                for path in Path("/sys/fs/cgroup").glob(f"**/beeflow-containers.{pid}.*")]
        self.assertEqual(left, [])


class QueueTest(ContainerTest):

    def test_bash_commands_run_in_the_image(self):
        self.engine.write_dag("bash", """
            def inside(name, command, **more):
                return BashOperator(task_id=name, bash_command=command, queue="container", **more)
            inside("where", "echo first; echo outside: /h*; ls /nowhere")
            inside("templated", "echo {{ run_id }} $A $AIRFLOW_CTX_TASK_ID", env={"A": "b c"})
            inside("skipped", "exit 99")
            inside("failed", "exit 3")
        """)
        state, states = self.engine.complete("bash")
        self.assertEqual(state, "failed")
        self.assertEqual(states, {"where": "failed", "templated": "success", "skipped": "skipped",
                                  "failed": "failed"})
        self.assertIn("first\n", self.engine.log("bash", "r1", "where"))
        self.assertIn("outside: /h*\n", self.engine.log("bash", "r1", "where"))
        self.assertEqual(self.engine.xcom("bash", "r1", "templated"), "r1 b c templated")
        self.assertIn("exit code 3", self.reason("failed"))
        self.assertEqual(containers(), [])

    def test_python_tasks_have_all_that_they_have_outside(self):
        self.engine.cli("variables", "set", "colour", "blue")
        self.engine.cli("connections", "add", "c1", "--conn-uri", "http://user:pw@host:80")
        self.engine.write_dag("python", """
            from airflow.hooks.base import BaseHook
            from airflow.models import Variable
            from airflow.sensors.time_delta import TimeDeltaSensorAsync

            default = {"queue": "container"}
            first = BashOperator(task_id="first", bash_command="echo 7")

            @task(queue="container", executor_config={"env": {"X": "x"}})
            def inside(value):
                import os
                print("folders", sorted(os.listdir("/")))
                return [int(value), os.environ["X"], Variable.get("colour"),
                        BaseHook.get_connection("c1").password]

            wait = TimeDeltaSensorAsync(task_id="wait", delta=timedelta(seconds=0),
                                        queue="container")
            inside(first.output) >> wait

            @task(queue="container")
            def refused():
                raise AirflowFailException("no")
            refused()
        """)
        state, states = self.engine.complete("python")
        self.assertEqual(states, {"first": "success", "inside": "success", "wait": "success",
                                  "refused": "failed"})
        self.assertEqual(self.engine.xcom("python", "r1", "inside"), [7, "x", "blue", "pw"])
        self.assertIn("'airflow'", self.engine.log("python", "r1", "inside"))
        self.assertEqual(containers(), [])

    def test_the_limits_hold(self):
        self.engine.write_dag("limits", """
            @task(queue="container", executor_config={"memory_mb": 80, "cpus": 0.5})
            def large():
                return len(bytearray(300 * 1024 * 1024))
            large()
        """)
        state, _ = self.engine.complete("limits")
        self.assertEqual(state, "failed")
        # Version 2 of control groups tells for certain, version 1 how much it was.
        self.assertRegex(self.reason("large"), r"reached its limit of 80 MB")

    def test_what_a_container_took_is_recorded(self):
        self.check_recorded()


class LifeTest(ContainerTest):

    def test_a_stopped_task_leaves_no_container(self):
        row = self.hold("stopped")
        self.assertIn("before\n", self.engine.log("stopped", "r1", "t"))
        self.engine.edit("UPDATE task_instance SET state = 'failed' WHERE dag_id = 'stopped'")
        self.engine.wait_gone(row["pid"])
        wait_for(lambda: not containers(), "the container to be removed", self.engine)

    def test_a_command_that_ignores_sigterm_is_killed(self):
        row = self.hold("stubborn", f"trap '' TERM; echo before; {self.engine.gate('go')}")
        self.engine.edit("UPDATE task_instance SET state = 'failed' WHERE dag_id = 'stubborn'")
        self.engine.wait_gone(row["pid"])
        wait_for(lambda: not containers(), "the container to be removed", self.engine)

    def test_a_removal_that_fails_is_tried_again(self):
        """Right after its engine was killed a container cannot be removed; it was left for ever."""
        name = container_image.engines()[0]
        folder = self.engine.scratch / "bin"
        folder.mkdir()
        refused = folder / "refused"
        wrapper = folder / name
        wrapper.write_text(f"""#!/bin/sh
case " $* " in *" rm "*|*" delete "*) mkdir {refused} 2>/dev/null && exit 1 ;; esac
exec {shutil.which(name)} "$@"
""")
        wrapper.chmod(0o755)
        self.engine.stop()
        self.engine.environment["PATH"] = f"{folder}:{os.environ['PATH']}"
        self.engine.set({"worker.keep_alive_seconds": "0"})
        wait_for(lambda: not self.engine.workers(), "the worker to end", self.engine)
        self.engine.start()
        row = self.hold("stubborn", f"trap '' TERM; echo before; {self.engine.gate('go')}")
        self.engine.edit("UPDATE task_instance SET state = 'failed' WHERE dag_id = 'stubborn'")
        self.engine.wait_gone(row["pid"])
        wait_for(lambda: not containers(), "the container to be removed", self.engine)
        self.assertTrue(refused.exists())

    def test_a_task_goes_on_while_the_server_is_away(self):
        row = self.hold("lives")
        self.engine.kill()
        self.assertTrue(is_alive(row["pid"]))
        self.engine.start()
        self.engine.open_gate("go")
        self.assertEqual(self.engine.wait_run("lives", "r1"), "success")
        self.assertEqual(self.engine.xcom("lives", "r1", "t"), "after")
        self.assertEqual(self.engine.task("lives", "r1", "t")["try_number"], 1)

    def test_nothing_is_left_of_a_killed_worker(self):
        row = self.hold("orphan")
        os.kill(self.engine.workers()[-1], signal.SIGKILL)
        self.assertEqual(self.engine.wait_run("orphan", "r1"), "failed")
        self.engine.wait_gone(row["pid"])
        wait_for(lambda: not containers(), "the container to be removed", self.engine)


class OperatorTest(ContainerTest):

    def test_operators_run_their_images_whatever_the_queue(self):
        image = container_image.image()
        self.engine.write_dag("operators", f"""
            from airflow.providers.beeflow.operators.container import ContainerOperator
            from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
            from airflow.providers.docker.operators.docker import DockerOperator

            IMAGE = {image!r}
            ContainerOperator(task_id="own", image=IMAGE, command=["bash", "-c", "echo 1; echo 2"],
                              xcom="all_lines")
            DockerOperator(task_id="docker", image=IMAGE, command="bash -c 'echo {{{{ ds }}}} $A'",
                           environment={{"A": "a"}}, private_environment={{"B": "b"}},
                           auto_remove="success")
            DockerOperator(task_id="skipped", image=IMAGE, command="bash -c 'exit 5'",
                           skip_on_exit_code=5)
            DockerOperator(task_id="file", image=IMAGE, retrieve_output=True,
                           retrieve_output_path="/tmp/out.json",
                           command=["bash", "-c", "echo '[1]' > /tmp/out.json"])
            KubernetesPodOperator(
                task_id="pod", image=IMAGE, name="n", namespace="space", cmds=["bash", "-c"],
                arguments=["echo '{{\\"a\\": 1}}' > /airflow/xcom/return.json"],
                do_xcom_push=True)
            ContainerOperator.partial(task_id="mapped", image=IMAGE).expand(
                command=[["bash", "-c", "echo m"]])

            def tell(context):
                print("called back", context["ti"].state)
            DockerOperator(task_id="watched", image=IMAGE, command="bash -c 'echo seen; exit 4'",
                           on_failure_callback=tell)

            @task.docker(image=IMAGE, python_command="python3")
            def decorated(a, b):
                return a + b
            decorated(1, b=2)
        """)
        _, states = self.engine.complete("operators")
        self.assertEqual(states, {
            "own": "success", "docker": "success", "skipped": "skipped", "file": "success",
            "pod": "success", "mapped": "success", "watched": "failed", "decorated": "success"})
        logical_date = self.engine.value("SELECT execution_date FROM dag_run")
        self.assertEqual(self.engine.xcom("operators", "r1", "own"), ["1", "2"])
        self.assertEqual(self.engine.xcom("operators", "r1", "docker"), f"{logical_date[:10]} a")
        self.assertEqual(self.engine.xcom("operators", "r1", "file"), [1])
        self.assertEqual(self.engine.xcom("operators", "r1", "pod"), {"a": 1})
        self.assertEqual(self.engine.xcom("operators", "r1", "decorated"), 3)
        watched = self.engine.log("operators", "r1", "watched")
        self.assertIn("seen", watched)
        self.assertIn("called back failed", watched)
        self.assertIn("space", self.engine.log("operators", "r1", "pod"))
        self.assertEqual(containers(), [])


class ErrorTest(ContainerTest):

    def test_errors_name_the_task_and_what_is_wrong(self):
        plain = container_image.image(python=False)
        self.engine.write_dag("wrong", f"""
            def bad(name, config):
                BashOperator(task_id=name, bash_command="true", queue="container",
                             executor_config=config)
            bad("no_image", {{"image": "/nowhere"}})
            bad("unknown", {{"imag": "x"}})
            bad("mount", {{"mounts": ["/nowhere:/x"]}})

            @task(queue="container", executor_config={{"image": {plain!r}}})
            def no_python():
                pass
            no_python()
        """)
        _, states = self.engine.complete("wrong")
        self.assertEqual(set(states.values()), {"failed"})
        self.assertIn("/nowhere is no folder", self.reason("no_image"))
        self.assertIn("wrong.unknown: imag is unknown", self.reason("unknown"))
        self.assertIn("the source /nowhere of the mount at /x", self.reason("mount"))
        self.assertIn("has no python3", self.reason("no_python"))
        self.assertEqual(containers(), [])


class RuntimeTest(ContainerTest):
    """The same with an OCI runtime alone, which knows no images but folders."""

    def setUp(self):
        runtimes = [name for name in container_image.engines() if name != "podman"]
        if not runtimes:
            self.skipTest("no OCI runtime works here")
        super().setUp()
        self.engine.stop()
        self.engine.set({"container.engine": runtimes[0], "worker.keep_alive_seconds": "0"})
        self.engine.start()

    def test_bash_and_python_run(self):
        self.engine.write_dag("runtime", """
            BashOperator(task_id="bash", bash_command="echo $HOME; exit 99", queue="container")

            @task(queue="container", executor_config={"cpus": 1, "memory_mb": 200})
            def python(run_id=None):
                return run_id
            python()
            BashOperator(task_id="name", bash_command="true", queue="container",
                         executor_config={"image": "registry.example/name:1"})
        """)
        _, states = self.engine.complete("runtime")
        self.assertEqual(states, {"bash": "skipped", "python": "success", "name": "failed"})
        self.assertEqual(self.engine.xcom("runtime", "r1", "python"), "r1")
        self.assertIn("install podman", self.reason("name"))
        self.assertEqual(containers(), [])

    def test_what_a_container_took_is_recorded(self):
        self.check_recorded()

    def test_a_stopped_task_leaves_no_container(self):
        row = self.hold("stopped")
        self.engine.edit("UPDATE task_instance SET state = 'failed' WHERE dag_id = 'stopped'")
        self.engine.wait_gone(row["pid"])
        wait_for(lambda: not containers(), "the container to be removed", self.engine)

    def test_nothing_is_left_of_a_killed_worker(self):
        self.hold("orphan")
        os.kill(self.engine.workers()[-1], signal.SIGKILL)
        self.assertEqual(self.engine.wait_run("orphan", "r1"), "failed")
        wait_for(lambda: not containers(), "the container to be removed", self.engine)


class NoEngineTest(EngineTest):

    def test_without_an_engine_only_containers_fail(self):
        folder = Path(tempfile.mkdtemp(prefix="beeflow-path-"))
        self.addCleanup(shutil.rmtree, folder)
        for name in ("bash", "sh", "python3", "rm"):
            (folder / name).symlink_to(shutil.which(name))
        self.engine.environment["PATH"] = str(folder)
        self.engine.write_dag("bare", """
            BashOperator(task_id="inside", bash_command="true", queue="container",
                         executor_config={"image": "x"})
            BashOperator(task_id="outside", bash_command="true")
        """)
        self.engine.start()
        _, states = self.engine.complete("bare")
        self.assertEqual(states, {"inside": "failed", "outside": "success"})
        told = [line for line in self.engine.server_log.read_text(encoding="utf-8").splitlines()
                if "no container engine" in line]
        self.assertEqual(len([line for line in told if "bare.inside is to run" in line]), 1, told)
        self.assertIn("install podman", self.engine.log("bare", "r1", "inside"))


if __name__ == "__main__":
    unittest.main()
