"""KubernetesPodOperator: a task that runs an image, here without a cluster."""

from __future__ import annotations

import os
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

_XCOM_FOLDER = "/airflow/xcom"
_PULL = {"Always": "always", "IfNotPresent": "missing", "Never": "never"}
# They concern a cluster or its pods, of which there are none.
_WITHOUT_EFFECT = frozenset(
    {
        "affinity",
        "annotations",
        "base_container_name",
        "base_container_status_polling_interval",
        "cluster_context",
        "config_file",
        "container_logs",
        "deferrable",
        "dnspolicy",
        "get_logs",
        "image_pull_secrets",
        "in_cluster",
        "init_container_logs",
        "is_delete_operator_pod",
        "kubernetes_conn_id",
        "log_events_on_failure",
        "log_pod_spec_on_failure",
        "logging_interval",
        "node_selector",
        "node_selectors",
        "on_finish_action",
        "poll_interval",
        "priority_class_name",
        "random_name_suffix",
        "reattach_on_restart",
        "schedulername",
        "service_account_name",
        "startup_check_interval_seconds",
        "startup_timeout_seconds",
        "termination_grace_period",
        "tolerations",
        "trigger_kwargs",
    }
)
_UNSUPPORTED = frozenset(
    {
        "callbacks",
        "configmaps",
        "container_security_context",
        "env_from",
        "full_pod_spec",
        "host_aliases",
        "init_containers",
        "pod_runtime_info_envs",
        "pod_template_dict",
        "pod_template_file",
        "ports",
        "secrets",
    }
)


class KubernetesPodOperator(BaseContainerOperator):
    """Run the main container of a pod in the container engine of this machine.

    :param image: name of the image. (templated)
    :param cmds: entry point; the image's own unless given. (templated)
    :param arguments: arguments of the entry point. (templated)
    :param env_vars: a dict, or a list of objects with a name and a value. (templated)
    :param container_resources: `requests` and `limits`; the limits count. (templated)
    :param volumes: those with a host path or an empty folder are mounted. (templated)
    :param volume_mounts: where they are mounted. (templated)
    :param labels: labels of the container. (templated)
    :param do_xcom_push: push the JSON in /airflow/xcom/return.json.
    :param name: accepted, as is `namespace`; there is no cluster.
    :param skip_on_exit_code: exit codes that leave the task skipped.
    """

    template_fields: Sequence[str] = (
        "image",
        "cmds",
        "arguments",
        "env_vars",
        "labels",
        "namespace",
        "container_resources",
        "volumes",
        "volume_mounts",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"env_vars": "py"}
    ui_color = "#dbe7fd"

    def __init__(
        self,
        *,
        image: str,
        name: str | None = None,
        namespace: str | None = None,
        cmds: Sequence[str] | str | None = None,
        arguments: Sequence[str] | str | None = None,
        env_vars: Any = None,
        container_resources: Any = None,
        resources: Any = None,
        volumes: Sequence[Any] | None = None,
        volume_mounts: Sequence[Any] | None = None,
        labels: Mapping[str, str] | None = None,
        image_pull_policy: str | None = None,
        hostnetwork: bool = False,
        security_context: Any = None,
        skip_on_exit_code: int | Collection[int] | None = None,
        do_xcom_push: bool = False,
        **kwargs: Any,
    ) -> None:
        self.ignored = sorted(name for name in _UNSUPPORTED if kwargs.pop(name, None))
        for unused in _WITHOUT_EFFECT | {"hostname", "subdomain"}:
            kwargs.pop(unused, None)
        super().__init__(do_xcom_push=do_xcom_push, **kwargs)
        self.image = image
        self.name = name
        self.namespace = namespace
        self.cmds = cmds
        self.arguments = arguments
        self.env_vars = env_vars
        self.container_resources = container_resources or resources
        self.volumes = volumes
        self.volume_mounts = volume_mounts
        self.labels = labels
        self.image_pull_policy = image_pull_policy
        self.hostnetwork = hostnetwork
        self.security_context = security_context
        self.skip_on_exit_code = skip_on_exit_code

    def container_plan(self) -> dict[str, Any]:
        cpus, memory_mb = _read_limits(self.container_resources)
        context = _fields(self.security_context)
        user = context.get("run_as_user")
        return without_none(
            {
                "image": self.image,
                "entrypoint": _as_list(self.cmds, "cmds"),
                "command": _as_list(self.arguments, "arguments"),
                "env": _read_env_vars(self.env_vars),
                "mounts": self._mounts(),
                "cpus": cpus,
                "memory_mb": memory_mb,
                "user": None if user is None else str(user),
                "network": "host" if self.hostnetwork else None,
                "pull": _PULL.get(self.image_pull_policy or "", None),
                "labels": as_variables(self.labels, "labels"),
                "note": self._note(),
                "output": "file" if self.do_xcom_push else "none",
                "result_path": f"{_XCOM_FOLDER}/return.json" if self.do_xcom_push else None,
                "result_mount": _XCOM_FOLDER if self.do_xcom_push else None,
                "skip_exit_codes": as_exit_codes(self.skip_on_exit_code),
            }
        )

    def _note(self) -> str:
        note = "There is no cluster: the container engine of this machine runs the image"
        if self.namespace:
            note += f", and the namespace {self.namespace} has no effect"
        if self.ignored:
            note += f"; these arguments have none either: {', '.join(self.ignored)}"
        return note + "."

    def _mounts(self) -> list[dict[str, Any]]:
        volumes = {fields["name"]: fields for fields in map(_fields, self.volumes or ())}
        mounts = []
        for mount in map(_fields, self.volume_mounts or ()):
            volume = volumes.get(mount.get("name"), {})
            place = {"target": mount.get("mount_path"), "read_only": bool(mount.get("read_only"))}
            host_path = _fields(volume.get("host_path"))
            if host_path:
                source = os.path.join(*filter(None, (host_path["path"], mount.get("sub_path"))))
                mounts.append({"type": "bind", "source": source, **place})
            else:
                # An empty folder; and what only a cluster has is empty here.
                mounts.append({"type": "tmpfs", **place})
        return mounts


def _as_list(words: Any, name: str) -> list[str] | None:
    if isinstance(words, str) and not words.strip().startswith("["):
        return [words]
    return as_words(words, name)


def _fields(value: Any) -> dict[str, Any]:
    """Return the fields of a dict, or of an object of the package kubernetes, in snake_case."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        value = value.to_dict() if hasattr(value, "to_dict") else vars(value)
    return {_snake_case(str(key)): item for key, item in value.items()}


def _snake_case(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def _read_env_vars(variables: Any) -> dict[str, str]:
    if isinstance(variables, Mapping):
        return as_variables(variables, "env_vars")
    listed = [_fields(variable) for variable in variables or ()]
    return {fields["name"]: str(fields.get("value") or "") for fields in listed}


def _read_limits(resources: Any) -> tuple[float | None, float | None]:
    fields = _fields(resources)
    limits = dict(fields.get("limits") or {})
    # The names that they had before Airflow 2.
    for name in ("cpu", "memory"):
        limits.setdefault(name, fields.get(f"limit_{name}"))
    cpu = limits.get("cpu")
    text = "" if cpu is None else str(cpu)
    if text.endswith("m"):
        cores: float | None = float(text[:-1]) / 1000
    else:
        cores = float(text) if text else None
    return cores, as_mib(limits.get("memory"), "the memory limit")
