"""Operators that run an image: how their tasks are serialized, and rendered."""

from __future__ import annotations

import types
import unittest
import unittest.mock
from typing import Any

from harness import FolderTest, ZygoteTest, make_attempt

HEADER = """
from airflow import DAG
from airflow.decorators import task
from airflow.operators.bash import BashOperator
from airflow.providers.beeflow.operators.container import ContainerOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.docker.operators.docker import DockerOperator

class Thing:
    def __init__(self, **fields):
        vars(self).update(fields)

with DAG("d", schedule=None) as dag:
"""


class PlanTest(FolderTest):
    def task_of(self, body: str) -> dict[str, Any]:
        lines = "".join(f"    {line.strip()}\n" for line in body.strip().splitlines())
        return self.parse_dag(HEADER + lines)["tasks"][0]

    def plan_of(self, body: str) -> dict[str, Any]:
        return self.task_of(body).get("run", {"kind": "python"})

    def error_of(self, body: str) -> str:
        error = self.parse(HEADER + f"    {body}\n")["error"]
        self.assertIsNotNone(error)
        return error["message"]

    def test_container_operator(self) -> None:
        plan = self.plan_of(
            """ContainerOperator(task_id="t", image="i:1", command="echo 'a b'", cpus=2,
            memory_mb=64, env={"A": "b"}, private_env={"P": "p"}, mounts=["/a:/b:ro"], user="1",
            network="none", workdir="/w", pull="never", labels={"l": "v"}, xcom="all_lines",
            entrypoint=["/e"], hostname="h", privileged=True, skip_on_exit_code=[3, 1])"""
        )
        self.assertEqual(
            plan,
            {
                "kind": "container",
                "image": "i:1",
                "command": ["echo", "a b"],
                "entrypoint": ["/e"],
                "env": {"A": "b"},
                "private_env": {"P": "p"},
                "mounts": ["/a:/b:ro"],
                "cpus": 2,
                "memory_mb": 64,
                "user": "1",
                "network": "none",
                "workdir": "/w",
                "hostname": "h",
                "pull": "never",
                "privileged": True,
                "labels": {"l": "v"},
                "output": "all_lines",
                "skip_exit_codes": [1, 3],
            },
        )

    def test_docker_operator(self) -> None:
        plan = self.plan_of(
            """DockerOperator(task_id="t", image="i:1", command="['a', 'b c']", auto_remove="force",
            environment={"A": 1}, env_file="B=2\\n#C=3", mem_limit="128m", docker_url="tcp://x",
            mounts=[{"Target": "/t", "Source": "/s", "Type": "bind", "ReadOnly": True}],
            mount_tmp_dir=False, force_pull=True, network_mode="host", skip_on_exit_code=7)"""
        )
        self.assertEqual(
            plan,
            {
                "kind": "container",
                "image": "i:1",
                "command": ["a", "b c"],
                "env": {"B": "2", "A": "1"},
                "mounts": [{"type": "bind", "source": "/s", "target": "/t", "read_only": True}],
                "memory_mb": 128,
                "network": "host",
                "pull": "always",
                "output": "last_line",
                "skip_exit_codes": [7],
            },
        )

    def test_kubernetes_pod_operator(self) -> None:
        from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

        thing = types.SimpleNamespace
        operator = KubernetesPodOperator(
            task_id="t",
            image="i:1",
            name="n",
            namespace="s",
            cmds=["sh", "-c"],
            arguments=["echo"],
            labels={"a": "b"},
            get_logs=True,
            env_vars=[thing(name="A", value="b"), {"name": "C", "value": "d"}],
            container_resources=thing(
                requests={"cpu": "1"}, limits={"cpu": "250m", "memory": "1Gi"}
            ),
            volumes=[thing(name="v", host_path=thing(path="/h"))],
            volume_mounts=[
                {"name": "v", "mountPath": "/m", "readOnly": True},
                {"name": "v", "mountPath": "/n", "subPath": "below"},
                {"name": "other", "mountPath": "/o"},
            ],
            image_pull_policy="Always",
            startup_timeout_seconds=1,
            is_delete_operator_pod=True,
            secrets=["x"],
            do_xcom_push=True,
        )
        plan = operator.container_plan()
        self.assertIn("namespace s has no effect", plan["note"])
        self.assertIn("secrets", plan.pop("note"))
        self.assertEqual(
            plan,
            {
                "image": "i:1",
                "entrypoint": ["sh", "-c"],
                "command": ["echo"],
                "env": {"A": "b", "C": "d"},
                "mounts": [
                    {"type": "bind", "source": "/h", "target": "/m", "read_only": True},
                    {"type": "bind", "source": "/h/below", "target": "/n", "read_only": False},
                    {"type": "tmpfs", "target": "/o", "read_only": False},
                ],
                "cpus": 0.25,
                "memory_mb": 1024,
                "pull": "always",
                "labels": {"a": "b"},
                "output": "file",
                "result_path": "/airflow/xcom/return.json",
                "result_mount": "/airflow/xcom",
            },
        )

    def test_former_paths_lead_to_the_same_classes(self) -> None:
        from airflow.contrib.operators import kubernetes_pod_operator
        from airflow.operators import docker_operator
        from airflow.providers.cncf.kubernetes.operators import kubernetes_pod, pod
        from airflow.providers.docker.operators import docker

        self.assertIs(kubernetes_pod.KubernetesPodOperator, pod.KubernetesPodOperator)
        self.assertIs(kubernetes_pod_operator.KubernetesPodOperator, pod.KubernetesPodOperator)
        self.assertIs(docker_operator.DockerOperator, docker.DockerOperator)

    def test_templates_and_maps_are_rendered_first(self) -> None:
        kind = {"kind": "container_template"}
        for body in (
            'DockerOperator(task_id="t", image="i", command="echo {{ ds }}")',
            'ContainerOperator(task_id="t", image="i", command=["echo", "{{ ds }}"])',
            'ContainerOperator.partial(task_id="t", image="i").expand(command=[["a"], ["b"]])',
        ):
            self.assertEqual(self.plan_of(body), kind, body)

    def test_callbacks_and_derived_classes_need_python(self) -> None:
        for body in (
            'DockerOperator(task_id="t", image="i", on_failure_callback=print)',
            'type("Own", (DockerOperator,), {"execute": print})(task_id="t", image="i")',
        ):
            self.assertEqual(self.plan_of(body), {"kind": "python"}, body)

    def test_a_derived_class_with_other_defaults_does_not(self) -> None:
        body = 'type("Own", (DockerOperator,), {"ui_color": "#000"})(task_id="t", image="i")'
        self.assertEqual(self.plan_of(body)["kind"], "container")

    def test_errors_name_the_task(self) -> None:
        message = self.error_of('DockerOperator(task_id="t", image="i", mem_limit="much")')
        self.assertIn("task d.t: mem_limit is no amount of memory: 'much'", message)

    def test_executor_config_is_serialized_as_far_as_it_is_json(self) -> None:
        fields = self.task_of(
            """BashOperator(task_id="t", bash_command="true", queue="container",
            executor_config={"image": "i", "cpus": 1.5, "pod_override": Thing()})"""
        )
        self.assertEqual(
            fields["executor_config"], {"image": "i", "cpus": 1.5, "pod_override": None}
        )


