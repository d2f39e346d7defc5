"""DockerOperator: a task that runs an image."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from airflow.operators._container import (
    BaseContainerOperator,
    as_exit_codes,
    as_mib,
    as_variables,
    as_words,
    without_none,
)
from airflow.utils.user_warnings import warn_user

# Arguments that say how the daemon is reached, or what is done with the container afterwards: the
# engine of this machine runs it, and it is always removed.
_WITHOUT_EFFECT = frozenset(
    {
        "api_version",
        "auto_remove",
        "container_name",
        "docker_conn_id",
        "docker_url",
        "host_tmp_dir",
        "log_opts_max_file",
        "log_opts_max_size",
        "timeout",
        "tls_assert_hostname",
        "tls_ca_cert",
        "tls_client_cert",
        "tls_client_key",
        "tls_hostname",
        "tls_ssl_version",
        "tls_verify",
        "tty",
    }
)
_UNSUPPORTED = frozenset(
    {
        "cap_add",
        "device_requests",
        "dns",
        "dns_search",
        "extra_hosts",
        "ipc_mode",
        "port_bindings",
        "shm_size",
        "ulimits",
    }
)


class DockerOperator(BaseContainerOperator):
    """Run an image in a container, which is removed afterwards.

    :param image: name of the image. (templated)
    :param command: a list, or a text that is split as by a shell. (templated)
    :param environment: environment variables. (templated)
    :param private_environment: environment variables that no list of processes shows.
    :param env_file: text with a variable `NAME=value` on each line. (templated)
    :param entrypoint: a list, or a text that is split as by a shell.
    :param mounts: dicts, or objects of the package docker, with source, target, type, read_only.
    :param mount_tmp_dir: mount an empty folder at `tmp_dir`, in memory.
    :param mem_limit: bytes, or text such as `128m`.
    :param cpus: most cores that the container uses.
    :param network_mode: network, such as `host` or `none`.
    :param xcom_all: push all lines of the output, not only the last one.
    :param retrieve_output: push the JSON in the file `retrieve_output_path` of the container.
    :param skip_on_exit_code: exit codes that leave the task skipped.
    """

    template_fields: Sequence[str] = (
        "image",
        "command",
        "environment",
        "env_file",
        "container_name",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"environment": "json"}
    template_ext: Sequence[str] = (".sh", ".bash", ".env")
    ui_color = "#e3f0fb"

    def __init__(
        self,
        *,
        image: str,
        command: str | Sequence[str] | None = None,
        environment: Mapping[str, Any] | None = None,
        private_environment: Mapping[str, Any] | None = None,
        env_file: str | None = None,
        entrypoint: str | Sequence[str] | None = None,
        mounts: Sequence[Any] | None = None,
        mount_tmp_dir: bool = True,
        tmp_dir: str = "/tmp/airflow",
        mem_limit: float | str | None = None,
        cpus: float | None = None,
        user: str | int | None = None,
        network_mode: str | None = None,
        working_dir: str | None = None,
        hostname: str | None = None,
        privileged: bool = False,
        force_pull: bool = False,
        labels: Mapping[str, str] | Sequence[str] | None = None,
        xcom_all: bool = False,
        retrieve_output: bool = False,
        retrieve_output_path: str | None = None,
        skip_on_exit_code: int | Collection[int] | None = None,
        container_name: str | None = None,
        **kwargs: Any,
    ) -> None:
        unsupported = sorted(name for name in _UNSUPPORTED if kwargs.pop(name, None))
        for name in _WITHOUT_EFFECT:
            kwargs.pop(name, None)
        super().__init__(**kwargs)
        if unsupported:
            warn_user(f"task {self.task_id}: {', '.join(unsupported)} of DockerOperator: no effect")
        self.image = image
        self.command = command
        self.environment = environment
        self.private_environment = private_environment
        self.env_file = env_file
        self.entrypoint = entrypoint
        self.mounts = mounts or []
        self.mount_tmp_dir = mount_tmp_dir
        self.tmp_dir = tmp_dir
        self.mem_limit = mem_limit
        self.cpus = cpus
        self.user = user
        self.network_mode = network_mode
        self.working_dir = working_dir
        self.hostname = hostname
        self.privileged = privileged
        self.force_pull = force_pull
        self.labels = labels
        self.xcom_all = xcom_all
        self.retrieve_output = retrieve_output
        self.retrieve_output_path = retrieve_output_path
        self.skip_on_exit_code = skip_on_exit_code
        self.container_name = container_name

    def container_plan(self) -> dict[str, Any]:
        env = {**_read_env_file(self.env_file), **as_variables(self.environment, "environment")}
        mounts = [_as_mount(mount) for mount in self.mounts]
        if self.mount_tmp_dir:
            env.setdefault("AIRFLOW_TMP_DIR", self.tmp_dir)
            mounts.append({"type": "tmpfs", "target": self.tmp_dir})
        file = self.retrieve_output_path if self.retrieve_output else None
        return without_none(
            {
                "image": self.image,
                "command": as_words(self.command, "command"),
                "entrypoint": as_words(self.entrypoint, "entrypoint"),
                "env": env,
                "private_env": as_variables(self.private_environment, "private_environment"),
                "mounts": mounts,
                "cpus": self.cpus,
                "memory_mb": as_mib(self.mem_limit, "mem_limit"),
                "user": None if self.user is None else str(self.user),
                "network": self.network_mode,
                "workdir": self.working_dir,
                "hostname": self.hostname,
                "privileged": self.privileged or None,
                "pull": "always" if self.force_pull else None,
                "labels": _as_labels(self.labels),
                "output": "file" if file else "all_lines" if self.xcom_all else "last_line",
                "result_path": file,
                "skip_exit_codes": as_exit_codes(self.skip_on_exit_code),
            }
        )


def _read_env_file(text: str | None) -> dict[str, str]:
    lines = [line.strip() for line in (text or "").splitlines()]
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, sign, value in pairs if sign}


def _as_mount(mount: Any) -> Any:
    """Return a mount of the plan; the package docker writes the names with capitals."""
    if not isinstance(mount, Mapping):
        return mount
    fields = {str(key).lower().replace("_", ""): value for key, value in mount.items()}
    return without_none(
        {
            "type": fields.get("type", "volume"),
            "source": fields.get("source"),
            "target": fields.get("target"),
            "read_only": bool(fields.get("readonly")) or None,
        }
    )


def _as_labels(labels: Any) -> dict[str, str]:
    if isinstance(labels, Mapping):
        return as_variables(labels, "labels")
    return {str(label).partition("=")[0]: str(label).partition("=")[2] for label in labels or ()}
