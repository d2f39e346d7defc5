"""ContainerOperator: a task that runs an image."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from airflow.operators._container import (
    BaseContainerOperator,
    as_exit_codes,
    as_variables,
    as_words,
    without_none,
)


class ContainerOperator(BaseContainerOperator):
    """Run an image in a container.

    :param image: name of the image, or the absolute path of a root file system. (templated)
    :param command: arguments of the entry point; the image's own unless given. (templated)
    :param entrypoint: program to run; the image's own unless given. (templated)
    :param env: environment variables. (templated)
    :param private_env: environment variables that no list of processes shows. (templated)
    :param mounts: `SOURCE:TARGET[:ro]`, or a dict with `source`, `target`, `type` (bind, volume or
        tmpfs) and `read_only`. (templated)
    :param cpus: most cores that it uses.
    :param memory_mb: most memory, in MiB.
    :param user: user, or user:group.
    :param network: network, such as `host` or `none`.
    :param workdir: working directory. (templated)
    :param hostname: host name.
    :param pull: when to pull the image: always, missing, never or newer.
    :param privileged: with all rights of the host.
    :param labels: labels of the container.
    :param xcom: what is pushed as XCom: `last_line` of the output, `all_lines`, or `none`.
    :param result_path: file of the container whose JSON is pushed instead.
    :param skip_on_exit_code: exit codes that leave the task skipped.
    """

    template_fields: Sequence[str] = (
        "image",
        "command",
        "entrypoint",
        "env",
        "private_env",
        "mounts",
        "workdir",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"env": "json"}
    ui_color = "#d9e8f5"

    def __init__(
        self,
        *,
        image: str,
        command: str | Sequence[str] | None = None,
        entrypoint: str | Sequence[str] | None = None,
        env: Mapping[str, str] | None = None,
        private_env: Mapping[str, str] | None = None,
        mounts: Sequence[str | Mapping[str, Any]] | None = None,
        cpus: float | None = None,
        memory_mb: float | None = None,
        user: str | None = None,
        network: str | None = None,
        workdir: str | None = None,
        hostname: str | None = None,
        pull: str | None = None,
        privileged: bool = False,
        labels: Mapping[str, str] | None = None,
        xcom: str = "last_line",
        result_path: str | None = None,
        skip_on_exit_code: int | Collection[int] | None = 99,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.image = image
        self.command = command
        self.entrypoint = entrypoint
        self.env = env
        self.private_env = private_env
        self.mounts = mounts
        self.cpus = cpus
        self.memory_mb = memory_mb
        self.user = user
        self.network = network
        self.workdir = workdir
        self.hostname = hostname
        self.pull = pull
        self.privileged = privileged
        self.labels = labels
        self.xcom = xcom
        self.result_path = result_path
        self.skip_on_exit_code = skip_on_exit_code

    def container_plan(self) -> dict[str, Any]:
        return without_none(
            {
                "image": self.image,
                "command": as_words(self.command, "command"),
                "entrypoint": as_words(self.entrypoint, "entrypoint"),
                "env": as_variables(self.env, "env"),
                "private_env": as_variables(self.private_env, "private_env"),
                "mounts": list(self.mounts or ()),
                "cpus": self.cpus,
                "memory_mb": self.memory_mb,
                "user": self.user,
                "network": self.network,
                "workdir": self.workdir,
                "hostname": self.hostname,
                "pull": self.pull,
                "privileged": self.privileged or None,
                "labels": as_variables(self.labels, "labels"),
                "output": "file" if self.result_path else self.xcom,
                "result_path": self.result_path,
                "skip_exit_codes": as_exit_codes(self.skip_on_exit_code),
            }
        )