class DecoratorTest(FolderTest):
    def test_a_function_of_task_docker_is_a_program_of_its_own(self) -> None:
        dag = self.parse_dag(
            HEADER
            + """
    @task.docker(image="python:3", mount_tmp_dir=False)
    def add(a, b):
        return {"sum": a + b}
    add(1, b=2)
"""
        )
        plan = dag["tasks"][0]["run"]
        self.assertEqual(plan["entrypoint"], ["python3"])
        self.assertEqual(plan["output"], "file")
        program = plan["command"][1].replace(plan["result_path"], str(self.folder / "result"))
        with unittest.mock.patch.dict("os.environ", plan["env"]):
            exec(program, {})
        self.assertEqual((self.folder / "result").read_text(encoding="utf-8"), '{"sum": 3}')


class AttemptTest(ZygoteTest):
    SOURCE = (
        HEADER
        + """
    ContainerOperator(task_id="rendered", image="i", command=["{{ ds }}", "{{ run_id[:6] }}"])
    DockerOperator(task_id="called", image="i", command="x", on_failure_callback=print,
                   skip_on_exit_code=5, mount_tmp_dir=False)
"""
    )

    def test_templates_are_rendered_into_the_plan(self) -> None:
        peer = self.fork().peer
        peer.send({"op": "render", "attempt": make_attempt(self.write(self.SOURCE), "rendered")})
        plan = peer.expect("rendered")["run"]
        self.assertEqual(plan["kind"], "container")
        self.assertEqual(plan["command"], ["2024-01-31", "manual"])

    def test_python_asks_for_the_container(self) -> None:
        asked = []

        def finish(code: int) -> dict[str, Any]:
            def answer(method: str, params: dict[str, Any]) -> Any:
                asked.append((method, params["plan"]))
                return {"exit_code": code, "value": "v"}

            attempt = make_attempt(self.write(self.SOURCE), "called")
            return self.run_attempt(self.fork(), attempt, answer)[0]

        self.assertEqual(finish(0)["xcoms"], {"return_value": "v"})
        self.assertEqual(finish(5)["state"], "skipped")
        failed = finish(3)
        self.assertEqual(failed["state"], "failed")
        self.assertIn("non-zero exit code 3", failed["reason"])
        self.assertEqual(asked[0][0], "container_run")
        self.assertEqual(asked[0][1]["command"], ["x"])


if __name__ == "__main__":
    unittest.main()
