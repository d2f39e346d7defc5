"""`@task.docker`: a function that runs in an image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from airflow.decorators._container import ContainerDecoratedOperator
from airflow.decorators.base import make_decorator
from airflow.providers.docker.operators.docker import DockerOperator


class _DockerDecoratedOperator(ContainerDecoratedOperator, DockerOperator):
    """Runs a decorated function in a container."""

    template_fields: Sequence[str] = ("op_args", "op_kwargs", *DockerOperator.template_fields)
    custom_operator_name = "@task.docker"


def docker_task(
    python_callable: Callable[..., Any] | None = None,
    multiple_outputs: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Turn a function into a task; keyword arguments are those of DockerOperator."""
    return make_decorator(_DockerDecoratedOperator, python_callable, multiple_outputs, kwargs)
